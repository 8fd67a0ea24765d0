"""Who speaks at a table; nobody's own time outlives the meeting, and what stays is of five people or more."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.evaluation import algorithms
from isegoria_web.journal.enums import Action
from isegoria_web.lottery.models import Feature
from isegoria_web.meetings import jobs, speaking
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.errors import (
    ForeignTurn,
    MeetingClosed,
    MeetingNotOver,
    NotAtTheTable,
    TooManyTurns,
    TurnLength,
)
from isegoria_web.meetings.models import Attendance, GroupTime, SpeakingTime, Table, Turn
from tests.web import acts, factories

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def cycle(institution):
    made = factories.make_cycle(institution, panel_size=12)
    factories.make_features(made)
    return made


@pytest.fixture
def members(cycle):
    return factories.make_members(cycle)


@pytest.fixture
def table(cycle, members) -> Table:
    return factories.make_table(cycle)


@pytest.fixture
def during(table):
    """The clock stands in the middle of the meeting."""
    moment = table.plan.meeting.starts_at + dt.timedelta(hours=1)
    with clock.at(moment):
        yield moment


def add(actor, table, number=1, seconds=60, public_id=None):
    return speaking.add_turn(
        actor=actor, table=table, public_id=public_id or uuid.uuid4(), who=number, seconds=seconds
    )


def close(actor, table):
    return speaking.close_meeting(actor=actor, meeting=table.plan.meeting)


# -- turns -----------------------------------------------------------------------------------------------
def test_those_who_have_not_spoken_come_first_then_those_who_spoke_least(facilitator, table, members):
    for number, seconds in ((1, 100), (2, 30), (3, 60)):
        add(facilitator, table, number, seconds)
    order = [one.sign for one in speaking.turn_list(table)]
    assert order == [*range(4, 13), 2, 3, 1]


def test_who_starts_to_speak_ends_the_turn_of_whoever_spoke(facilitator, table, members, during):
    speaking.start_turn(actor=facilitator, table=table, person=members[0])
    with clock.at(during + 90 * SECOND):
        speaking.start_turn(actor=facilitator, table=table, person=members[1])
        assert [one.person for one in speaking.turn_list(table) if one.speaks_now] == [members[1]]
    with clock.at(during + 100 * SECOND):
        speaking.stop_turn(actor=facilitator, table=table)
    assert table.turns.spoken() == {members[0].pk: 90, members[1].pk: 10}
    speaking.stop_turn(actor=facilitator, table=table)
    assert table.turns.count() == 2


def test_a_turn_that_was_started_by_mistake_does_not_count(facilitator, table, members):
    speaking.start_turn(actor=facilitator, table=table, person=members[0])
    speaking.stop_turn(actor=facilitator, table=table, counts=False)
    assert not table.turns.exists()


def test_a_clock_that_was_forgotten_counts_two_hours_at_most(facilitator, table, members, during):
    speaking.start_turn(actor=facilitator, table=table, person=members[0])
    with clock.at(during + dt.timedelta(hours=5)):
        speaking.stop_turn(actor=facilitator, table=table)
    assert table.turns.get().seconds == 7200


@pytest.mark.parametrize(
    "act",
    [
        add,
        lambda actor, table: speaking.stop_turn(actor=actor, table=table),
        lambda actor, table: speaking.start_turn(
            actor=actor, table=table, person=table.members.get(number=1)
        ),
    ],
)
def test_nobody_but_a_facilitator_measures(institution, table, members, act):
    acts.only(
        institution,
        Role.FACILITATOR,
        act=lambda actor: act(actor, table),
        also_refused=(factories.actor_of(members[0]),),
    )


def test_where_a_facilitator_is_named_no_other_one_measures(institution, facilitator, table):
    table.facilitator = factories.make_user(institution, Role.FACILITATOR)
    table.save()
    with pytest.raises(NotAllowed):
        add(facilitator, table)
    other = Actor.of(table.facilitator)
    assert add(other, table).seconds == 60


def test_a_turn_that_is_sent_twice_counts_once(facilitator, table):
    sent = uuid.uuid4()
    assert add(facilitator, table, public_id=sent) == add(facilitator, table, public_id=sent)
    assert table.turns.count() == 1


def test_a_turn_of_another_table_is_refused(facilitator, table, cycle):
    sent = uuid.uuid4()
    add(facilitator, table, public_id=sent)
    with pytest.raises(ForeignTurn):
        add(facilitator, factories.make_table(cycle), public_id=sent)


@pytest.mark.parametrize("seconds", [0, 7201, -1])
def test_a_turn_has_a_length(facilitator, table, seconds):
    with pytest.raises(TurnLength):
        add(facilitator, table, seconds=seconds)


def test_who_does_not_sit_in_the_meeting_does_not_speak(facilitator, table, members):
    table.places.filter(member=members[2]).delete()
    with pytest.raises(NotAtTheTable):
        add(facilitator, table, number=3)
    with pytest.raises(NotAtTheTable):
        speaking.start_turn(actor=facilitator, table=table, person=members[2])


def test_there_is_an_end_to_turns(facilitator, table, monkeypatch):
    monkeypatch.setattr(speaking, "MOST_TURNS", 1)
    add(facilitator, table)
    with pytest.raises(TooManyTurns):
        add(facilitator, table)


def test_the_database_lets_one_person_speak_at_a_table(table, members):
    Turn.objects.create(table=table, member=members[0], began_at=factories.NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Turn.objects.create(table=table, member=members[1], began_at=factories.NOW)


# -- closing ---------------------------------------------------------------------------------------------
def test_closing_deletes_every_time_of_a_person_and_keeps_how_even_the_table_was(
    institution, secretariat, facilitator, table, during
):
    for number in range(1, 13):
        add(facilitator, table, number, 60)
    close(secretariat, table)
    assert not Turn.objects.exists()
    kept = SpeakingTime.objects.get()
    assert (kept.table, kept.people, kept.seconds, kept.gini) == (table, 12, 720, 0)
    facts = acts.entry(institution, Action.MEETING_CLOSED).facts
    assert facts == {"meeting": 1, "turns_deleted": 12, "tables_measured": 1}


def test_of_each_feature_stay_sums_of_five_people_or_more(secretariat, facilitator, table, cycle, during):
    for number in range(1, 13):
        add(facilitator, table, number, number)
    close(secretariat, table)
    features = {each.key for each in Feature.objects.filter(cycle=cycle) if not each.sensitive}
    assert features
    for feature in features:
        times = GroupTime.objects.filter(feature=feature)
        assert sum(each.seconds for each in times) == 78
        assert sum(each.people for each in times) == 12
    assert all(each.people >= 5 for each in GroupTime.objects.all())


def test_what_a_second_feature_would_tell_of_few_is_not_kept(
    secretariat, facilitator, table, cycle, members, during
):
    first, second = Feature.objects.filter(cycle=cycle).order_by("position")[:2]
    for place, member in enumerate(members):
        member.features = {first.key: "F" if place < 6 else "M", second.key: "y" if place < 7 else "o"}
        member.save()
        add(facilitator, table, member.number, 60)
    close(secretariat, table)
    assert set(GroupTime.objects.values_list("feature", "value", "people")) == {
        (first.key, "F", 6), (first.key, "M", 6),
    }  # fmt: skip


def test_of_a_table_of_four_nothing_stays(secretariat, facilitator, table, members, during):
    table.places.filter(member__number__gt=4).delete()
    add(facilitator, table, 1, 60)
    close(secretariat, table)
    assert not SpeakingTime.objects.exists()
    assert not GroupTime.objects.exists()


def test_who_was_absent_is_not_silent(secretariat, facilitator, table, members, during):
    for number in range(1, 7):
        add(facilitator, table, number, 60)
    for member in members[6:]:
        Attendance.objects.create(
            meeting=table.plan.meeting, member=member, presence=Presence.EXCUSED, recorded_at=during
        )
    close(secretariat, table)
    assert (SpeakingTime.objects.get().people, SpeakingTime.objects.get().gini) == (6, 0)


def test_nobody_but_the_secretariat_closes_a_meeting(institution, table, members, during):
    acts.only(
        institution,
        Role.SECRETARIAT,
        act=lambda actor: close(actor, table),
        also_refused=(factories.actor_of(members[0]),),
    )


def test_closing_twice_changes_nothing(institution, secretariat, table, during):
    first = close(secretariat, table)
    assert close(secretariat, table).closed_at == first.closed_at
    assert len(acts.entries(institution, Action.MEETING_CLOSED)) == 1


def test_a_meeting_that_has_not_begun_is_not_closed(secretariat, table):
    with clock.at(table.plan.meeting.starts_at - SECOND), pytest.raises(MeetingNotOver):
        close(secretariat, table)


def test_nothing_is_measured_once_the_meeting_is_closed(secretariat, facilitator, table, members, during):
    close(secretariat, table)
    table.plan.meeting.refresh_from_db()
    for act in (
        lambda: add(facilitator, table),
        lambda: speaking.start_turn(actor=facilitator, table=table, person=members[0]),
        lambda: speaking.stop_turn(actor=facilitator, table=table),
    ):
        with pytest.raises(MeetingClosed):
            act()


def test_a_day_after_its_end_the_software_closes_a_meeting_that_holds_times(
    facilitator, table, institution
):
    add(facilitator, table)
    end = table.plan.meeting.ends_at + speaking.KEPT_AFTER
    with clock.at(end - SECOND):
        assert jobs.forget_speaking_times() == 0
    with clock.at(end):
        assert jobs.forget_speaking_times() == 1
        assert jobs.forget_speaking_times() == 0
    assert not Turn.objects.exists()
    assert acts.entry(institution, Action.MEETING_CLOSED).actor == "system"


def test_a_meeting_without_times_stays_open(table):
    with clock.at(table.plan.meeting.ends_at + speaking.KEPT_AFTER):
        assert jobs.forget_speaking_times() == 0


def test_the_database_keeps_no_sum_of_four_people(table):
    with pytest.raises(IntegrityError), transaction.atomic():
        SpeakingTime.objects.create(table=table, people=4, seconds=10, gini=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupTime.objects.create(
            meeting=table.plan.meeting, feature="sex", value="f", people=4, places=4, seconds=10
        )


# -- what the public reads -------------------------------------------------------------------------------
def test_the_public_reads_how_long_each_group_spoke_and_never_a_person(
    client, institution, secretariat, facilitator, table, cycle, during
):
    address = f"/en/{institution.slug}/cycles/{cycle.number}/measures/"
    for number in range(1, 13):
        add(facilitator, table, number, 60 * number)
    assert "it stands here how long each group spoke" in client.get(address).content.decode()
    assert algorithms.who_spoke(cycle) is None
    close(secretariat, table)
    spoke = algorithms.who_spoke(cycle)
    assert spoke.tables == 1
    for _feature, groups in spoke.features:
        assert sum(each.places for each in groups) == 12
        assert all(each.places >= 5 for each in groups)
        assert sum(each.share_of_time for each in groups) == pytest.approx(1)
        assert sum(each.share_of_places for each in groups) == pytest.approx(1)
        assert sum(each.places * each.minutes_a_place for each in groups) == pytest.approx(78)
    page = client.get(address).content.decode()
    assert "Time was measured at 1 table" in page
    assert "Minutes a place" in page


def test_two_meetings_add_up(secretariat, facilitator, table, cycle, during):
    add(facilitator, table, 1, 60)
    close(secretariat, table)
    second = factories.make_table(cycle)
    add(facilitator, second, 2, 120)
    with clock.at(second.plan.meeting.ends_at):
        close(secretariat, second)
    spoke = algorithms.who_spoke(cycle)
    assert spoke.tables == 2
    for _feature, groups in spoke.features:
        assert sum(each.places for each in groups) == 24
        assert sum(each.places * each.minutes_a_place for each in groups) == pytest.approx(3)
