"""Who speaks at a table, for how long, and what becomes of it: nothing of a person outlives the meeting.

No entry in the journal for a turn: its time would tell who spoke when. The closing has one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

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
    AppointeePlace,
    GroupTime,
    Meeting,
    SpeakingTime,
    Table,
    TablePlace,
    Turn,
)
from isegoria_web.meetings.people import Person, Sign, in_order, people_at, sign_of
from isegoria_web.meetings.place_cards import called
from isegoria_web.membership.models import Appointee, Member

MOST_TURNS = 2000
"""At one table; far more than a meeting has."""
KIND, CITIZENS, APPOINTED = ":kind", "citizens", "appointed"
"""Under which names the time of the citizens and of those who are appointed is kept; no feature has a colon in its key."""
KEPT_AFTER = timedelta(hours=24)
"""How long after its end a meeting may stay open while it holds speaking times: tablets come back to the network."""


@dataclass(frozen=True)
class Speaker:
    """Somebody at a table, and how long she has spoken."""

    person: Person
    seconds: int
    speaks_now: bool = False

    @property
    def sign(self) -> Sign:
        """How the table's tablet and forms name her."""
        return sign_of(self.person)

    @property
    def name(self) -> str:
        """How she is called in the room; empty once the name of a citizen is erased."""
        return self.person.name if isinstance(self.person, Appointee) else called(self.person)

    @property
    def words(self) -> str:
        """Her name, that of a citizen with her number."""
        if isinstance(self.person, Appointee):
            return self.name
        number = {"number": self.person.number}
        return f"{self.name} ({self.person.number})" if self.name else _("Member %(number)d") % number

    @property
    def clock(self) -> str:
        """Her time as minutes and seconds."""
        return f"{self.seconds // 60}:{self.seconds % 60:02}"


def turn_list(table: Table) -> list[Speaker]:
    """Return the people of a table: those who have not spoken first, then those who spoke least."""
    spoken, by_appointees = table.turns.spoken(), table.turns.spoken_by_appointees()
    now = _speaks_now(table)
    members = table.members.select_related("respondent", "place_card")
    people = [Speaker(one, spoken.get(one.pk, 0), one == now) for one in members]
    people += [Speaker(one, by_appointees.get(one.pk, 0), one == now) for one in table.appointees.all()]
    order = in_order(one.person for one in people)
    return sorted(people, key=lambda one: (one.seconds, order.index(one.person)))


def _speaks_now(table: Table) -> Person | None:
    running = table.turns.running().select_related("member", "appointee").first()
    return None if running is None else running.person


def person_at(table: Table, who: str) -> Person | None:
    """Return who sits at a table, as a form names her; None if nobody does."""
    return next((one for one in people_at(table) if str(sign_of(one)) == who), None)


def start_turn(*, actor: Actor, table: Table, person: Person) -> Turn:
    """Let somebody at the table speak; whoever spoke before stops.

    Raises
    ------
    MeetingClosed, NotAtTheTable, TooManyTurns
        If she cannot.
    """
    require(policies.may_lead_table(actor, table))
    with transaction.atomic():
        _require_open(table)
        _require_room(table, person)
        for running in table.turns.running():
            _end(running)
        return Turn.objects.create(table=table, began_at=clock.now(), **_of(person))


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


def add_turn(*, actor: Actor, table: Table, public_id: UUID, who: Sign, seconds: int) -> Turn:
    """Count a turn that a device has measured; one that is sent again counts once.

    Whoever was moved to another table of the meeting meanwhile keeps the turns that she had here.

    Parameters
    ----------
    public_id
        Made by the device.
    who
        As `people.sign_of` names her.

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
        person = _in_room(table, who)
        if person is None:
            raise NotAtTheTable
        _require_room(table, person)
        return Turn.objects.create(
            public_id=public_id, table=table, seconds=seconds,
            began_at=clock.now() - timedelta(seconds=seconds), **_of(person),
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


def _of(person: Person) -> dict[str, Person]:
    return {"appointee" if isinstance(person, Appointee) else "member": person}


def _in_room(table: Table, who: Sign) -> Person | None:
    """Return who sits at a table of the meeting, whichever it is by now."""
    if isinstance(who, int):
        return Member.objects.filter(places__table__plan=table.plan, number=who).first()
    seated = Appointee.objects.filter(places__table__plan=table.plan).distinct()
    return next((one for one in seated if sign_of(one) == who), None)


def _require_room(table: Table, person: Person) -> None:
    places = AppointeePlace.objects if isinstance(person, Appointee) else TablePlace.objects
    if not places.filter(table__plan=table.plan, **_of(person)).exists():
        raise NotAtTheTable
    if table.turns.count() >= MOST_TURNS:
        raise TooManyTurns


def _end(turn: Turn) -> None:
    passed = int((clock.now() - turn.began_at).total_seconds())
    turn.seconds = min(max(passed, 1), LONGEST_TURN)
    turn.save(update_fields=["seconds"])


def _sum_up(meeting: Meeting) -> int:
    """Keep what tells nothing of a person, and return at how many tables somebody's time was measured."""
    tables = Table.objects.filter(plan__meeting=meeting, turns__isnull=False).distinct()
    citizens, appointees = _Sums(), _Sums()
    excused = meeting.attendances.exclude(presence=Presence.PRESENT)
    absent = set(excused.values_list("member_id", flat=True))
    excused_beside = meeting.appointee_attendances.exclude(presence=Presence.PRESENT)
    away = set(excused_beside.values_list("appointee_id", flat=True))
    for table in tables:
        for running in table.turns.running():
            _end(running)
        seated = set(table.places.values_list("member_id", flat=True))
        beside = set(table.appointee_places.values_list("appointee_id", flat=True))
        spoke = citizens.add(seated - absent, table.turns.spoken())
        spoke += appointees.add(beside - away, table.turns.spoken_by_appointees())
        _keep_table(table, spoke)
    _keep_groups(meeting, citizens.places, citizens.seconds)
    _keep_kinds(meeting, {CITIZENS: citizens, APPOINTED: appointees})
    return len(tables)


@dataclass
class _Sums:
    """At how many tables each person sat, and how long she spoke there."""

    places: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    seconds: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, seated: set[int], spoken: Mapping[int, int]) -> list[int]:
        """Add a table, and return how long each of its people spoke; who spoke was there."""
        people = sorted(seated | set(spoken))
        for one in people:
            self.places[one] += 1
            self.seconds[one] += spoken.get(one, 0)
        return [spoken.get(one, 0) for one in people]


def _keep_table(table: Table, seconds: Collection[int]) -> None:
    gini = algorithms.evenness(list(seconds))
    if gini is not None:
        SpeakingTime.objects.create(table=table, people=len(seconds), seconds=sum(seconds), gini=gini)


def _keep_kinds(meeting: Meeting, sums: Mapping[str, _Sums]) -> None:
    """Keep how long the citizens spoke and how long those who are appointed did, where both are five or more.

    Nothing new can be computed from it: the sum of the citizens is that of the groups of any feature, and no other sum
    has an appointee in it.
    """
    if not all(algorithms.may_be_told(len(one.places)) for one in sums.values()):
        return
    GroupTime.objects.bulk_create(
        GroupTime(
            meeting=meeting, feature=KIND, value=kind, people=len(one.places),
            places=sum(one.places.values()), seconds=sum(one.seconds.values()),
        )
        for kind, one in sums.items()
    )  # fmt: skip


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
