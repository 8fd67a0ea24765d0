"""On the day: members are checked in, tables are evened out with few moves, wishes about seats hold."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from isegoria.errors import IsegoriaError
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.accounts.services import erase_person
from isegoria_web.allowances.services import compute_claims
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.meetings import on_the_day, services
from isegoria_web.meetings.check_in_codes import code_of, member_with
from isegoria_web.meetings.enums import Presence, WishKind
from isegoria_web.meetings.errors import (
    NobodyCame,
    NoTables,
    NotExpected,
    NothingToMove,
    RoomChanged,
    RoundUnderWay,
    UnknownCheckInCode,
    UnknownMember,
    WishIncomplete,
)
from isegoria_web.meetings.models import Attendance, Meeting, Reseating, SeatingWish, Table, TablePlace
from tests.web import acts, factories
from tests.web.allowances.support import FEE, pay
from tests.web.factories import NOW


@pytest.fixture
def cycle(institution) -> Cycle:
    return factories.make_cycle(institution, panel_size=12)


@pytest.fixture
def members(cycle):
    return factories.make_members(cycle)


@pytest.fixture
def meeting(cycle, members) -> Meeting:
    return factories.make_meeting(cycle)


def plan(actor, meeting, **changes):
    return services.plan_tables(
        actor=actor, meeting=meeting, **{"seed_text": "seed", "table_size": 4, "rounds": 2} | changes
    )


def come(actor, meeting, *numbers):
    for number in numbers:
        member = meeting.cycle.members.get(number=number)
        on_the_day.check_in(actor=actor, meeting=meeting, member=member)


def seating(meeting, number=1):
    return {
        table.number: {one.number for one in table.members.all()}
        for table in Table.objects.filter(plan__meeting=meeting, round=number)
    }


def confirm(actor, meeting, from_round=1):
    proposal = on_the_day.propose_reseating(actor=actor, meeting=meeting, from_round=from_round)
    return on_the_day.reseat(
        actor=actor, meeting=meeting, from_round=from_round, fingerprint=proposal.fingerprint
    )


# -- codes -----------------------------------------------------------------------------------------------
def test_a_code_finds_its_member_however_it_is_typed(meeting, members):
    code = code_of(meeting, members[3])
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", code)
    for typed in (
        code,
        code.lower(),
        code.replace("-", " "),
        code.replace("-", "").replace("0", "O").replace("1", "l"),
    ):
        assert member_with(typed, meeting, members) == members[3]


def test_a_code_is_of_one_meeting_and_one_institution(cycle, meeting, members, elsewhere):
    code = code_of(meeting, members[0])
    assert member_with(code, factories.make_meeting(cycle), members) is None
    other = factories.make_cycle(elsewhere)
    theirs = factories.make_members(other)
    assert member_with(code, factories.make_meeting(other), theirs) is None


def test_every_member_has_another_code_and_a_wrong_character_is_noticed(meeting, members):
    codes = [code_of(meeting, member) for member in members]
    assert len(set(codes)) == len(members)
    wrong = ("1" if codes[0][0] != "1" else "2") + codes[0][1:]
    assert member_with(wrong, meeting, members) is None
    assert member_with("", meeting, members) is None
    assert member_with("ÄÄÄÄ-ÄÄÄÄ", meeting, members) is None


# -- check-in ------------------------------------------------------------------------------------------------
def test_the_desk_checks_a_member_in_by_her_code(facilitator, meeting, members):
    on_the_day.check_in_by_code(actor=facilitator, meeting=meeting, code=code_of(meeting, members[6]))
    assert Attendance.objects.get().member == members[6]
    assert Attendance.objects.get().presence == Presence.PRESENT


def test_only_secretariat_and_facilitators_check_members_in(institution, meeting, members):
    for act in (
        lambda actor: on_the_day.check_in(actor=actor, meeting=meeting, member=members[0]),
        lambda actor: on_the_day.check_in_by_code(
            actor=actor, meeting=meeting, code=code_of(meeting, members[0])
        ),
    ):
        acts.only(
            institution, Role.SECRETARIAT, Role.FACILITATOR, act=act,
            also_refused=(factories.actor_of(members[0]),),
        )  # fmt: skip
        institution.slug = f"{institution.slug}-2"
    assert not Attendance.objects.exists()


def test_a_second_check_in_changes_nothing_and_one_after_an_absence_corrects_it(
    institution, facilitator, meeting, members
):
    come(facilitator, meeting, 1, 1)
    assert len(acts.entries(institution, Action.MEMBER_CHECKED_IN)) == 1
    services.take_attendance(actor=facilitator, meeting=meeting, presences={1: Presence.ABSENT})
    come(facilitator, meeting, 1)
    assert Attendance.objects.get().presence == Presence.PRESENT


def test_a_check_in_is_in_the_journal_as_a_number(institution, facilitator, meeting, members):
    come(facilitator, meeting, 1)
    assert acts.entry(institution, Action.MEMBER_CHECKED_IN).facts == {"meeting": 1, "present": 1}


def test_unknown_codes_and_former_members_are_not_checked_in(facilitator, cycle, meeting, members):
    with pytest.raises(UnknownCheckInCode):
        on_the_day.check_in_by_code(actor=facilitator, meeting=meeting, code="ABCD-EFGH")
    factories.end_term(members[0])
    with pytest.raises(UnknownCheckInCode):
        on_the_day.check_in_by_code(actor=facilitator, meeting=meeting, code=code_of(meeting, members[0]))
    with pytest.raises(NotExpected):
        come(facilitator, meeting, 1)
    assert not Attendance.objects.exists()


def test_who_is_checked_in_is_paid(institution, secretariat, facilitator, meeting, members):
    pay(institution, FEE)
    come(facilitator, meeting, 1, 2)
    Meeting.objects.update(starts_at=NOW.replace(hour=1), ends_at=NOW.replace(hour=2))
    compute_claims(actor=secretariat, institution=institution)
    assert sorted(claim.member.number for claim in institution.claims.all()) == [1, 2]


# -- wishes --------------------------------------------------------------------------------------------------
def wish(actor, cycle, kind=WishKind.APART, numbers=(1, 2), table=None):
    return on_the_day.wish_seats(actor=actor, cycle=cycle, kind=kind, numbers=numbers, table=table)


def test_a_plan_keeps_the_wishes(facilitator, cycle, meeting, members):
    wish(facilitator, cycle, WishKind.APART, (1, 2, 3))
    wish(facilitator, cycle, WishKind.TOGETHER, (4, 5))
    wish(facilitator, cycle, WishKind.PINNED, (6,), 2)
    plan(facilitator, meeting)
    for number in (1, 2):
        tables = seating(meeting, number)
        assert all(len({1, 2, 3} & seated) == 1 for seated in tables.values())
        assert any({4, 5} <= seated for seated in tables.values())
        assert 6 in tables[2]


def test_wishes_that_contradict_each_other_are_refused_and_the_old_plan_stays(
    facilitator, cycle, meeting, members
):
    plan(facilitator, meeting)
    before = seating(meeting)
    wish(facilitator, cycle, WishKind.APART, (1, 2))
    wish(facilitator, cycle, WishKind.TOGETHER, (1, 2))
    with pytest.raises(IsegoriaError):
        plan(facilitator, meeting, seed_text="other")
    assert seating(meeting) == before


@pytest.mark.parametrize(
    ("kind", "numbers", "table"),
    [
        (WishKind.APART, (1,), None),
        (WishKind.TOGETHER, (2, 2), None),
        (WishKind.PINNED, (1,), None),
        (WishKind.APART, (1, 2), 3),
        (WishKind.PINNED, (), 3),
        (WishKind.PINNED, (1,), 0),
    ],
)
def test_an_incomplete_wish_is_refused(facilitator, cycle, members, kind, numbers, table):
    with pytest.raises(WishIncomplete):
        wish(facilitator, cycle, kind, numbers, table)
    assert not SeatingWish.objects.exists()


def test_a_wish_about_nobody_is_refused(facilitator, cycle, members):
    with pytest.raises(UnknownMember):
        wish(facilitator, cycle, numbers=(1, 99))
    assert not SeatingWish.objects.exists()


def test_the_database_knows_what_a_wish_is(cycle):
    for wrong in ({"kind": "beside"}, {"kind": "pinned"}, {"kind": "apart", "table": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SeatingWish.objects.create(cycle=cycle, entered_at=NOW, **wrong)


def test_only_secretariat_and_facilitators_enter_wishes_and_take_them_back(
    institution, cycle, members, facilitator
):
    made = wish(facilitator, cycle)
    for act in (
        lambda actor: wish(actor, cycle),
        lambda actor: on_the_day.drop_wish(actor=actor, wish=made),
    ):
        acts.only(
            institution, Role.SECRETARIAT, Role.FACILITATOR, act=act,
            also_refused=(factories.actor_of(members[0]),),
        )  # fmt: skip
        institution.slug = f"{institution.slug}-2"
    assert SeatingWish.objects.count() == 1


def test_wishes_are_in_the_journal_without_their_people_and_taken_back_once(
    institution, facilitator, cycle, members
):
    made = wish(facilitator, cycle)
    on_the_day.drop_wish(actor=facilitator, wish=made)
    on_the_day.drop_wish(actor=facilitator, wish=SeatingWish(pk=made.pk, cycle=cycle))
    for action in (Action.SEATING_WISHED, Action.SEATING_WISH_DROPPED):
        assert acts.entry(institution, action).facts == {"cycle": 1, "kind": "apart"}
    assert not SeatingWish.objects.exists()


def test_wishes_go_with_the_person(secretariat, cycle, members):
    wish(secretariat, cycle)
    factories.end_term(members[0])
    erase_person(actor=secretariat, institution=cycle.institution, user=members[0].user)
    assert not SeatingWish.objects.exists()


# -- seats ---------------------------------------------------------------------------------------------------
def test_two_missing_at_nine_move_no_more_than_needed_and_pins_stay(facilitator, cycle, meeting, members):
    wish(facilitator, cycle, WishKind.PINNED, (6,), 2)
    plan(facilitator, meeting)
    before = {number: seating(meeting, number) for number in (1, 2)}
    gone = set(sorted(before[1][1])[:2])
    come(facilitator, meeting, *(set(range(1, 13)) - gone))
    proposal = confirm(facilitator, meeting)
    for one in proposal.rounds:
        after = seating(meeting, one.number)
        assert sorted(map(len, after.values())) == [3, 3, 4]
        assert 6 in after[2]
        stayed = sum(len(before[one.number][place] & after[place]) for place in after)
        assert len(one.moves) == 10 - stayed == one.allowed <= 3
        assert {number for seated in after.values() for number in seated} == set(range(1, 13)) - gone
    assert set(Reseating.objects.values_list("round", "missing")) == {(1, 2), (2, 2)}


def test_rounds_that_were_held_are_history(facilitator, meeting, members):
    plan(facilitator, meeting)
    held = seating(meeting, 1)
    factories.make_note(Table.objects.filter(plan__meeting=meeting, round=1)[0])
    come(facilitator, meeting, *range(3, 13))
    with pytest.raises(RoundUnderWay):
        confirm(facilitator, meeting, 1)
    confirm(facilitator, meeting, 2)
    assert seating(meeting, 1) == held
    assert sum(map(len, seating(meeting, 2).values())) == 10


def test_who_comes_late_gets_a_place_and_nobody_else_moves(facilitator, cycle, meeting, members):
    plan(facilitator, meeting)
    come(facilitator, meeting, *range(2, 13))
    confirm(facilitator, meeting)
    before = seating(meeting)
    come(facilitator, meeting, 1)
    confirm(facilitator, meeting)
    after = seating(meeting)
    assert all(before[place] <= after[place] for place in after)
    assert sorted(map(len, after.values())) == [4, 4, 4]
    with pytest.raises(NothingToMove):
        confirm(facilitator, meeting)


def test_what_was_confirmed_is_what_is_done(facilitator, meeting, members):
    plan(facilitator, meeting)
    come(facilitator, meeting, *range(2, 13))
    shown = on_the_day.propose_reseating(actor=facilitator, meeting=meeting, from_round=1)
    assert TablePlace.objects.count() == 24
    come(facilitator, meeting, 1)
    services.take_attendance(actor=facilitator, meeting=meeting, presences={2: Presence.ABSENT})
    with pytest.raises(RoomChanged):
        on_the_day.reseat(actor=facilitator, meeting=meeting, from_round=1, fingerprint=shown.fingerprint)
    assert TablePlace.objects.count() == 24
    assert not Reseating.objects.exists()


def test_without_tables_or_people_nothing_is_seated(facilitator, meeting, members):
    with pytest.raises(NoTables):
        confirm(facilitator, meeting)
    plan(facilitator, meeting)
    with pytest.raises(NobodyCame):
        confirm(facilitator, meeting)
    come(facilitator, meeting, 1)
    with pytest.raises(NoTables):
        confirm(facilitator, meeting, 3)


def test_only_secretariat_and_facilitators_seat_members_anew(institution, facilitator, meeting, members):
    plan(facilitator, meeting)
    come(facilitator, meeting, *range(2, 13))
    acts.only(
        institution, Role.SECRETARIAT, Role.FACILITATOR, act=lambda actor: confirm(actor, meeting),
        also_refused=(factories.actor_of(members[0]),),
    )  # fmt: skip


def test_a_reseating_is_in_the_journal_in_numbers(institution, facilitator, meeting, members):
    plan(facilitator, meeting)
    come(facilitator, meeting, *range(2, 13))
    confirm(facilitator, meeting)
    facts = acts.entry(institution, Action.TABLES_RESEATED).facts
    assert facts == {"meeting": 1, "from_round": 1, "missing": 1, "arrived": 0, "moved": [0, 0]}


def test_forty_eight_members_are_seated_anew_in_seconds(institution, facilitator):
    cycle = factories.make_cycle(institution, panel_size=48)
    factories.make_members(cycle)
    meeting = factories.make_meeting(cycle)
    plan(facilitator, meeting, table_size=8)
    come(facilitator, meeting, *range(6, 49))
    begin = time.perf_counter()
    proposal = confirm(facilitator, meeting)
    assert time.perf_counter() - begin < 5
    assert all(len(one.moves) <= one.allowed <= 5 for one in proposal.rounds)


# -- pages ---------------------------------------------------------------------------------------------------
def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk(institution) -> Client:
    return browser(factories.make_user(institution, Role.FACILITATOR))


def at(name, *args):
    return reverse(f"office:{name}", args=["ostbelgien", 1, *args])


def test_a_member_shows_a_code_and_the_desk_takes_it(desk, meeting, members):
    page = browser(members[4].user).get(reverse("members:check_in", args=["ostbelgien"]))
    code = code_of(meeting, members[4])
    assert code in page.content.decode()
    drawn = browser(members[4].user).get(reverse("members:check_in_square", args=["ostbelgien"]))
    assert drawn["Content-Type"] == "image/svg+xml"
    assert b"<svg" in drawn.content
    answer = desk.post(at("check_in", 1), {"code": code.lower()}, follow=True)
    assert "Member 5 is here" in answer.content.decode()
    assert "1 of 12 members are here" in answer.content.decode()
    again = browser(members[4].user).get(reverse("members:check_in", args=["ostbelgien"]))
    assert "You are checked in" in again.content.decode()


def test_without_a_meeting_or_a_seat_there_is_no_code(cycle, members):
    client = browser(members[0].user)
    assert (
        "No meeting is coming"
        in client.get(reverse("members:check_in", args=["ostbelgien"])).content.decode()
    )
    assert client.get(reverse("members:check_in_square", args=["ostbelgien"])).status_code == 404
    factories.make_meeting(cycle)
    factories.end_term(members[0])
    assert client.get(reverse("members:check_in_square", args=["ostbelgien"])).status_code == 404


def test_who_was_not_checked_in_is_not_taken_for_present_by_the_list(desk, facilitator, meeting, members):
    address = at("attendance", 1)
    assert desk.get(address).context["form"]["member_2"].initial == Presence.PRESENT
    come(facilitator, meeting, 1)
    form = desk.get(address).context["form"]
    assert (form["member_1"].initial, form["member_2"].initial) == (Presence.PRESENT, Presence.ABSENT)


def test_the_desk_ticks_without_a_phone_and_takes_it_back(desk, meeting, members):
    desk.post(at("check_in", 1), {"here": "3"})
    assert Attendance.objects.get().presence == Presence.PRESENT
    page = desk.post(at("check_in", 1), {"away": "3"}, follow=True).content.decode()
    assert Attendance.objects.get().presence == Presence.ABSENT
    assert "Member 3 is not here" in page


@pytest.mark.parametrize(
    "sent", [{"code": ""}, {"code": "ABCD-EFGH"}, {"here": "99"}, {"here": "x"}, {"away": "99"}, {}]
)
def test_a_wrong_code_or_tick_notes_nothing_and_says_so(desk, meeting, members, sent):
    answer = desk.post(at("check_in", 1), sent)
    assert answer.status_code == 422
    assert not Attendance.objects.exists()


def test_moves_are_shown_before_they_are_confirmed(desk, facilitator, meeting, members):
    plan(facilitator, meeting)
    gone = sorted(seating(meeting)[1])[:2]
    assert "Nobody is checked in yet" in desk.get(at("reseat", 1)).content.decode()
    come(facilitator, meeting, *(set(range(1, 13)) - set(gone)))
    page = desk.get(at("reseat", 1)).content.decode()
    assert "from table" in page
    fingerprint = re.search(r'name="fingerprint" value="(\w+)"', page).group(1)
    stale = desk.post(at("reseat", 1), {"from_round": 1, "fingerprint": "0"})
    assert stale.status_code == 409
    assert "nobody was moved" in stale.content.decode()
    done = desk.post(at("reseat", 1), {"from_round": 1, "fingerprint": fingerprint}, follow=True)
    assert "Everybody who is here has a place" in done.content.decode()
    assert "evened out" in done.content.decode()
    public = Client().get(reverse("public:meeting", args=["ostbelgien", 1, 1])).content.decode()
    assert "evened out on the day" in public


def test_wishes_are_entered_and_taken_back_on_their_page(desk, meeting, members):
    wrong = desk.post(at("seating"), {"kind": "apart", "members": "1, anna"})
    assert wrong.status_code == 422
    assert "anna" in wrong.content.decode()
    assert desk.post(at("seating"), {"kind": "pinned", "members": "1"}).status_code == 422
    page = desk.post(at("seating"), {"kind": "apart", "members": "1, 2"}, follow=True).content.decode()
    assert "Never at one table" in page
    desk.post(at("seating"), {"drop": SeatingWish.objects.get().pk})
    assert not SeatingWish.objects.exists()
    assert desk.post(at("seating"), {"drop": "x"}).status_code == 404


def test_the_office_sees_how_good_the_plan_is(desk, facilitator, meeting, members):
    made = plan(facilitator, meeting)
    assert made.repeats - made.repeats_bound == made.gap
    page = desk.get(at("meeting", 1)).content.decode()
    assert f"{made.pairs_met} different pairs meet" in page


@pytest.mark.parametrize(
    ("after", "planned", "noted", "first", "large"),
    [
        (dt.timedelta(days=-2), False, False, "before", "Plan the tables"),
        (dt.timedelta(days=-2), True, False, "before", "Place cards (PDF)"),
        (dt.timedelta(hours=-1), True, False, "day", "Check in at the door"),
        (dt.timedelta(hours=1), True, True, "day", "Check in at the door"),
        (dt.timedelta(days=1), True, False, "after", "Take the attendance"),
        (dt.timedelta(days=1), True, True, "after", ""),
    ],
)
def test_the_page_of_a_meeting_begins_with_what_comes_next(
    desk, facilitator, meeting, members, after, planned, noted, first, large
):
    if planned:
        plan(facilitator, meeting)
    if noted:
        on_the_day.check_in(actor=facilitator, meeting=meeting, member=members[0])
    with clock.at(meeting.starts_at + after):
        page = desk.get(at("meeting", 1)).content.decode()
    phases = re.findall(r'id="phase-(\w+)"', page)
    assert phases[0] == first
    assert sorted(phases) == ["after", "before", "day"]
    main = page[page.index("<main") :]
    assert re.findall(r'class="button" href="[^"]*">([^<]*)<', main) == [large] * bool(large)
