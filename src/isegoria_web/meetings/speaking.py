"""Who speaks at a table, for how long, and what becomes of it: nothing of a person outlives the meeting.

No entry in the journal for a turn: its time would tell who spoke when. The closing has one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.lottery.models import Feature
from isegoria_web.meetings import algorithms, policies
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.errors import (
    ForeignTurn,
    MeetingClosed,
    MeetingNotOver,
    NotAtTheTable,
    TooManyTurns,
    TurnLength,
)
from isegoria_web.meetings.models import (
    LONGEST_TURN,
    GroupTime,
    Meeting,
    SpeakingTime,
    Table,
    TablePlace,
    Turn,
)
from isegoria_web.meetings.place_cards import called
from isegoria_web.membership.models import Member

MOST_TURNS = 2000
"""At one table; far more than a meeting has."""
KEPT_AFTER = timedelta(hours=24)
"""How long after its end a meeting may stay open while it holds speaking times: tablets come back to the network."""


@dataclass(frozen=True)
class Speaker:
    """Somebody at a table, and how long she has spoken."""

    member: Member
    seconds: int
    speaks_now: bool = False

    @property
    def name(self) -> str:
        """How she is called in the room; empty once her name is erased."""
        return called(self.member)

    @property
    def clock(self) -> str:
        """Her time as minutes and seconds."""
        return f"{self.seconds // 60}:{self.seconds % 60:02}"


def turn_list(table: Table) -> list[Speaker]:
    """Return the people of a table: those who have not spoken first, then those who spoke least."""
    spoken = table.turns.spoken()
    now = set(table.turns.running().values_list("member_id", flat=True))
    members = table.members.select_related("respondent", "place_card").order_by("number")
    people = [Speaker(member, spoken.get(member.pk, 0), member.pk in now) for member in members]
    return sorted(people, key=lambda one: (one.seconds, one.member.number))


def start_turn(*, actor: Actor, table: Table, member: Member) -> Turn:
    """Let a member of the table speak; whoever spoke before stops.

    Raises
    ------
    MeetingClosed, NotAtTheTable, TooManyTurns
        If she cannot.
    """
    require(policies.may_lead_table(actor, table))
    with transaction.atomic():
        _require_open(table)
        _require_room(table, member.pk)
        for running in table.turns.running():
            _end(running)
        return Turn.objects.create(table=table, member=member, began_at=clock.now())


def stop_turn(*, actor: Actor, table: Table, counts: bool = True) -> None:
    """End the turn of whoever speaks; one that was started by mistake does not count. Nobody speaking: nothing to do.

    Raises
    ------
    MeetingClosed
        If it is.
    """
    require(policies.may_lead_table(actor, table))
    with transaction.atomic():
        _require_open(table)
        for running in table.turns.running():
            if counts:
                _end(running)
            else:
                running.delete()


def add_turn(*, actor: Actor, table: Table, public_id: UUID, number: int, seconds: int) -> Turn:
    """Count a turn that a device has measured; one that is sent again counts once.

    A member who was moved to another table of the meeting meanwhile keeps the turns that she had here.

    Parameters
    ----------
    public_id
        Made by the device.
    number
        Of the member.

    Raises
    ------
    MeetingClosed, NotAtTheTable, TurnLength, TooManyTurns, ForeignTurn
        If it cannot count.
    """
    require(policies.may_lead_table(actor, table))
    if not 1 <= seconds <= LONGEST_TURN:
        raise TurnLength
    with transaction.atomic():
        _require_open(table)
        known = Turn.objects.filter(public_id=public_id).first()
        if known is not None:
            if known.table_id != table.pk:
                raise ForeignTurn
            return known
        member = Member.objects.filter(places__table__plan=table.plan, number=number).first()
        if member is None:
            raise NotAtTheTable
        _require_room(table, member.pk)
        return Turn.objects.create(
            public_id=public_id, table=table, member=member, seconds=seconds,
            began_at=clock.now() - timedelta(seconds=seconds),
        )  # fmt: skip


def close_meeting(*, actor: Actor, meeting: Meeting) -> Meeting:
    """Close a meeting: its notes stand, the speaking times of its members are deleted, and what is kept is published.

    Kept are, of each table with five people or more, how evenly they spoke, and of each group of five or more, how
    long. A second time changes nothing.

    Raises
    ------
    MeetingNotOver
        Before it has begun.
    """
    require(policies.may_close_meeting(actor, meeting))
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=meeting.pk)
        meeting = Meeting.objects.select_related("cycle__institution").get(pk=meeting.pk)
        if meeting.closed_at is not None:
            return meeting
        if clock.now() < meeting.starts_at:
            raise MeetingNotOver
        tables = _sum_up(meeting)
        deleted, _each = Turn.objects.filter(table__plan__meeting=meeting).delete()
        meeting.closed_at = clock.now()
        meeting.save(update_fields=["closed_at"])
        record(
            actor=actor, institution=meeting.cycle.institution, action=Action.MEETING_CLOSED, subject=meeting,
            facts={"meeting": meeting.number, "turns_deleted": deleted, "tables_measured": tables},
        )  # fmt: skip
        return meeting


def close_old_meetings() -> int:
    """Close, as the software, the meetings that ended a day ago and still hold speaking times; returns how many."""
    old = Meeting.objects.filter(
        closed_at__isnull=True, ends_at__lte=clock.now() - KEPT_AFTER, plan__tables__turns__isnull=False
    ).distinct()
    meetings = list(old)
    for meeting in meetings:
        close_meeting(actor=Actor.system(), meeting=meeting)
    return len(meetings)


def require_open(meeting: Meeting) -> None:
    """Refuse to write into a meeting that is closed, and hold its closing back until this transaction ends.

    Raises
    ------
    MeetingClosed
        If it is.
    """
    if Meeting.objects.select_for_update().get(pk=meeting.pk).closed_at is not None:
        raise MeetingClosed


def _require_open(table: Table) -> None:
    require_open(table.plan.meeting)


def _require_room(table: Table, member: int) -> None:
    if not TablePlace.objects.filter(table__plan=table.plan, member=member).exists():
        raise NotAtTheTable
    if table.turns.count() >= MOST_TURNS:
        raise TooManyTurns


def _end(turn: Turn) -> None:
    passed = int((clock.now() - turn.began_at).total_seconds())
    turn.seconds = min(max(passed, 1), LONGEST_TURN)
    turn.save(update_fields=["seconds"])


def _sum_up(meeting: Meeting) -> int:
    """Keep what tells nothing of a person, and return at how many tables somebody's time was measured."""
    absent = set(meeting.attendances.exclude(presence=Presence.PRESENT).values_list("member_id", flat=True))
    tables = Table.objects.filter(plan__meeting=meeting, turns__isnull=False).distinct()
    places: dict[int, int] = defaultdict(int)
    seconds: dict[int, int] = defaultdict(int)
    for table in tables:
        for running in table.turns.running():
            _end(running)
        spoken = table.turns.spoken()
        seated = set(table.places.values_list("member_id", flat=True))
        people = (seated - absent) | set(spoken)
        for one in people:
            places[one] += 1
            seconds[one] += spoken.get(one, 0)
        _keep_table(table, [spoken.get(one, 0) for one in people])
    _keep_groups(meeting, places, seconds)
    return len(tables)


def _keep_table(table: Table, seconds: Collection[int]) -> None:
    gini = algorithms.evenness(list(seconds))
    if gini is not None:
        SpeakingTime.objects.create(table=table, people=len(seconds), seconds=sum(seconds), gini=gini)


def _keep_groups(meeting: Meeting, places: Mapping[int, int], seconds: Mapping[int, int]) -> None:
    features = dict(Member.objects.filter(pk__in=places).values_list("pk", "features"))
    people = [(features[one], places[one], seconds[one]) for one in sorted(places)]
    every = Feature.objects.filter(cycle=meeting.cycle).order_by("position")
    times = algorithms.times_of_groups(people, [one.key for one in every if not one.sensitive])
    GroupTime.objects.bulk_create(
        GroupTime(
            meeting=meeting, feature=feature, value=group.group or "", people=group.people, places=group.places,
            seconds=group.seconds,
        )
        for feature, groups in times.items()
        for group in groups
    )  # fmt: skip
