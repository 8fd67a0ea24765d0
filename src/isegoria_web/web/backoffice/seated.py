"""How the office reads who sits at a table: citizens by number, who is appointed by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings.people import Sign, sign_of
from isegoria_web.membership.models import Appointee


def names_of_appointees(cycle: Cycle) -> dict[Sign, str]:
    """Return the names of those who hold or held a seat that is not drawn, as plans name them."""
    return {sign_of(one): one.name for one in Appointee.objects.filter(cycle=cycle)}


def in_words(who: Sign, names: Mapping[Sign, str]) -> str:
    """Return the number of a citizen, or the name of who is appointed."""
    return names.get(who, str(who))


def tables_in_words(
    cycle: Cycle, seating: Iterable[Iterable[Iterable[Sign]]] | None
) -> list[list[list[str]]]:
    """Return the rounds of a plan that was found, with numbers and names."""
    names = names_of_appointees(cycle)
    return [[[in_words(who, names) for who in table] for table in each] for each in seating or []]
