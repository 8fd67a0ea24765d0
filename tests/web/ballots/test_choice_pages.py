"""The pages of a choice: the member's paper, the office, what the public sees before and after the count."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.ballots import services
from isegoria_web.ballots.enums import BallotKind, BallotStatus
from isegoria_web.ballots.models import Ballot, Paper, Participation
from isegoria_web.membership.models import Rotation
from isegoria_web.recommendations.services import put_to_vote
from tests.web import factories
from tests.web.factories import NOW, texts

CLOSES = NOW + dt.timedelta(days=7)


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution)


@pytest.fixture
def members(cycle):
    return factories.make_members(cycle)


@pytest.fixture
def kind() -> BallotKind:
    return BallotKind.SHARES


@pytest.fixture
def ballot(secretariat, cycle, members, kind) -> Ballot:
    return services.open_choice(
        actor=secretariat, cycle=cycle, kind=kind, question=texts("What first?"),
        options=[texts("Trams"), texts("Trees"), texts("Homes")], places=2, closes_at=CLOSES,
    )  # fmt: skip


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def paper(member, ballot, **data):
    address = reverse("members:choice", args=[ballot.cycle.institution.slug, ballot.number])
    client = client_of(member.user)
    return client.post(address, data) if data else client.get(address)


def public(client, ballot) -> str:
    cycle = ballot.cycle
    address = reverse("public:choice", args=[cycle.institution.slug, cycle.number, ballot.number])
    return client.get(address).content.decode()


def test_a_member_marks_what_she_supports_and_sees_her_receipt_once(ballot, members):
    answered = paper(members[0], ballot, marks=["1", "3"])
    receipt = Paper.in_box.get().receipt
    assert receipt in answered.content.decode()
    assert Paper.in_box.get().marks == ["1", "3"]
    again = paper(members[0], ballot).content.decode()
    assert receipt not in again
    assert 'name="marks"' not in again


def test_a_paper_asks_the_database_no_more_often_than_it_must(
    ballot, members, django_assert_max_num_queries
):
    """A thousand members may vote within half a minute; `benchmarks/ballots.py` measures what that costs."""
    client = client_of(members[0].user)
    address = reverse("members:choice", args=[ballot.cycle.institution.slug, ballot.number])
    with django_assert_max_num_queries(9):
        assert client.get(address).status_code == 200
    with django_assert_max_num_queries(
        17 + (connection.vendor == "postgresql")
    ):  # it locks the ballot first
        assert client.post(address, {"marks": ["1"]}).status_code == 200
    assert Paper.in_box.count() == 1


def test_a_member_reads_when_it_closes_in_the_time_of_her_institution(ballot, members, institution):
    institution.time_zone = "Pacific/Auckland"
    institution.save(update_fields=["time_zone"])
    there = CLOSES.astimezone(ZoneInfo(institution.time_zone))
    with translation.override("en"):
        shown = date_format(there, "DATETIME_FORMAT")
    assert f"closes on {shown}." in paper(members[0], ballot).content.decode()


def test_an_empty_paper_is_a_decision_of_its_own(ballot, members):
    assert "Nothing is marked yet" in paper(members[0], ballot, sent="yes").content.decode()
    assert not Paper.in_box.exists()
    paper(members[0], ballot, blank="yes")
    assert Paper.in_box.get().marks == []


def test_a_mark_that_is_not_offered_is_refused_on_the_page(ballot, members):
    paper(members[0], ballot, marks=["9"])
    assert not Paper.in_box.exists()


@pytest.mark.parametrize("kind", [BallotKind.RANKING])
def test_a_ranking_takes_each_place_once(ballot, members):
    refused = paper(members[0], ballot, place_1="1", place_2="1").content.decode()
    assert "You have given this place already" in refused
    assert not Paper.in_box.exists()
    paper(members[0], ballot, place_1="2", place_3="1")
    assert Paper.in_box.get().marks == ["3", "1"]


def test_who_came_later_is_told_why_she_cannot_vote(ballot, members):
    ballot.roll.remove(members[1])
    assert "after this ballot had opened" in paper(members[1], ballot).content.decode()
    assert paper(members[1], ballot, marks=["1"]).status_code == 403


def test_a_stranger_finds_no_paper(ballot, institution):
    stranger = factories.make_user()
    address = reverse("members:choice", args=[institution.slug, ballot.number])
    assert client_of(stranger).get(address).status_code == 404


def test_who_stays_in_a_body_that_rotated_votes_in_the_newest_cycle(
    secretariat, institution, ballot, members
):
    older, newest = ballot.cycle, factories.make_cycle(institution)
    Rotation.objects.create(body=newest.body, on=NOW.date(), rule="rotation", cycle=newest)
    box = services.open_choice(
        actor=secretariat, cycle=newest, kind=BallotKind.SHARES, question=texts("What next?"),
        options=[texts("Parks"), texts("Paths")], places=1, closes_at=CLOSES,
    )  # fmt: skip
    factories.make_draft(older)
    draft = factories.make_draft(newest)
    vote = put_to_vote(actor=secretariat, recommendation=draft, closes_at=CLOSES)
    visitor = client_of(members[0].user)
    home = visitor.get(reverse("members:home", args=[institution.slug])).content.decode()
    for name, number, data in (
        ("choice", box.number, {"marks": ["1"]}),
        ("ballot", draft.number, {"choice": "yes"}),
    ):
        address = f"{reverse(f'members:{name}', args=[institution.slug, number])}?cycle={newest.number}"
        assert f'"{address}"' in home
        assert visitor.post(address, data).status_code == 200
    voted = Participation.objects.filter(member=members[0])
    assert set(voted.values_list("ballot", flat=True)) == {box.pk, vote.pk}
    address = f"{reverse('members:choice', args=[institution.slug, box.number])}?cycle={newest.number}"
    box.roll.remove(members[1])
    assert "after this ballot had opened" in client_of(members[1].user).get(address).content.decode()
    factories.end_term(members[1])  # on the day of the rotation: she did not stay
    assert client_of(members[1].user).get(address).status_code == 404


def test_nothing_shows_how_it_stands_before_the_count(client, ballot, members, secretariat):
    addresses = [
        reverse("public:choice", args=[ballot.cycle.institution.slug, 1, ballot.number]),
        reverse("public:cycle", args=[ballot.cycle.institution.slug, 1]),
        reverse("api:list_choices", args=[ballot.cycle.institution.slug, 1]),
    ]
    office = client_of(secretariat.user)
    inside = [
        reverse(f"office:{name}", args=[ballot.cycle.institution.slug, 1, *args])
        for name, args in (("choice", [1]), ("recommendations", []), ("cycle", []))
    ]

    def shown() -> list[list[str]]:
        pages = [client.get(each) for each in addresses] + [office.get(each) for each in inside]
        assert [page.status_code for page in pages] == [200] * len(pages)
        lines = [page.content.decode().splitlines() for page in pages]
        return [[line for line in each if "csrfmiddlewaretoken" not in line] for each in lines]

    before = shown()
    for member in members[:4]:
        paper(member, ballot, marks=["1"])
    assert shown() == before


def test_after_the_count_everybody_sees_what_was_chosen(client, ballot, members, secretariat):
    for member in members[:3]:
        paper(member, ballot, marks=["1", "2"])
    for member in members[3:]:
        paper(member, ballot, marks=["3"])
    facilitator = factories.make_user(ballot.cycle.institution, Role.FACILITATOR)
    address = reverse("office:choice_close", args=[ballot.cycle.institution.slug, 1, ballot.number])
    with clock.at(CLOSES):
        first = client_of(secretariat.user)
        first.post(address, {"confirmed": "yes"})
        first.post(address, {"confirmed": "yes"})  # the same person twice counts nothing
        ballot.refresh_from_db()
        assert ballot.status == BallotStatus.OPEN
        client_of(facilitator).post(address, {"confirmed": "yes"})
    ballot.refresh_from_db()
    assert ballot.status == BallotStatus.CLOSED
    page = public(client, ballot)
    assert "Chosen: Trams; Homes" in page
    assert all(receipt in page for receipt in ballot.papers.receipts())
    listed = client.get(reverse("api:list_choices", args=[ballot.cycle.institution.slug, 1])).json()
    assert listed[0]["outcome"]["approvals"] == {"1": 3, "2": 3, "3": 3}


def test_the_secretariat_opens_a_choice_with_recommendations_and_lines(secretariat, cycle, members):
    factories.make_draft(cycle)
    address = reverse("office:choice_new", args=[cycle.institution.slug, 1])
    data = {
        "question_de": "Was zuerst?", "question_en": "What first?", "recommendations": ["1"],
        "lines_de": "Bäume\nHäuser", "lines_en": "Trees\nHomes", "kind": "approval", "places": "1",
        "closes_at_day": CLOSES.strftime("%Y-%m-%d"), "closes_at_hour": "20:00", "confirmed": "yes",
    }  # fmt: skip
    office = client_of(secretariat.user)
    uneven = office.post(address, data | {"lines_en": "Trees"})
    assert "same number of lines" in uneven.content.decode()
    assert not Ballot.objects.exists()
    assert office.post(address, data).status_code == 302
    options = [option["text"] for option in Ballot.objects.get().options]
    assert len(options) == 3
    assert options[1] == {"de": "Bäume", "en": "Trees"}


def test_an_observer_who_counts_a_recommendation_is_led_to_its_public_page(secretariat, cycle, members):
    draft = factories.make_draft(cycle)
    ballot = put_to_vote(actor=secretariat, recommendation=draft, closes_at=CLOSES)
    where = [cycle.institution.slug, 1, draft.number]
    observer = client_of(factories.make_user(cycle.institution, Role.OBSERVER))
    with clock.at(CLOSES):
        services.propose_closing(actor=secretariat, ballot=ballot)
        answered = observer.post(reverse("office:ballot_close", args=where), {"confirmed": "yes"})
        ballot.refresh_from_db()
        assert ballot.status == BallotStatus.CLOSED
        again = observer.get(reverse("office:ballot_close", args=where))
        assert answered["Location"] == again["Location"] == reverse("public:recommendation", args=where)
        assert observer.get(answered["Location"]).status_code == 200
