"""Who cannot be drawn: former members during the waiting time, who still sits, who sat as often as anybody may.

For a body that is drawn among the members of another one: whoever has not sat there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from django.db.models import QuerySet

from isegoria_web import clock
from isegoria_web.institutions.algorithms import drawn_among
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.algorithms import (
    is_remembered,
    kept_until,
    most_terms,
    waiting_time,
    waits_until,
)
from isegoria_web.membership.enums import HOLDING
from isegoria_web.membership.models import Member, Term

SITS = "sits in this body"


def barred(cycle: Cycle, pseudonyms: Collection[str]) -> dict[str, str]:
    """Return which of some residents cannot be drawn for a cycle, each with the rule that says so.

    Parameters
    ----------
    pseudonyms
        Of the register, as kept with a member when her seat was offered. The empty one stands for people of whom it is
        erased: nobody can tell whether they sat, so that every rule that asks for it keeps them out.
    """
    today = clock.today(cycle.institution.time_zone)
    terms = (
        Term.objects.held()
        .filter(
            member__pseudonym__in=[each for each in pseudonyms if each],
            member__cycle__institution=cycle.institution,
        )
        .exclude(member__cycle=cycle)
    )
    found: dict[str, str] = {}
    for term in terms.select_related("member__cycle__body"):
        body = term.member.cycle.body
        if body.pk == cycle.body_id and (term.ends_on is None or today < term.ends_on):
            found.setdefault(term.member.pseudonym, SITS)
        rule = waiting_time(cycle.rule_book, body.key)
        if rule is None:
            continue
        months, everywhere, name = rule
        concerned = everywhere or body.pk == cycle.body_id
        if concerned and (term.ends_on is None or today < waits_until(term.ends_on, months)):
            found[term.member.pseudonym] = name
    return found | _too_often(cycle, terms, pseudonyms) | _from_outside(cycle, pseudonyms)


def _too_often(cycle: Cycle, terms: QuerySet[Term], pseudonyms: Collection[str]) -> dict[str, str]:
    """Return who has sat in the body of a cycle as often as one person may, with the rule."""
    limit = most_terms(cycle.rule_book, cycle.body.key)
    if limit is None:
        return {}
    most, rule = limit
    sat = Counter(terms.filter(seat__body=cycle.body_id).values_list("member__pseudonym", flat=True))
    unknown = {"": rule} if "" in pseudonyms else {}
    return unknown | {pseudonym: rule for pseudonym, count in sat.items() if count >= most}


def _from_outside(cycle: Cycle, pseudonyms: Collection[str]) -> dict[str, str]:
    """Return, for a body that is drawn among the members of another one, who has not sat there, with the rule."""
    found = drawn_among(cycle.rule_book, cycle.body.key)
    if found is None:
        return {}
    today = clock.today(cycle.institution.time_zone)
    sat = Term.objects.held().filter(
        member__pseudonym__in=[each for each in pseudonyms if each], starts_on__lte=today,
        seat__body__institution=cycle.institution, seat__body__key=found[0],
    )  # fmt: skip
    inside = set(sat.values_list("member__pseudonym", flat=True))
    return {each: f"bodies.{cycle.body.key}.drawn_from" for each in pseudonyms if each not in inside}


def forget() -> int:
    """Clear, as the software, the pseudonyms of members whose waiting time is over; returns how many.

    Without a waiting time in the rule book of her cycle a pseudonym goes with the end of the term; where a rule asks later who
    sat, as long as everything else about a member is kept: from then on nobody can tell any more.
    """
    over = []
    named = Member.objects.exclude(pseudonym="").exclude(terms__status__in=HOLDING)
    for member in named.select_related("cycle__institution", "cycle__rule_book", "cycle__body"):
        rule = waiting_time(member.cycle.rule_book, member.cycle.body.key)
        ends = [day for day in member.terms.values_list("ends_on", flat=True) if day is not None]
        last = max(ends, default=None)
        today = clock.today(member.cycle.institution.time_zone)
        waits = last is not None and rule is not None and today < waits_until(last, rule[0])
        remembered = (
            last is not None
            and is_remembered(member.cycle.rule_book, member.cycle.body.key)
            and today < kept_until(last, member.cycle.rule_book)
        )
        if not waits and not remembered:
            over.append(member.pk)
    return Member.objects.filter(pk__in=over).update(pseudonym="")
