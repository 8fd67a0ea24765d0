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
from isegoria_web.institutions.algorithms import meetings_a_year
from isegoria_web.institutions.elections import require_no_pause
from isegoria_web.institutions.models import Body, Cycle
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.meetings import algorithms, leading, policies
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.errors import (
    MeetingEndsBeforeItBegins,
    MeetingsEnough,
    NobodySits,
    TablesInUse,
    UnknownMember,
)
from isegoria_web.meetings.models import (
    AppointeeAttendance,
    Attendance,
    Item,
    Meeting,
    Table,
    TablePlan,
)
from isegoria_web.meetings.people import Person, appointed_present, appointees_at, by_sign, seat
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
    PauseBeforeElection
        If it falls into the pause that the rule book keeps before an election; it names the rule.
    MeetingsEnough
        If the body has as many meetings in that year as the rule book says.
    """
    require(policies.may_call_meeting(actor, cycle))
    require_cycle_at_work(cycle)
    if ends_at <= starts_at:
        raise MeetingEndsBeforeItBegins
    zone = cycle.institution.time_zone
    require_no_pause(cycle, {clock.day_of(starts_at, zone), clock.day_of(ends_at, zone)})
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        rules = _require_yearly(cycle, starts_at)
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
            facts={
                "cycle": cycle.number, "meeting": meeting.number, "starts_at": starts_at.isoformat(), **rules,
            },
        )  # fmt: skip
        return meeting


def _require_yearly(cycle: Cycle, starts_at: datetime) -> dict[str, Any]:
    """Refuse a meeting beyond those that a body has in a calendar year; returns the rule, for the journal."""
    found = meetings_a_year(cycle.rule_book, cycle.body.key)
    if found is None:
        return {}
    most, rule = found
    zone = cycle.institution.time_zone
    Body.objects.select_for_update().get(pk=cycle.body_id)  # cycles of one body can run beside each other
    called = Meeting.objects.filter(cycle__body=cycle.body_id).values_list("starts_at", flat=True)
    year = clock.day_of(starts_at, zone).year
    if sum(clock.day_of(each, zone).year == year for each in called) >= most:
        raise MeetingsEnough(most, rule)
    return {"rules": {"in_a_year": rule}}


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
    cycle's seating wishes always hold. In a mixed body those who are appointed sit among the citizens, so many at one
    table as at another or one more.

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
    for step in asked_of(meeting, seed_text, table_size, rounds).steps():
        best = step
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        return keep_plan(
            actor=actor, meeting=meeting, seed_text=seed_text, found=best, facilitators=facilitators
        )


def asked_of(meeting: Meeting, seed_text: str, table_size: int, rounds: int) -> algorithms.Asked:
    """Return all that the tables of a meeting follow from, as it stands now.

    Raises
    ------
    NobodySits
        If no seat is taken.
    """
    members = list(Member.objects.sitting_in(meeting.cycle, meeting.day).order_by("number"))
    if not members:
        raise NobodySits
    wishes = algorithms.Wishes.of(meeting.cycle, members)
    people: list[Person] = [*members, *appointees_at(meeting)]
    return algorithms.Asked(people, table_size, rounds, seed_text, wishes, algorithms.plans_before(meeting))


def keep_plan(
    *, actor: Actor, meeting: Meeting, seed_text: str, found: algorithms.Step, facilitators: Sequence[User]
) -> TablePlan:
    """Let what was found be the plan of a meeting; part of the verbs that plan, which hold the meeting.

    Raises
    ------
    TablesInUse
        If notes were taken at the tables that would go.
    isegoria.errors.Infeasible
        If nobody may lead a table.
    """
    seating = found.seating or []
    _clear_tables(meeting)
    plan = TablePlan.objects.create(
        meeting=meeting, seed=seed_text, rounds=len(seating), planned_at=clock.now(), steps=found.done,
        **found.measures,
    )  # fmt: skip
    led = leading.share_out(meeting, len(seating), len(seating[0]), facilitators)
    tables = Table.objects.bulk_create(
        Table(plan=plan, round=number, number=place, item=item, facilitator=leaders[place - 1])
        for number, (item, leaders) in enumerate(led, start=1)
        for place in range(1, len(leaders) + 1)
    )
    signs = [seated for each in seating for seated in each]
    known = by_sign(meeting.cycle)
    seat((table, known[who]) for table, seated in zip(tables, signs, strict=True) for who in seated)
    record(
        actor=actor, institution=meeting.cycle.institution, action=Action.TABLES_PLANNED, subject=meeting,
        facts={
            "meeting": meeting.number,
            "rounds": len(seating),
            "tables": len(seating[0]),
            "seed": seed_text,
            "steps": found.done,
        },
    )  # fmt: skip
    return plan


def take_attendance(
    *,
    actor: Actor,
    meeting: Meeting,
    presences: Mapping[int, Presence],
    appointed: Mapping[int, Presence] | None = None,
) -> None:
    """Note who is there. A second time corrects the first.

    Parameters
    ----------
    presences
        Number of a member to presence.
    appointed
        Key of somebody who holds a seat that is not drawn to presence; no allowance follows from it.

    Raises
    ------
    UnknownMember
        If a number or a key is not of somebody who holds a seat on the day of the meeting; nothing is noted.
    """
    require(policies.may_take_attendance(actor, meeting))
    with transaction.atomic():
        members = {
            member.number: member for member in Member.objects.sitting_in(meeting.cycle, meeting.day)
        }
        appointees = {one.pk: one for one in appointees_at(meeting)} if appointed else {}
        if not set(presences) <= set(members) or not set(appointed or {}) <= set(appointees):
            raise UnknownMember
        for number, presence in presences.items():
            Attendance.objects.update_or_create(
                meeting=meeting, member=members[number],
                defaults={"presence": presence, "recorded_at": clock.now()},
            )  # fmt: skip
        for key, presence in (appointed or {}).items():
            AppointeeAttendance.objects.update_or_create(
                meeting=meeting, appointee=appointees[key],
                defaults={"presence": presence, "recorded_at": clock.now()},
            )  # fmt: skip
        present = meeting.attendances.filter(presence=Presence.PRESENT).count()
        told = {"appointed_present": appointed_present(meeting)} if appointees else {}
        record(
            actor=actor, institution=meeting.cycle.institution, action=Action.ATTENDANCE_TAKEN,
            subject=meeting, facts={"meeting": meeting.number, "present": present, **told},
        )  # fmt: skip


def _clear_tables(meeting: Meeting) -> None:
    try:
        TablePlan.objects.filter(meeting=meeting).delete()
    except ProtectedError:
        raise TablesInUse from None
