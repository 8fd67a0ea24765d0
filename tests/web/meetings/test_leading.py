"""Nobody leads a table whose matter she has an interest in, and facilitators stand in for each other on the day."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from isegoria.errors import Infeasible
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.journal.enums import Action
from isegoria_web.meetings import leading, policies, services, speaking
from isegoria_web.meetings.enums import ItemKind
from isegoria_web.meetings.errors import (
    FacilitatorIsHere,
    ForeignItem,
    InterestDeclared,
    LedByHerself,
    MeetingClosed,
    NotTheDay,
    ReasonMissing,
    UnknownFacilitator,
)
from isegoria_web.meetings.models import FacilitatorInterest, Item, Meeting, PlaceCard, Table, TablePlan
from isegoria_web.meetings.place_cards import card_of
from isegoria_web.web.backoffice import tablet
from tests.web import acts, factories
from tests.web.factories import NOW, texts


@pytest.fixture
def meeting(institution) -> Meeting:
    cycle = factories.make_cycle(institution)
    factories.make_members(cycle)
    made = factories.make_meeting(cycle)
    for position, title in enumerate(("Rents", "Trams"), start=1):
        Item.objects.create(
            meeting=made,
            position=position,
            starts_at=made.starts_at,
            kind=ItemKind.TABLES,
            title=texts(title),
        )
    return made


@pytest.fixture
def pair(institution):
    return [factories.make_user(institution, Role.FACILITATOR) for _each in range(2)]


def plan(actor, meeting, people):
    return services.plan_tables(
        actor=actor, meeting=meeting, seed_text="seed", table_size=3, rounds=2, facilitators=people
    )


def declare(actor, meeting, user, position=1, reason="She lets flats."):
    return leading.declare_interest(
        actor=actor, item=meeting.items.get(position=position), user=user, reason=reason
    )


def led(meeting):
    return {
        (table.round, table.number): (table.item.position, table.facilitator)
        for table in Table.objects.filter(plan__meeting=meeting).select_related("item", "facilitator")
    }


def test_a_plan_gives_each_round_its_point_and_nobody_a_table_of_her_interest(secretariat, meeting, pair):
    declare(secretariat, meeting, pair[0], 1)
    plan(secretariat, meeting, pair)
    found = led(meeting)
    assert {found[1, table] for table in (1, 2)} == {(1, pair[1])}
    assert found[2, 1] == (2, pair[0])
    assert found[2, 2] == (2, pair[1])


def test_where_everybody_has_an_interest_no_plan_is_made(secretariat, meeting, pair):
    for each in pair:
        declare(secretariat, meeting, each)
    with pytest.raises(Infeasible):
        plan(secretariat, meeting, pair)
    assert not TablePlan.objects.exists()


def test_an_interest_declared_later_takes_the_tables_away(institution, secretariat, meeting, pair):
    plan(secretariat, meeting, pair)
    assert declare(Actor.of(pair[0]), meeting, pair[0], 1) == 1
    assert led(meeting)[1, 1] == (1, None)
    assert led(meeting)[2, 1] == (2, pair[0])
    facts = acts.entry(institution, Action.FACILITATOR_INTEREST_DECLARED).facts
    assert facts == {"meeting": 1, "item": 1, "tables_without_facilitator": 1}


def test_who_has_an_interest_is_refused_with_the_reason(secretariat, meeting, pair):
    plan(secretariat, meeting, [pair[1]])
    declare(secretariat, meeting, pair[0])
    table = Table.objects.get(plan__meeting=meeting, round=1, number=1)
    with pytest.raises(InterestDeclared, match="She lets flats"):
        leading.lead_table(
            actor=secretariat, table=table, facilitator=pair[0], item=meeting.items.get(position=1)
        )
    table.refresh_from_db()
    assert table.facilitator == pair[1]
    leading.lead_table(
        actor=secretariat, table=table, facilitator=pair[0], item=meeting.items.get(position=2)
    )
    table.refresh_from_db()
    assert (table.facilitator, table.item.position) == (pair[0], 2)


def test_assigning_is_in_the_journal_without_a_name(institution, secretariat, meeting, pair):
    plan(secretariat, meeting, [])
    table = Table.objects.get(plan__meeting=meeting, round=2, number=1)
    leading.lead_table(actor=secretariat, table=table, facilitator=pair[0], item=None)
    facts = acts.entry(institution, Action.TABLE_ASSIGNED).facts
    assert facts == {"meeting": 1, "round": 2, "table": 1, "item": None, "led": True}


def test_only_secretariat_and_facilitators_assign(institution, secretariat, meeting, pair):
    table = plan(secretariat, meeting, []).tables.all()[0]
    acts.only(
        institution, Role.SECRETARIAT, Role.FACILITATOR,
        act=lambda actor: leading.lead_table(actor=actor, table=table, facilitator=pair[0], item=None),
    )  # fmt: skip


def test_points_of_elsewhere_and_people_without_the_role_are_refused(secretariat, meeting, pair):
    table = plan(secretariat, meeting, []).tables.all()[0]
    other = factories.make_meeting(meeting.cycle)
    item = Item.objects.create(
        meeting=other, position=1, starts_at=NOW, kind=ItemKind.TABLES, title=texts("Other")
    )
    with pytest.raises(ForeignItem):
        leading.lead_table(actor=secretariat, table=table, facilitator=pair[0], item=item)
    with pytest.raises(UnknownFacilitator):
        leading.lead_table(actor=secretariat, table=table, facilitator=factories.make_user(), item=None)
    with pytest.raises(UnknownFacilitator):
        declare(secretariat, meeting, factories.make_user())


def test_a_facilitator_declares_for_herself_and_the_secretariat_for_all(institution, meeting, pair):
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: declare(actor, meeting, pair[0]))
    declare(Actor.of(pair[0]), meeting, pair[0])
    with pytest.raises(NotAllowed):
        leading.withdraw_interest(actor=Actor.of(pair[1]), interest=FacilitatorInterest.objects.get())
    assert FacilitatorInterest.objects.count() == 1


def test_declared_twice_it_counts_once_with_the_new_reason(secretariat, meeting, pair):
    declare(secretariat, meeting, pair[0])
    declare(secretariat, meeting, pair[0], reason="Her brother lets flats.")
    assert FacilitatorInterest.objects.get().reason == "Her brother lets flats."
    with pytest.raises(ReasonMissing):
        declare(secretariat, meeting, pair[0], reason=" ")


def test_taken_back_it_binds_nobody_and_is_in_the_journal_once(institution, secretariat, meeting, pair):
    declare(secretariat, meeting, pair[0])
    interest = FacilitatorInterest.objects.get()
    leading.withdraw_interest(actor=Actor.of(pair[0]), interest=interest)
    leading.withdraw_interest(
        actor=secretariat,
        interest=FacilitatorInterest(pk=interest.pk or 1, item=interest.item, user=pair[0]),
    )
    entry = acts.entry(institution, Action.FACILITATOR_INTEREST_WITHDRAWN)
    assert entry.facts == {"meeting": 1, "item": 1}
    plan(secretariat, meeting, [pair[0]])


# -- pages ---------------------------------------------------------------------------------------------------
def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_pages_declare_refuse_and_assign(secretariat, meeting, pair):
    plan(secretariat, meeting, [pair[1]])
    desk = browser(pair[0])
    interests = reverse("office:facilitator_interests", args=["ostbelgien", 1, 1])
    sent = {"facilitator": pair[0].public_id, "item": 1, "reason": "She lets flats."}
    assert desk.post(interests, sent | {"reason": ""}).status_code == 422
    assert desk.post(interests, sent | {"facilitator": pair[1].public_id}).status_code == 422
    page = desk.post(interests, sent, follow=True).content.decode()
    assert "She lets flats." in page
    lead = reverse("office:table_lead", args=["ostbelgien", 1, 1, 1, 1])
    assert desk.get(lead).status_code == 200
    refused = desk.post(lead, {"facilitator": pair[0].public_id, "item": 1})
    assert refused.status_code == 409
    assert "She lets flats." in refused.content.decode()
    assert desk.post(lead, {"facilitator": pair[0].public_id, "item": 99}).status_code == 422
    done = desk.post(lead, {"facilitator": pair[0].public_id, "item": 2}, follow=True)
    assert pair[0].name in done.content.decode()
    desk.post(interests, {"drop": FacilitatorInterest.objects.get().pk})
    assert not FacilitatorInterest.objects.exists()


# -- standing in on the day -----------------------------------------------------------------------------------


@pytest.fixture
def table(secretariat, meeting, pair) -> Table:
    """A table of the first of the pair, who has another one beside her."""
    plan(secretariat, meeting, [pair[0]])
    return Table.objects.get(plan__meeting=meeting, round=1, number=1)


@pytest.fixture
def _on_the_day(meeting):
    with clock.at(meeting.starts_at):
        yield


def hand_over(table, who, to):
    return leading.hand_over_table(actor=Actor.of(who), table=table, to=to)


def allow(secretariat, meeting, *, allowed=True):
    return leading.allow_takeovers(actor=secretariat, meeting=meeting, allowed=allowed)


def take_over(table, who):
    return leading.take_over_table(actor=Actor.of(who), table=Table.objects.get(pk=table.pk))


@pytest.mark.usefixtures("_on_the_day")
def test_a_table_that_is_handed_over_is_the_colleagues_alone(institution, table, pair):
    hand_over(table, *pair)
    table.refresh_from_db()
    assert table.facilitator == pair[1]
    assert not policies.may_lead_table(Actor.of(pair[0]), table)
    assert acts.entry(institution, Action.TABLE_HANDED_OVER).facts == {"meeting": 1, "round": 1, "table": 1}
    with pytest.raises(NotAllowed):
        hand_over(table, *pair)
    with pytest.raises(LedByHerself):
        hand_over(table, pair[1], pair[1])
    assert Table.objects.filter(facilitator=pair[0]).count() == 3, "her other tables stay hers"


@pytest.mark.usefixtures("_on_the_day")
def test_only_the_facilitator_of_a_table_hands_it_over(institution, table, pair):
    acts.only(
        institution, act=lambda actor: leading.hand_over_table(actor=actor, table=table, to=pair[1]),
        also_refused=(Actor.of(pair[1]),),
    )  # fmt: skip


@pytest.mark.usefixtures("_on_the_day")
def test_nobody_stands_in_at_a_table_of_her_interest(secretariat, meeting, table, pair):
    declare(secretariat, meeting, pair[1], 1)
    allow(secretariat, meeting)
    with pytest.raises(InterestDeclared, match="She lets flats"):
        hand_over(table, *pair)
    with pytest.raises(InterestDeclared, match="She lets flats"):
        take_over(table, pair[1])
    table.refresh_from_db()
    assert table.facilitator == pair[0]


@pytest.mark.usefixtures("_on_the_day")
def test_a_table_is_handed_to_nobody_without_the_role(table, pair):
    with pytest.raises(UnknownFacilitator):
        hand_over(table, pair[0], factories.make_user())


def test_facilitators_stand_in_on_the_day_and_until_the_meeting_is_closed(
    secretariat, meeting, table, pair
):
    allow(secretariat, meeting)
    with clock.at(meeting.starts_at - dt.timedelta(days=2)):
        with pytest.raises(NotTheDay):
            hand_over(table, *pair)
        with pytest.raises(NotTheDay):
            take_over(table, pair[1])
    with clock.at(meeting.ends_at):
        speaking.close_meeting(actor=secretariat, meeting=meeting)
        with pytest.raises(MeetingClosed):
            hand_over(table, *pair)
        with pytest.raises(MeetingClosed):
            take_over(table, pair[1])


@pytest.mark.usefixtures("_on_the_day")
def test_a_table_is_taken_over_where_the_office_allows_it(institution, secretariat, meeting, table, pair):
    with pytest.raises(NotAllowed):
        take_over(table, pair[1])
    for _twice in range(2):
        allow(secretariat, meeting)
    assert acts.entry(institution, Action.TAKEOVERS_DECIDED).facts == {"meeting": 1, "allowed": True}
    assert take_over(table, pair[1]).facilitator == pair[1]
    assert acts.entry(institution, Action.TABLE_TAKEN_OVER).facts == {"meeting": 1, "round": 1, "table": 1}
    with pytest.raises(LedByHerself):
        take_over(table, pair[1])
    allow(secretariat, meeting, allowed=False)
    with pytest.raises(NotAllowed):
        take_over(table, pair[0])


@pytest.mark.usefixtures("_on_the_day")
def test_who_has_begun_to_lead_is_not_replaced_behind_her_back(secretariat, meeting, table, pair):
    allow(secretariat, meeting)
    speaking.start_turn(actor=Actor.of(pair[0]), table=table, person=table.members.all()[0])
    with pytest.raises(FacilitatorIsHere):
        take_over(table, pair[1])
    assert hand_over(table, *pair).facilitator == pair[1], "she can still hand it over herself"
    assert table.turns.running().exists()


def test_only_the_secretariat_allows_takeovers(institution, meeting):
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: allow(actor, meeting))


@pytest.mark.usefixtures("_on_the_day")
def test_the_tablet_calls_members_as_their_place_cards_do(table):
    first, second = table.members.select_related("respondent").order_by("number")[:2]
    PlaceCard.objects.create(member=first, name="Mimi")
    names = {one.person: one.name for one in speaking.turn_list(table)}
    assert names[first] == "Mimi"
    assert names[second] == card_of(second).name
    assert {one["name"] for one in tablet.state_of(table)["people"]} == set(names.values())
