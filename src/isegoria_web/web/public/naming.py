"""Whose name stands in public: nobody's without her wish, and nobody's at all where the rule book says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language

from isegoria_web.institutions.algorithms import rule_book_of, sentences_of
from isegoria_web.membership.algorithms import names_withheld
from isegoria_web.membership.models import Term


@dataclass(frozen=True)
class Withheld:
    """A rule by which no name is shown: what it says, and its id with its version."""

    sentence: str
    rule: str


def withhold_names(terms: Iterable[Term]) -> list[Withheld]:
    """Take the names out of terms that are about to be shown, where the rule book of their cycle wants none in public.

    Returns each such rule once. The terms need their member's cycle with body and rule book, and are not to be saved.
    """
    found: dict[str, Withheld] = {}
    for term in terms:
        cycle = term.member.cycle
        ground = names_withheld(cycle.rule_book, cycle.body.key)
        if ground is None:
            continue
        term.member.public_name = ""
        rule, dated = ground
        if dated not in found:
            said = dict(sentences_of(rule_book_of(cycle.rule_book), get_language() or "en"))
            found[dated] = Withheld(said[rule], dated)
    return list(found.values())
