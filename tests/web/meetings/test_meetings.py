"""Meetings are called, tables are planned from a public seed, attendance is taken."""

from __future__ import annotations

import datetime as dt
from itertools import combinations

import pytest

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.meetings import services
from isegoria_web.meetings.enums import ItemKind, Presence
from isegoria_web.meetings.errors import (
    MeetingEndsBeforeItBegins,
    MeetingsEnough,
    NobodySits,
    TablesInUse,
    UnknownFacilitator,
    UnknownMember,
)
from isegoria_web.meetings.models import Attendance, Meeting, TablePlan
from tests.web import acts, factories
from tests.web.factories import NOW, texts

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def cycle(institution) -> Cycle:
    return factories.make_cycle(institution, panel_size=12)


@pytest.fixture
def members(cycle):
    return factories.make_members(cycle)


@pytest.fixture
def meeting(cycle) -> Meeting:
    return factories.make_meeting(cycle)


def call(actor, cycle, **changes):
    given = {
        "title": texts("First meeting"),
        "place": "Eupen",
        "starts_at": NOW + HOUR,
        "ends_at": NOW + 6 * HOUR,
        "items": [
            {"starts_at": NOW + HOUR, "kind": ItemKind.WELCOME, "title": texts("Welcome")},
            {"starts_at": NOW + 2 * HOUR, "kind": ItemKind.TABLES, "title": texts("Tables")},
        ],
    }
    return services.call_meeting(actor=actor, cycle=cycle, **given | changes)


# -- call ------------------------------------------------------------------------------------------------
def test_a_body_meets_no_more_often_in_a_year_than_the_rule_book_says(institution, secretariat, cycle):
    factories.amend_rule_book(cycle, "\nmeetings = 3\n", "\nmeetings_per_year = 1\n")
    call(secretariat, cycle)
    rule = "bodies.assembly.meetings_per_year, ostbelgien 2"
    assert acts.entry(institution, Action.MEETING_CALLED).facts["rules"] == {"in_a_year": rule}
    other = factories.make_cycle(institution)  # of the same body, under the same rules
    for each in (cycle, other):
        with pytest.raises(MeetingsEnough, match=rule):
            call(secretariat, each)
    next_year = NOW.replace(year=2028)
    call(secretariat, cycle, starts_at=next_year, ends_at=next_year + HOUR, items=[])
    assert Meeting.objects.count() == 2


def test_the_secretariat_calls_a_meeting_with_its_programme(secretariat, cycle):
    meeting = call(secretariat, cycle)
    assert meeting.number == 1
    assert [item.kind for item in meeting.items.all()] == ["welcome", "tables"]


def test_nobody_else_calls_a_meeting(institution, cycle, members):
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: call(actor, cycle),
        also_refused=(factories.actor_of(members[0]),),
    )


def test_a_second_call_is_the_next_meeting(secretariat, cycle):
    assert [call(secretariat, cycle).number for _each in range(2)] == [1, 2]


def test_a_call_is_in_the_journal(institution, secretariat, cycle):
    meeting = call(secretariat, cycle)
    entry = acts.entry(institution, Action.MEETING_CALLED)
    assert entry.facts == {"cycle": 1, "meeting": 1, "starts_at": meeting.starts_at.isoformat()}
    assert entry.actor == "secretariat"


def test_a_meeting_does_not_end_before_it_begins(secretariat, cycle):
    with pytest.raises(MeetingEndsBeforeItBegins):
        call(secretariat, cycle, ends_at=NOW)
    assert not Meeting.objects.exists()


# -- tables ----------------------------------------------------------------------------------------------
def plan(actor, meeting, **changes):
    return services.plan_tables(
        actor=actor, meeting=meeting, **{"seed_text": "Eupen, 1 March", "table_size": 4} | changes
    )


def seating(made: TablePlan) -> list[list[int]]:
    return [[member.number for member in table.members.all()] for table in made.tables.all()]


def test_every_member_sits_at_one_table_in_each_round(facilitator, meeting, members):
    made = plan(facilitator, meeting)
    for number in (1, 2):
        seated = [member for table in made.tables.filter(round=number) for member in table.members.all()]
        assert sorted(each.number for each in seated) == list(range(1, 13))
        assert {table.members.count() for table in made.tables.filter(round=number)} == {4}


def test_whoever_left_has_no_place_at_a_table(secretariat, meeting, members):
    factories.end_term(members[3])
    assert members[3].number not in {
        number for table in seating(plan(secretariat, meeting)) for number in table
    }


def test_only_secretariat_and_facilitators_plan_tables(institution, meeting, members):
    acts.only(
        institution,
        Role.SECRETARIAT,
        Role.FACILITATOR,
        act=lambda actor: plan(actor, meeting),
        also_refused=(factories.actor_of(members[0]),),
    )


def test_the_same_seed_plans_the_same_tables_and_replaces_the_first_plan(secretariat, meeting, members):
    first = seating(plan(secretariat, meeting))
    assert seating(plan(secretariat, meeting)) == first
    assert TablePlan.objects.count() == 1


def test_tables_with_notes_are_not_planned_anew(secretariat, cycle, members):
    table = factories.make_table(cycle)
    factories.make_note(table)
    with pytest.raises(TablesInUse):
        plan(secretariat, table.plan.meeting)
    table.refresh_from_db()


def test_the_next_meeting_brings_new_neighbours(secretariat, cycle, members):
    first, second = (
        plan(secretariat, factories.make_meeting(cycle), rounds=1, seed_text="same")
        for _meeting in range(2)
    )
    before = {pair for table in seating(first) for pair in combinations(table, 2)}
    again = {pair for table in seating(second) for pair in combinations(table, 2)} & before
    # three tables of four: at the least two of each table's members come from one of the earlier three
    assert len(again) == 3


def test_planning_is_in_the_journal_with_its_seed(institution, secretariat, meeting, members):
    plan(secretariat, meeting)
    entry = acts.entry(institution, Action.TABLES_PLANNED)
    assert entry.facts == {"meeting": 1, "rounds": 2, "tables": 3, "seed": "Eupen, 1 March", "steps": 6}


def test_without_members_there_are_no_tables(secretariat, meeting):
    with pytest.raises(NobodySits):
        plan(secretariat, meeting)


def test_a_table_is_led_by_a_facilitator_of_the_institution(
    institution, elsewhere, secretariat, meeting, members
):
    ours, theirs = (factories.make_user(each, Role.FACILITATOR) for each in (institution, elsewhere))
    with pytest.raises(UnknownFacilitator):
        plan(secretariat, meeting, facilitators=[ours, theirs])
    assert not TablePlan.objects.exists()
    made = plan(secretariat, meeting, facilitators=[ours])
    assert {table.facilitator for table in made.tables.all()} == {ours}


# -- attendance ------------------------------------------------------------------------------------------
def take(actor, meeting, presences=None):
    services.take_attendance(
        actor=actor, meeting=meeting, presences=presences or {1: Presence.PRESENT, 2: Presence.EXCUSED}
    )


def test_a_facilitator_notes_who_is_there(facilitator, meeting, members):
    take(facilitator, meeting)
    noted = dict(Attendance.objects.values_list("member__number", "presence"))
    assert noted == {1: "present", 2: "excused"}


def test_only_secretariat_and_facilitators_take_attendance(institution, meeting, members):
    acts.only(
        institution,
        Role.SECRETARIAT,
        Role.FACILITATOR,
        act=lambda actor: take(actor, meeting),
        also_refused=(factories.actor_of(members[0]),),
    )


def test_a_second_attendance_corrects_the_first(secretariat, meeting, members):
    take(secretariat, meeting)
    take(secretariat, meeting, {2: Presence.PRESENT})
    assert set(Attendance.objects.values_list("presence", flat=True)) == {"present"}
    assert Attendance.objects.count() == 2


def test_attendance_is_in_the_journal_as_a_number(institution, secretariat, meeting, members):
    take(secretariat, meeting)
    assert acts.entry(institution, Action.ATTENDANCE_TAKEN).facts == {"meeting": 1, "present": 1}


def test_an_unknown_number_notes_nothing(secretariat, meeting, members):
    with pytest.raises(UnknownMember):
        take(secretariat, meeting, {1: Presence.PRESENT, 99: Presence.PRESENT})
    assert not Attendance.objects.exists()
