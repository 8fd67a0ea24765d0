from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.models import User
from isegoria_web.errors import require
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.meetings import algorithms, leading, policies
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.errors import (
    MeetingEndsBeforeItBegins,
    NobodySits,
    TablesInUse,
    UnknownMember,
)
from isegoria_web.meetings.models import Attendance, Item, Meeting, Table, TablePlace, TablePlan
from isegoria_web.membership.models import Member
from isegoria_web.translated import Texts


def call_meeting(
    *,
    actor: Actor,
    cycle: Cycle,
    title: Texts,
    place: str,
    starts_at: datetime,
    ends_at: datetime,
    items: Iterable[Mapping[str, Any]],
) -> Meeting:
    """Call a meeting with its programme.

    Parameters
    ----------
    items
        Each with `starts_at`, `kind` and `title`, in their order.

    Raises
    ------
    MeetingEndsBeforeItBegins
        If the times are exchanged.
    """
    require(policies.may_call_meeting(actor, cycle))
    require_cycle_at_work(cycle)
    if ends_at <= starts_at:
        raise MeetingEndsBeforeItBegins
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        meeting = Meeting(
            cycle=cycle, number=cycle.meetings.count() + 1, title=dict(title), place=place,
            starts_at=starts_at, ends_at=ends_at,
        )  # fmt: skip
        meeting.full_clean()
        meeting.save()
        for position, each in enumerate(items, start=1):
            item = Item(
                meeting=meeting, position=position, starts_at=each["starts_at"], kind=each["kind"],
                title=dict(each["title"]),
            )  # fmt: skip
            item.full_clean()
            item.save()
        record(
            actor=actor, institution=cycle.institution, action=Action.MEETING_CALLED, subject=meeting,
            facts={"cycle": cycle.number, "meeting": meeting.number, "starts_at": starts_at.isoformat()},
        )  # fmt: skip
        return meeting


def plan_tables(
    *,
    actor: Actor,
    meeting: Meeting,
    seed_text: str,
    table_size: int = 6,
    rounds: int = 2,
    facilitators: Sequence[User] = (),
) -> TablePlan:
    """Plan who sits with whom, from a public seed; a plan that was there is replaced.

    Mixed tables, and new neighbours: who met at the cycle's earlier meetings is kept apart where possible. The
    cycle's seating wishes always hold.

    Parameters
    ----------
    seed_text
        Public words, so that anybody can plan the same tables again.
    facilitators
        Who leads the tables, in turn; nobody a table whose point she has declared an interest in.

    Raises
    ------
    NobodySits
        If no seat is taken.
    UnknownFacilitator
        If one of them does not hold the role.
    TablesInUse
        If notes were taken at the tables that would go.
    isegoria.errors.IsegoriaError
        If the seating wishes contradict each other or cannot be kept, or nobody may lead a table.
    """
    require(policies.may_plan_tables(actor, meeting))
    leading.require_facilitators(meeting, facilitators)
    members = list(Member.objects.sitting_in(meeting.cycle, meeting.day).order_by("number"))
    if not members:
        raise NobodySits
    earlier = algorithms.plans_before(meeting)
    planned, made = algorithms.plan(
        members, table_size, rounds, seed_text, wishes=algorithms.Wishes.of(meeting.cycle, members),
        earlier=earlier,
    )  # fmt: skip
    by_number = {member.number: member for member in members}
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        _clear_tables(meeting)
        plan = TablePlan.objects.create(
            meeting=meeting, seed=seed_text, rounds=rounds, planned_at=clock.now(),
            pairs_met=made.pairs_met, pairs_bound=made.pairs_bound, repeats=made.repeats,
            repeats_bound=made.repeats_bound, misses=made.imbalance,
        )  # fmt: skip
        for round_number, tables in enumerate(planned, start=1):
            for number, seated in enumerate(tables, start=1):
                table = Table.objects.create(plan=plan, round=round_number, number=number)
                TablePlace.objects.bulk_create(
                    TablePlace(table=table, member=by_number[one]) for one in seated
                )
        leading.assign(plan, facilitators)
        record(
            actor=actor, institution=meeting.cycle.institution, action=Action.TABLES_PLANNED, subject=meeting,
            facts={"meeting": meeting.number, "rounds": rounds, "tables": len(planned[0]), "seed": seed_text},
        )  # fmt: skip
        return plan


def take_attendance(*, actor: Actor, meeting: Meeting, presences: Mapping[int, Presence]) -> None:
    """Note who is there: number of the member to presence. A second time corrects the first.

    Raises
    ------
    UnknownMember
        If a number is not a member who sits on the day of the meeting; nothing is noted.
    """
    require(policies.may_take_attendance(actor, meeting))
    with transaction.atomic():
        members = {
            member.number: member for member in Member.objects.sitting_in(meeting.cycle, meeting.day)
        }
        if not set(presences) <= set(members):
            raise UnknownMember
        for number, presence in presences.items():
            Attendance.objects.update_or_create(
                meeting=meeting, member=members[number],
                defaults={"presence": presence, "recorded_at": clock.now()},
            )  # fmt: skip
        present = meeting.attendances.filter(presence=Presence.PRESENT).count()
        record(
            actor=actor, institution=meeting.cycle.institution, action=Action.ATTENDANCE_TAKEN,
            subject=meeting, facts={"meeting": meeting.number, "present": present},
        )  # fmt: skip


def _clear_tables(meeting: Meeting) -> None:
    try:
        TablePlan.objects.filter(meeting=meeting).delete()
    except ProtectedError:
        raise TablesInUse from None
