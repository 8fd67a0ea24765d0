"""Wider quotas for vacant seats that nobody who is left can fill: no more than helps, with a public reason, by two persons.

A worker looks for them (`jobs.look_for_ways_later`), and what it found stays with the draw, for exactly those who sit and are
left: somebody who leaves or comes is a new question. A worker that is killed over it leaves nothing to repair: whoever takes
over finds the same.

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
    NotSearched,
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
from isegoria_web.membership.models import SeatSearch
from isegoria_web.membership.vacancies import last_draw, remaining, require_exceptional, sitting_in
from isegoria_web.translated import Texts


def start_search(*, actor: Actor, cycle: Cycle) -> tuple[SeatSearch, bool]:
    """Ask for the smallest wider quotas with which the vacant seats can be filled; whether it is to be looked for.

    What was found for those who sit and are left now is not sought again; what failed is.

    Raises
    ------
    QuotasWouldTell, NothingToComplete, isegoria.errors.BadInput
        As for `advise_on_seats`.
    """
    require(policies.may_fill_vacancy(actor, cycle))
    with transaction.atomic():
        cycle = Cycle.objects.locked(cycle.pk)
        draw = _repaired(cycle)
        _vacant, asked = _asked(cycle, draw)
        search = SeatSearch.objects.filter(draw=draw, asked_sha256=asked).first()
        if search is not None and not search.failure:
            return search, False
        search = search or SeatSearch(draw=draw, asked_sha256=asked)
        search.by, search.asked_at, search.done_at, search.failure = actor.user, clock.now(), None, ""
        search.save()
        return search, True


def search(*, search: SeatSearch) -> bool:
    """Look for what was asked, part of the job that does; False if it was found before, or nobody asks for it any more."""
    if not search.goes_on:
        return False
    vacant, asked = _asked(search.draw.cycle, search.draw)
    if asked != search.asked_sha256:
        search.delete()  # somebody left or came meanwhile: it would be an answer to another question
        return False
    found = algorithms.advice_as_json(algorithms.advice_on_seats(vacant))
    SeatSearch.objects.filter(pk=search.pk).update(found=found, done_at=clock.now())
    return True


def note_failure(*, search: SeatSearch, why: str) -> None:
    """Write down why nothing was found; part of the job that looks for it."""
    SeatSearch.objects.filter(pk=search.pk).update(failure=why, done_at=clock.now())


def search_of(*, actor: Actor, cycle: Cycle) -> SeatSearch | None:
    """Return the search for those who sit and are left now, under way or over; None where nobody asked.

    Raises
    ------
    QuotasWouldTell, NothingToComplete, isegoria.errors.BadInput
        As for `advise_on_seats`.
    """
    require(policies.may_fill_vacancy(actor, cycle))
    return _search(cycle, _repaired(cycle))


def advise_on_seats(*, actor: Actor, cycle: Cycle) -> Advice | None:
    """Return whether those who are left can fill the vacant seats, and the smallest ways out if not; None before it was found.

    Raises
    ------
    QuotasWouldTell
        Of a sealed draw: its public record does not tell what the vacant seats ask for.
    NothingToComplete
        If no seat is vacant, or fewer people are left than seats.
    isegoria.errors.BadInput
        If those who sit leave more to the vacant seats than there are: then no other quotas of theirs help.
    """
    found = search_of(actor=actor, cycle=cycle)
    return None if found is None or found.found is None else algorithms.advice_of(found.found)


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
    NotSearched, SeatsCanBeFilled, NoWayOut
        If nobody has looked yet, none is needed, or there is no such way.
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
    NotSearched
        If somebody has left or come since, and nobody has looked again.
    QuotaChangeOvertaken
        If it is no longer one of the smallest that help.
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


def _asked(cycle: Cycle, draw: Draw) -> tuple[Any, str]:
    """Return the vacant seats with those who could fill them, and the hash by which a search knows them."""
    size = draw.completion.size if hasattr(draw, "completion") else draw.size
    sitting = [(each.code, each.features) for each in sitting_in(cycle)]
    left = remaining(cycle)
    entries = [(one.code, one.features) for one in left.entries]
    if not 0 < size - len(sitting) <= len(entries):
        raise NothingToComplete
    homes = algorithms.home_numbers([code for code, _features in entries], left.homes)
    return algorithms.asked_seats(entries, algorithms.body_quotas_of(cycle), size, sitting, homes)


def _search(cycle: Cycle, draw: Draw) -> SeatSearch | None:
    return SeatSearch.objects.filter(draw=draw, asked_sha256=_asked(cycle, draw)[1]).first()


def _needed(cycle: Cycle, draw: Draw) -> tuple[Way, ...]:
    found = _search(cycle, draw)
    if found is None or found.found is None:
        raise NotSearched
    advice = algorithms.advice_of(found.found)
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
