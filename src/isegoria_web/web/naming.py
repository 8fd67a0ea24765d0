"""What stands in public in the place of a name, and by which rule. Who is named is decided in `membership.naming` alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from isegoria_web.institutions.algorithms import rule_book_of, sentences_of
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.algorithms import names_ground, names_withheld
from isegoria_web.membership.models import Term
from isegoria_web.membership.naming import names_in_public
from isegoria_web.web.grounds import ground_in_words


@dataclass(frozen=True)
class NameRule:
    """What the rule book of a cycle says of names in public: in words, and its id with its version."""

    sentence: str
    rule: str
    allows: bool
    """Whether a member can be named who wishes it; also where the statute is silent."""


def name_rule(cycle: Cycle) -> NameRule:
    """Return what holds for names of the members of a cycle; it needs its body and rule book."""
    version, body = cycle.rule_book, cycle.body.key
    said = dict(sentences_of(rule_book_of(version), get_language() or "en"))
    silent = _(
        "The rule book is silent on names in public. Then the wish of the member counts: nobody is named without it."
    )
    return NameRule(
        said.get(f"bodies.{body}.public_names", silent),
        ground_in_words(names_ground(version, body)),
        names_withheld(version, body) is None,
    )


def named(terms: Sequence[Term]) -> list[tuple[Term, str]]:
    """Return each term with the name of its member as the public may read it, empty where she is a number.

    The terms need their member's cycle with body and rule book.
    """
    names = names_in_public(term.member for term in terms)
    return [(term, names.get(term.member_id, "")) for term in terms]


def rules_of_names(terms: Iterable[Term]) -> list[NameRule]:
    """Return, each once, the rules by which members of these terms are named or are not."""
    cycles = {term.member.cycle_id: term.member.cycle for term in terms}
    return list({rule.rule: rule for rule in map(name_rule, cycles.values())}.values())
