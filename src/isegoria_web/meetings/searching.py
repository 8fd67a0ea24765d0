"""Tables that are planned in the background: the best plan so far is shown, and is the plan once somebody takes it.

A search is fixed by its seed and by what was asked. A worker that is killed over it leaves nothing to repair: whoever
takes over begins anew, comes to the same steps, and never shows less than was shown before.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import User
from isegoria_web.errors import NotAllowed, require
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.meetings import algorithms, leading, policies
from isegoria_web.meetings.enums import SEEKING, SearchStatus
from isegoria_web.meetings.errors import (
    NoPlanYet,
    SearchGoesOn,
    SearchOutdated,
    SearchOver,
    TablesInUse,
)
from isegoria_web.meetings.models import Meeting, Table, TablePlan, TableSearch
from isegoria_web.meetings.services import asked_of, keep_plan


def start_search(
    *,
    actor: Actor,
    meeting: Meeting,
    seed_text: str,
    table_size: int = 6,
    rounds: int = 2,
    facilitators: Sequence[User] = (),
) -> TableSearch:
    """Ask for a plan of the tables; a worker looks for it. What cannot be had is refused at once, where that is known.

    Parameters
    ----------
    seed_text, facilitators
        As for `services.plan_tables`.

    Raises
    ------
    SearchGoesOn
        If a plan of this meeting is sought, or waits to be taken.
    TablesInUse
        If notes or speaking times were taken at the tables that would go.
    NobodySits, UnknownFacilitator
        If no seat is taken, or one of the facilitators does not hold the role.
    isegoria.errors.IsegoriaError
        If the seating wishes contradict each other, or nobody may lead a table.
    """
    require(policies.may_plan_tables(actor, meeting))
    if actor.user is None:
        raise NotAllowed
    leading.require_facilitators(meeting, facilitators)
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        if meeting.table_searches.filter(ended_at__isnull=True).exists():
            raise SearchGoesOn
        used = Q(notes__isnull=False) | Q(turns__isnull=False) | Q(speaking_time__isnull=False)
        if Table.objects.filter(used, plan__meeting=meeting).exists():
            raise TablesInUse
        asked = asked_of(meeting, seed_text, table_size, rounds)
        asked.steps()
        leading.share_out(meeting, rounds, asked.tables, facilitators)
        search = TableSearch.objects.create(
            meeting=meeting, by=actor.user, seed=seed_text, table_size=table_size, rounds=rounds,
            asked_sha256=asked.fingerprint, started_at=clock.now(),
        )  # fmt: skip
        search.facilitators.set(facilitators)
        _record(actor, search, Action.TABLE_SEARCH_STARTED, seed=seed_text, rounds=rounds, size=table_size)
        return search


def search_tables(*, actor: Actor, search: TableSearch) -> int:
    """Look for the plan that was asked for, and show the best so far; returns how many steps that took.

    It ends before its last step when somebody has stopped it. Run again, it comes to the same plan.

    Raises
    ------
    SearchOutdated
        If what was asked for does not hold any more.
    isegoria.errors.Infeasible
        If no seating keeps all wishes.
    """
    require(policies.may_plan_tables(actor, search.meeting))
    if not _open(search).update(status=SearchStatus.RUNNING):
        return 0
    done = 0
    for step in _asked(search).steps():
        done = step.done
        if not _show(search, step):
            return done
    _open(search).update(status=SearchStatus.READY)
    return done


def _open(search: TableSearch) -> QuerySet[TableSearch]:
    return TableSearch.objects.filter(pk=search.pk, status__in=SEEKING)


def _asked(search: TableSearch) -> algorithms.Asked:
    asked = asked_of(search.meeting, search.seed, search.table_size, search.rounds)
    if asked.fingerprint != search.asked_sha256:
        raise SearchOutdated
    return asked


def _show(search: TableSearch, step: algorithms.Step) -> bool:
    """Write down the best plan so far; False if somebody has ended the search."""
    if not _open(search).exists():
        return False
    # Whoever takes over from a killed worker comes by the steps that were shown before.
    _open(search).filter(step__lt=step.done).update(
        step=step.done, steps=step.most, seating=step.seating, **step.measures
    )
    return True


def note_failure(*, search: TableSearch, why: str) -> None:
    """Write down why no plan was found; part of the job that looks for it."""
    _open(search).update(status=SearchStatus.FAILED, ended_at=clock.now(), seating=None, failure=why)


def stop_search(*, actor: Actor, search: TableSearch) -> TableSearch:
    """Stop looking for a better plan and keep the best so far, to be looked at; one that is ready stays so.

    Raises
    ------
    NoPlanYet
        If not every round has its tables yet.
    SearchOver
        If it was taken or given up.
    """
    require(policies.may_plan_tables(actor, search.meeting))
    with transaction.atomic():
        search = _held(search)
        if search.is_ready:
            return search
        if search.seating is None:
            raise NoPlanYet
        search.status = SearchStatus.READY
        search.save(update_fields=["status"])
        _record(actor, search, Action.TABLE_SEARCH_STOPPED, steps=search.step)
        return search


def give_up_search(*, actor: Actor, search: TableSearch) -> TableSearch:
    """Give a search up, or the plan that it found; the tables of the meeting stay as they are.

    Raises
    ------
    SearchOver
        If it was taken or given up.
    """
    require(policies.may_plan_tables(actor, search.meeting))
    with transaction.atomic():
        search = _held(search)
        _end(search, SearchStatus.DISCARDED)
        _record(actor, search, Action.TABLE_SEARCH_GIVEN_UP, seed=search.seed, steps=search.step)
        return search


def take_plan(*, actor: Actor, search: TableSearch) -> TablePlan:
    """Let the plan that was shown be the plan of the meeting; a plan that was there is replaced.

    Raises
    ------
    SearchGoesOn
        If it has not ended; stop it first, so that what is taken is what was shown.
    SearchOver
        If it was taken or given up.
    SearchOutdated
        If members, seating wishes or earlier tables have changed.
    TablesInUse, UnknownFacilitator
        If notes were taken meanwhile, or one of the facilitators does not hold the role any more.
    isegoria.errors.Infeasible
        If nobody may lead a table any more.
    """
    require(policies.may_plan_tables(actor, search.meeting))
    with transaction.atomic():
        search = _held(search)
        if not search.is_ready:
            raise SearchGoesOn
        _asked(search)
        facilitators = list(search.facilitators.order_by("pk"))
        leading.require_facilitators(search.meeting, facilitators)
        found = algorithms.Step.shown(search)
        _end(search, SearchStatus.TAKEN)
        return keep_plan(
            actor=actor,
            meeting=search.meeting,
            seed_text=search.seed,
            found=found,
            facilitators=facilitators,
        )


def _held(search: TableSearch) -> TableSearch:
    Meeting.objects.select_for_update().get(pk=search.meeting_id)
    found = TableSearch.objects.select_for_update(of=("self",)).select_related(
        "meeting__cycle__institution"
    )
    search = found.get(pk=search.pk)
    if search.ended_at is not None:
        raise SearchOver
    return search


def _end(search: TableSearch, status: SearchStatus) -> None:
    search.status, search.ended_at, search.seating = status, clock.now(), None
    search.save(update_fields=["status", "ended_at", "seating"])


def _record(actor: Actor, search: TableSearch, action: Action, **facts: str | int) -> None:
    """Write down that a plan was sought: nobody tries seeds in secret until one pleases."""
    record(
        actor=actor, institution=search.meeting.cycle.institution, action=action, subject=search.meeting,
        facts={"meeting": search.meeting.number, **facts},
    )  # fmt: skip
