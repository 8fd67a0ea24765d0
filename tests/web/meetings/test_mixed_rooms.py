"""Members of parliament in the room: checked in, shared out over the tables, measured; the citizens' figures stay theirs."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections import Counter

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.allowances.services import compute_claims
from isegoria_web.evaluation.algorithms import who_met, who_spoke
from isegoria_web.journal.enums import Action
from isegoria_web.meetings import on_the_day, searching, services, speaking
from isegoria_web.meetings.check_in_codes import code_of, member_with
from isegoria_web.meetings.enums import Presence
from isegoria_web.meetings.errors import (
    NotAtTheTable,
    NotExpected,
    SearchOutdated,
    UnknownCheckInCode,
    UnknownMember,
)
from isegoria_web.meetings.models import (
    AppointeeAttendance,
    AppointeePlace,
    Attendance,
    GroupTime,
    Meeting,
    SpeakingTime,
    Table,
    Turn,
)
from isegoria_web.meetings.people import sign_of
from isegoria_web.meetings.place_cards import cards_pdf, lists_pdf
from isegoria_web.membership import appointing
from isegoria_web.membership.models import Appointee, Member
from isegoria_web.web.backoffice import tablet
from tests.web import acts, factories
from tests.web.allowances.support import FEE, pay
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db
DEPUTIES = 5
CITIZENS = 15


@pytest.fixture
def cycle(institution):
    cycle = factories.make_cycle(institution, panel_size=CITIZENS)
    factories.make_features(cycle)
    return cycle


@pytest.fixture
def deputies(cycle) -> list[Appointee]:
    found = factories.mix(cycle, seats=DEPUTIES)
    for one, group in zip(found, ("Greens", "Greens", "Liberals", "Liberals", ""), strict=True):
        one.group = group
        one.save()
    return found


@pytest.fixture
def members(cycle, deputies) -> list[Member]:
    return factories.make_members(cycle)


@pytest.fixture
def meeting(cycle, members) -> Meeting:
    return factories.make_meeting(cycle)


def plan(actor, meeting, **changes):
    asked = {"seed_text": "seed", "table_size": 4, "rounds": 2} | changes
    return services.plan_tables(actor=actor, meeting=meeting, **asked)


def come(actor, meeting, *people):
    for one in people:
        if isinstance(one, Appointee):
            on_the_day.check_in_appointee(actor=actor, meeting=meeting, appointee=one)
        else:
            on_the_day.check_in(actor=actor, meeting=meeting, member=one)


def confirm(actor, meeting):
    shown = on_the_day.propose_reseating(actor=actor, meeting=meeting, from_round=1)
    return on_the_day.reseat(actor=actor, meeting=meeting, from_round=1, fingerprint=shown.fingerprint)


def deputies_at(meeting, number=1):
    """How many of them sit at each table of a round."""
    tables = Table.objects.filter(plan__meeting=meeting, round=number)
    return [table.appointees.count() for table in tables]


# -- check-in ----------------------------------------------------------------------------------------------
def test_the_desk_checks_a_deputy_in_by_her_code(facilitator, meeting, members, deputies):
    code = code_of(meeting, deputies[2])
    assert member_with(code.lower(), meeting, deputies) == deputies[2]
    assert member_with(code, meeting, members) is None
    assert len({code_of(meeting, one) for one in [*members, *deputies]}) == CITIZENS + DEPUTIES
    noted = on_the_day.check_in_by_code(actor=facilitator, meeting=meeting, code=code)
    assert (noted.appointee, noted.presence) == (deputies[2], Presence.PRESENT)
    assert not Attendance.objects.exists()


def test_only_secretariat_and_facilitators_check_deputies_in(institution, cycle, meeting, deputies):
    deputies[0].user = factories.make_user()
    deputies[0].save()
    herself = factories.Actor.of(deputies[0].user)
    for act in (
        lambda actor: come(actor, meeting, deputies[0]),
        lambda actor: on_the_day.check_in_by_code(
            actor=actor, meeting=meeting, code=code_of(meeting, deputies[0])
        ),
        lambda actor: services.take_attendance(
            actor=actor, meeting=meeting, presences={}, appointed={deputies[0].pk: Presence.PRESENT}
        ),
    ):
        acts.only(institution, Role.SECRETARIAT, Role.FACILITATOR, act=act, also_refused=(herself,))
        institution.slug = f"{institution.slug}-2"
    assert not AppointeeAttendance.objects.exists()


def test_a_second_check_in_of_a_deputy_changes_nothing_and_the_journal_counts(
    institution, facilitator, meeting, members, deputies
):
    come(facilitator, meeting, deputies[0], deputies[0], members[0])
    told = acts.entry(institution, Action.APPOINTEE_CHECKED_IN)
    assert told.facts == {"meeting": 1, "appointed_present": 1}
    assert "Deputy" not in str(told.facts)
    assert acts.entry(institution, Action.MEMBER_CHECKED_IN).facts == {"meeting": 1, "present": 1}
    services.take_attendance(
        actor=facilitator, meeting=meeting, presences={1: Presence.PRESENT},
        appointed={deputies[0].pk: Presence.ABSENT},
    )  # fmt: skip
    assert acts.entry(institution, Action.ATTENDANCE_TAKEN).facts == {
        "meeting": 1, "present": 1, "appointed_present": 0,
    }  # fmt: skip
    come(facilitator, meeting, deputies[0])
    assert AppointeeAttendance.objects.get().presence == Presence.PRESENT


def test_who_holds_no_such_seat_on_the_day_is_not_checked_in(
    secretariat, facilitator, meeting, deputies, elsewhere
):
    appointing.end_appointment(actor=secretariat, appointee=deputies[0], on=meeting.day)
    theirs = factories.mix(factories.make_cycle(elsewhere))[0]
    for one in (deputies[0], theirs):
        with pytest.raises(NotExpected):
            come(facilitator, meeting, one)
        with pytest.raises(UnknownCheckInCode):
            on_the_day.check_in_by_code(actor=facilitator, meeting=meeting, code=code_of(meeting, one))
        with pytest.raises(UnknownMember):
            services.take_attendance(
                actor=facilitator, meeting=meeting, presences={1: Presence.PRESENT},
                appointed={one.pk: Presence.PRESENT},
            )  # fmt: skip
    assert not AppointeeAttendance.objects.exists()
    assert not Attendance.objects.exists()


def test_no_allowance_follows_from_the_attendance_of_a_deputy(
    institution, secretariat, facilitator, meeting, members, deputies
):
    pay(institution, FEE)
    come(facilitator, meeting, members[0], *deputies)
    Meeting.objects.update(starts_at=NOW.replace(hour=1), ends_at=NOW.replace(hour=2))
    compute_claims(actor=secretariat, institution=institution)
    assert [claim.member for claim in institution.claims.all()] == [members[0]]


# -- tables ------------------------------------------------------------------------------------------------
def test_every_table_has_its_share_of_deputies_and_of_their_parties(facilitator, meeting, deputies):
    plan(facilitator, meeting, table_size=7)  # 20 people at 3 tables
    for number in (1, 2):
        assert sorted(deputies_at(meeting, number)) == [1, 2, 2]
        for table in Table.objects.filter(plan__meeting=meeting, round=number):
            parties = Counter(one.group for one in table.appointees.all() if one.group)
            assert not parties or max(parties.values()) == 1
            assert 6 <= table.appointees.count() + table.members.count() <= 7


def test_who_leaves_the_seat_before_the_day_gets_no_place_and_her_successor_does(
    secretariat, facilitator, meeting, deputies
):
    search = searching.start_search(
        actor=facilitator, meeting=meeting, seed_text="seed", table_size=4, rounds=1
    )
    searching.search_tables(actor=facilitator, search=search)
    new = appointing.replace_appointee(
        actor=secretariat, appointee=deputies[0], name="Deputy New", group="", decision="Bureau",
        on=meeting.day,
    )  # fmt: skip
    search.refresh_from_db()
    assert sum(isinstance(who, str) for table in search.seating[0] for who in table) == DEPUTIES
    with pytest.raises(SearchOutdated):
        searching.take_plan(actor=facilitator, search=search)
    plan(facilitator, meeting)
    seated = set(AppointeePlace.objects.values_list("appointee", flat=True))
    assert seated == {new.pk, *(one.pk for one in deputies[1:])}


def test_a_plan_that_was_found_seats_deputies_when_it_is_taken(facilitator, meeting, deputies):
    search = searching.start_search(
        actor=facilitator, meeting=meeting, seed_text="seed", table_size=4, rounds=2
    )
    searching.search_tables(actor=facilitator, search=search)
    search.refresh_from_db()
    searching.take_plan(actor=facilitator, search=search)
    assert deputies_at(meeting, 1) == deputies_at(meeting, 2) == [1] * 5
    with pytest.raises(IntegrityError), transaction.atomic():
        AppointeePlace.objects.create(
            table=Table.objects.filter(appointees=deputies[0])[0], appointee=deputies[0]
        )


def test_on_the_day_deputies_are_seated_anew_with_the_citizens(
    institution, facilitator, meeting, members, deputies
):
    plan(facilitator, meeting)
    here = [*members[1:], *deputies[1:]]
    come(facilitator, meeting, *here)
    proposal = confirm(facilitator, meeting)
    assert proposal.rounds[0].missing == [1, sign_of(deputies[0])]
    for number in (1, 2):
        tables = Table.objects.filter(plan__meeting=meeting, round=number)
        sizes = [table.members.count() + table.appointees.count() for table in tables]
        assert (sum(sizes), max(sizes) - min(sizes)) == (18, 1)
        assert max(deputies_at(meeting, number)) - min(deputies_at(meeting, number)) <= 1
    facts = acts.entry(institution, Action.TABLES_RESEATED).facts
    assert (facts["missing"], facts["arrived"]) == (2, 0)
    come(facilitator, meeting, deputies[0])
    late = confirm(facilitator, meeting)
    assert [each.who for each in late.rounds[0].arrivals] == [sign_of(deputies[0])]
    assert sorted(deputies_at(meeting)) == [1] * 5


def test_a_meeting_that_was_held_is_history_for_deputies_too(facilitator, cycle, meeting, deputies):
    plan(facilitator, meeting, table_size=10, rounds=1)
    asked = services.asked_of(factories.make_meeting(cycle), "seed", 10, 1)
    before = asked.fingerprint
    AppointeePlace.objects.filter(appointee=deputies[0]).delete()
    assert services.asked_of(Meeting.objects.get(number=2), "seed", 10, 1).fingerprint != before


def test_cards_and_lists_have_deputies_by_their_public_name(secretariat, meeting, deputies):
    plan(secretariat, meeting)
    cards = [page.extract_text() for page in PdfReader(io.BytesIO(cards_pdf(meeting))).pages]
    assert len(cards) == (CITIZENS + DEPUTIES) / 2
    assert "\n".join(cards).count("Deputy 3") == 2  # on both sides of the fold
    assert "\n".join(cards).count("Liberals") == 4
    lists = [page.extract_text() for page in PdfReader(io.BytesIO(lists_pdf(meeting))).pages]
    assert all(one.name in lists[0] for one in deputies)
    assert all("Deputy 3" in page for page in (lists[0], lists[1], lists[-1]))


def test_who_met_whom_counts_the_citizens_alone(facilitator, cycle, meeting, members, deputies):
    plan(facilitator, meeting, rounds=1)
    met = who_met(cycle)
    assert (met.possible, met.others) == (CITIZENS * (CITIZENS - 1) // 2, CITIZENS - 1)
    assert met.met == 5 * 3  # five tables of three citizens and one deputy
    AppointeePlace.objects.all().delete()
    assert who_met(cycle) == met


# -- at the table ------------------------------------------------------------------------------------------
@pytest.fixture
def table(facilitator, meeting) -> Table:
    plan(facilitator, meeting, table_size=20, rounds=1)
    return Table.objects.get()


def spoke(actor, table, who, seconds=60):
    return speaking.add_turn(actor=actor, table=table, public_id=uuid.uuid4(), who=who, seconds=seconds)


def test_deputies_stand_in_the_turn_list_and_who_spoke_comes_last(facilitator, table, deputies):
    spoke(facilitator, table, sign_of(deputies[0]), 30)
    spoke(facilitator, table, 1, 20)
    order = [one.sign for one in speaking.turn_list(table)]
    assert order == [*range(2, 16), *map(sign_of, deputies[1:]), 1, sign_of(deputies[0])]
    assert speaking.turn_list(table)[-1].words == "Deputy 1"
    with clock.at(NOW):
        speaking.start_turn(actor=facilitator, table=table, person=deputies[1])
        state = tablet.state_of(table)
    assert state["running"]["member"] == sign_of(deputies[1])
    assert {"number": sign_of(deputies[0]), "name": "Deputy 1", "seconds": 30} in state["people"]


def test_a_turn_is_of_one_person_who_sits_there(facilitator, cycle, table, members, deputies):
    gone = Appointee.objects.create(
        cycle=cycle, college="members-of-parliament", seat=9, name="No place", decision="Bureau",
        starts_on=NOW.date(),
    )  # fmt: skip
    with pytest.raises(NotAtTheTable):
        spoke(facilitator, table, sign_of(gone))
    with pytest.raises(NotAtTheTable):
        speaking.start_turn(actor=facilitator, table=table, person=gone)
    for wrong in ({}, {"member": members[0], "appointee": deputies[0]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Turn.objects.create(table=table, began_at=NOW, seconds=1, **wrong)
    assert not Turn.objects.exists()


def test_what_stays_of_speaking_times_tells_kinds_and_nobody(
    facilitator, secretariat, cycle, table, deputies, client
):
    for number in range(1, CITIZENS + 1):
        spoke(facilitator, table, number, 60)
    for one in deputies:
        spoke(facilitator, table, sign_of(one), 120)
    with clock.at(table.plan.meeting.ends_at):
        speaking.close_meeting(actor=secretariat, meeting=table.plan.meeting)
    assert not Turn.objects.exists()
    kept = SpeakingTime.objects.get()
    assert (kept.people, kept.seconds) == (20, 15 * 60 + 5 * 120)
    kinds = who_spoke(cycle).kinds
    assert [(one.name, one.places, round(one.share_of_time, 2)) for one in kinds] == [
        ("citizens", 15, 0.6), ("appointed", 5, 0.4),
    ]  # fmt: skip
    of_citizens = GroupTime.objects.exclude(feature=speaking.KIND)
    assert {one.feature for one in of_citizens} <= {"sex", "age"}
    assert sum(one.seconds for one in of_citizens.filter(feature="sex")) == 15 * 60
    page = client.get(reverse("public:measures", args=[cycle.institution.slug, 1]))
    assert "Citizens and those who are appointed" in page.content.decode()


def test_of_fewer_than_five_deputies_no_time_is_kept(facilitator, secretariat, cycle, table, deputies):
    for number in range(1, CITIZENS + 1):
        spoke(facilitator, table, number, 60)
    AppointeePlace.objects.filter(appointee=deputies[0]).delete()
    for one in deputies[1:]:
        spoke(facilitator, table, sign_of(one), 120)
    with clock.at(table.plan.meeting.ends_at):
        speaking.close_meeting(actor=secretariat, meeting=table.plan.meeting)
    assert not GroupTime.objects.filter(feature=speaking.KIND).exists()
    assert who_spoke(cycle).kinds == ()


# -- pages -------------------------------------------------------------------------------------------------
@pytest.fixture
def desk(institution) -> Client:
    client = Client()
    client.force_login(factories.make_user(institution, Role.FACILITATOR))
    return client


def test_a_deputy_finds_her_code_and_her_tables(client, institution, facilitator, meeting, deputies):
    plan(facilitator, meeting)
    deputies[0].user = factories.make_user()
    deputies[0].save()
    client.force_login(deputies[0].user)
    home = client.get(reverse("members:appointed", args=[institution.slug])).content.decode()
    assert "You deliberate at the tables with the citizens" in home
    address = reverse("members:appointed_check_in", args=[institution.slug])
    assert address in home
    page = client.get(address).content.decode()
    number = deputies[0].tables.get(round=2).number
    assert code_of(meeting, deputies[0]) in page
    assert f"<dt>Round 2</dt><dd>Table {number}</dd>" in page
    square = client.get(reverse("members:appointed_check_in_square", args=[institution.slug]))
    assert square["Content-Type"] == "image/svg+xml"
    come(facilitator, meeting, deputies[0])
    assert "You are checked in" in client.get(address).content.decode()
    with clock.at(meeting.ends_at + dt.timedelta(days=1)):
        assert "No meeting is coming" in client.get(address).content.decode()
        assert client.get(square.request["PATH_INFO"]).status_code == 404


def test_the_desk_ticks_deputies_in_its_list(desk, meeting, facilitator, deputies):
    plan(facilitator, meeting)
    door = reverse("office:check_in", args=["ostbelgien", 1, 1])
    shown = desk.get(door).content.decode()
    assert "0 of 5 on seats that are not drawn are here" in shown
    assert "20 are missing" in shown
    answer = desk.post(door, {"appointee_here": deputies[0].pk}, follow=True).content.decode()
    assert f"Deputy 1 is here. Her table: {deputies[0].tables.get(round=1).number}." in answer
    assert "1 of 5 on seats that are not drawn are here" in answer
    answer = desk.post(door, {"appointee_away": deputies[0].pk}, follow=True).content.decode()
    assert "Deputy 1 is not here." in answer
    assert AppointeeAttendance.objects.get().presence == Presence.ABSENT
    assert desk.post(door, {"appointee_here": 10**6}).status_code == 422
    by_code = desk.post(door, {"code": code_of(meeting, deputies[4])}, follow=True)
    assert "Deputy 5 is here." in by_code.content.decode()


def test_the_attendance_list_keeps_both_apart(desk, meeting, members, deputies):
    address = reverse("office:attendance", args=["ostbelgien", 1, 1])
    assert "Deputy 2 (Greens)" in desk.get(address).content.decode()
    sent = {f"member_{one.number}": "present" for one in members}
    sent |= {f"appointee_{one.pk}": "excused" for one in deputies}
    assert desk.post(address, sent).status_code == 302
    assert Attendance.objects.filter(presence="present").count() == CITIZENS
    assert AppointeeAttendance.objects.filter(presence="excused").count() == DEPUTIES
    public = Client().get(reverse("public:meeting", args=["ostbelgien", 1, 1])).content.decode()
    assert "15 of 15 members were there" in public
    assert "Of 5 on seats that are not drawn 0 were there." in public
    assert "Deputy" not in public


def test_the_office_reads_who_sits_where_by_number_and_name(desk, facilitator, meeting, members, deputies):
    plan(facilitator, meeting)
    where = ["ostbelgien", 1, 1]
    table = Table.objects.get(appointees=deputies[0], round=1)
    room = desk.get(reverse("office:room", args=[*where, 1])).content.decode()
    assert "Not drawn: members of parliament" in room
    assert "Group: Liberals" in room
    pages = [
        room,
        desk.get(reverse("office:meeting", args=where)).content.decode(),
        desk.get(reverse("office:table", args=[*where, 1, table.number])).content.decode(),
    ]
    assert all("Deputy 1" in page for page in pages)
    come(facilitator, meeting, *members, *deputies[1:])
    proposal = desk.get(reverse("office:reseat", args=where)).content.decode()
    assert "Deputy 1" in proposal
    assert "@2027" not in proposal
    public = Client().get(reverse("public:meeting", args=where)).content.decode()
    assert public.count("1 on a seat that is not drawn") == 10


def test_a_plan_that_is_sought_is_shown_with_names(desk, facilitator, meeting, deputies):
    search = searching.start_search(
        actor=facilitator, meeting=meeting, seed_text="seed", table_size=4, rounds=1
    )
    searching.search_tables(actor=facilitator, search=search)
    address = reverse("office:table_search", args=["ostbelgien", 1, 1, search.public_id])
    shown = desk.get(address).content.decode()
    assert all(one.name in shown for one in deputies)
    assert "@2027" not in shown


def test_a_turn_of_a_deputy_is_started_by_a_form_and_sent_by_a_tablet(desk, table, deputies):
    where = ["ostbelgien", 1, 1, 1, 1]
    page = reverse("office:facilitate", args=where)
    Table.objects.update(facilitator=None)
    assert desk.post(page, {"act": "start", "member": sign_of(deputies[0])}).status_code == 302
    assert Turn.objects.get().person == deputies[0]
    assert '<strong data-fill="speaker">Deputy 1</strong>' in desk.get(page).content.decode()
    assert desk.post(page, {"act": "start", "member": "nobody@2027"}).status_code == 422
    entry = {"id": str(uuid.uuid4()), "kind": "turn", "member": sign_of(deputies[1]), "seconds": 9}
    answers = [
        desk.post(
            reverse("office:facilitate_entries", args=where), {"entries": [entry]}, "application/json"
        ).json()["results"][0]["done"]
        for _time in range(2)
    ]
    assert answers == ["kept", "kept"]
    assert Turn.objects.over().get().appointee == deputies[1]


def test_a_body_of_citizens_alone_reads_nothing_of_other_seats(desk, institution):
    cycle = factories.make_cycle(institution)
    factories.make_members(cycle)
    factories.make_meeting(cycle)
    shown = desk.get(reverse("office:check_in", args=["ostbelgien", 1, 1])).content.decode()
    assert "not drawn" not in shown
