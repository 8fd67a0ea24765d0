"""Wider quotas for vacant seats that nobody who is left can fill: no more than helps, with a public reason, by two persons.

These are services like those in `services.py`. A proposal is withdrawn as every other of the quotas
(`lottery.changing.withdraw_quotas_change`).
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require, required
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery import algorithms
from isegoria_web.lottery import policies as quota_policies
from isegoria_web.lottery.algorithms import Advice, Way
from isegoria_web.lottery.changing import in_figures, open_change
from isegoria_web.lottery.errors import (
    NothingToComplete,
    NoWayOut,
    QuotaChangeClosed,
    QuotaChangeOpen,
    QuotaChangeOvertaken,
    QuotasWouldTell,
    SeatsCanBeFilled,
    TwoPersonsForQuotas,
)
from isegoria_web.lottery.models import Draw, QuotaChange
from isegoria_web.membership import policies
from isegoria_web.membership.vacancies import last_draw, remaining, require_exceptional, sitting_in
from isegoria_web.translated import Texts


def advise_on_seats(*, actor: Actor, cycle: Cycle) -> Advice:
    """Return whether those who are left can fill the vacant seats, and the smallest ways out if not.

    Raises
    ------
    QuotasWouldTell
        Of a sealed draw: its public record does not tell what the vacant seats ask for.
    NothingToComplete
        If no seat is vacant, or fewer people are left than seats.
    isegoria.errors.BadInput
        If those who sit leave more to the vacant seats than there are: then no other quotas of theirs help.
    """
    require(policies.may_fill_vacancy(actor, cycle))
    return _advice(cycle, _repaired(cycle))


def propose_wider_quotas(*, actor: Actor, cycle: Cycle, way: int, reason: Texts) -> QuotaChange:
    """Propose one of the smallest changes with which the vacant seats can be filled, with a reason that everybody reads.

    Parameters
    ----------
    way
        Its place among those that `advise_on_seats` returns.

    Raises
    ------
    AlternatesWait, SeatsStayVacant, ReplacementUnderWay, NothingToComplete
        If it is not the time for it.
    QuotaChangeOpen
        If a change of the quotas is proposed already.
    SeatsCanBeFilled, NoWayOut
        If none is needed, or there is no such way.
    QuotasWouldTell
        Of a sealed draw.
    """
    require(policies.may_fill_vacancy(actor, cycle))
    require_cycle_at_work(cycle)
    person = required(actor.user)
    with transaction.atomic():
        cycle = Cycle.objects.locked(cycle.pk)
        require_exceptional(cycle)
        if open_change(cycle) is not None:
            raise QuotaChangeOpen
        draw = _repaired(cycle)
        ways = _needed(cycle, draw)
        if not 0 <= way < len(ways):
            raise NoWayOut
        made = QuotaChange(
            cycle=cycle, number=cycle.quota_changes.count() + 1, reason=dict(reason), repairs=draw,
            rows=_rows(cycle, ways[way]), proposed_by=person, proposed_at=clock.now(),
        )  # fmt: skip
        made.full_clean(validate_constraints=False)
        made.save()
        record(
            actor=actor, institution=cycle.institution, action=Action.QUOTAS_PROPOSED, subject=cycle,
            facts={
                "number": made.number, "repairs": draw.number, "reason": dict(reason), **in_figures(made.rows),
                "rules": algorithms.quota_grounds(cycle),
            },
            sealed={"person": person.pk},
        )  # fmt: skip
        return made


def widen_quotas(*, actor: Actor, change: QuotaChange) -> QuotaChange:
    """Make a change that somebody else proposed; from now on vacant seats of the cycle are drawn under it.

    Raises
    ------
    TwoPersonsForQuotas
        If the same person proposed it.
    QuotaChangeClosed
        If it was made or withdrawn.
    QuotaChangeOvertaken
        If somebody has left or come since, so that it is no longer one of the smallest that help.
    AlternatesWait, SeatsStayVacant, ReplacementUnderWay, NothingToComplete, SeatsCanBeFilled
        If it is not the time for it.
    """
    require(policies.may_fill_vacancy(actor, change.cycle))
    require_cycle_at_work(change.cycle)
    if not quota_policies.may_confirm_quotas(actor, change):
        raise TwoPersonsForQuotas
    person = required(actor.user)
    with transaction.atomic():
        cycle = Cycle.objects.locked(change.cycle_id)
        change = QuotaChange.objects.get(pk=change.pk)
        if not change.is_open:
            raise QuotaChangeClosed
        require_exceptional(cycle)
        draw = _repaired(cycle)
        if change.repairs != draw or change.rows not in [_rows(cycle, way) for way in _needed(cycle, draw)]:
            raise QuotaChangeOvertaken
        change.confirmed_by, change.confirmed_at = person, clock.now()
        change.save(update_fields=["confirmed_by", "confirmed_at"])
        record(
            actor=actor, institution=cycle.institution, action=Action.QUOTAS_CHANGED, subject=cycle,
            facts={
                "number": change.number, "repairs": draw.number, "persons": 2, "reason": dict(change.reason),
                **in_figures(change.rows),
                "rules": algorithms.quota_grounds(cycle),
            },
            sealed={"person": person.pk},
        )  # fmt: skip
        return change


def _repaired(cycle: Cycle) -> Draw:
    draw = last_draw(cycle)
    if draw is None:
        raise NothingToComplete
    if draw.is_sealed:
        raise QuotasWouldTell
    return draw


def _advice(cycle: Cycle, draw: Draw) -> Advice:
    size = draw.completion.size if hasattr(draw, "completion") else draw.size
    sitting = [(each.code, each.features) for each in sitting_in(cycle)]
    left = remaining(cycle)
    entries = [(one.code, one.features) for one in left.entries]
    if not 0 < size - len(sitting) <= len(entries):
        raise NothingToComplete
    homes = algorithms.home_numbers([code for code, _features in entries], left.homes)
    return algorithms.advice_on_seats(entries, algorithms.body_quotas_of(cycle), size, sitting, homes)


def _needed(cycle: Cycle, draw: Draw) -> tuple[Way, ...]:
    advice = _advice(cycle, draw)
    if advice.feasible:
        raise SeatsCanBeFilled
    return advice.all_ways


def _rows(cycle: Cycle, way: Way) -> list[dict[str, Any]]:
    """Return a way as the rows of a change, in the order of the quotas."""
    return [
        {
            "feature": one.feature, "value": one.value, "before": [one.minimum, one.maximum],
            "after": [*way.rows[one.feature, one.value]],
        }
        for one in algorithms.body_quotas_of(cycle)
        if (one.feature, one.value) in way.rows
    ]  # fmt: skip
