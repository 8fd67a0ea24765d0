"""Who cannot be drawn again yet: former members during the waiting time of the rule book, and who still sits."""

from __future__ import annotations

from collections.abc import Collection

from isegoria_web import clock
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.algorithms import waiting_time, waits_until
from isegoria_web.membership.enums import HOLDING
from isegoria_web.membership.models import Member, Term

SITS = "sits in this body"


def barred(cycle: Cycle, pseudonyms: Collection[str]) -> dict[str, str]:
    """Return which of some residents cannot be drawn for a cycle, each with the rule that says so.

    Parameters
    ----------
    pseudonyms
        Of the register, as kept with a member when her seat was offered.
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
    return found


def forget() -> int:
    """Clear, as the software, the pseudonyms of members whose waiting time is over; returns how many.

    Without a waiting time in the rule book of her cycle a pseudonym goes with the end of the term.
    """
    over = []
    named = Member.objects.exclude(pseudonym="").exclude(terms__status__in=HOLDING)
    for member in named.select_related("cycle__institution", "cycle__rule_book", "cycle__body"):
        rule = waiting_time(member.cycle.rule_book, member.cycle.body.key)
        ends = [day for day in member.terms.values_list("ends_on", flat=True) if day is not None]
        last = max(ends, default=None)
        today = clock.today(member.cycle.institution.time_zone)
        if last is None or rule is None or today >= waits_until(last, rule[0]):
            over.append(member.pk)
    return Member.objects.filter(pk__in=over).update(pseudonym="")
