"""Questionnaires before and after: each verb allowed, refused, twice, in the journal; and what nobody can find out."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.erasure import erase_all_of_person
from isegoria_web.evaluation import algorithms, services
from isegoria_web.evaluation.errors import (
    AskedAlready,
    NotAskedNow,
    OrderOfPhases,
    RepliesMissing,
    SentencesMissing,
)
from isegoria_web.evaluation.models import Questionnaire, Reply
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from isegoria_web.lottery.enums import Disclosure
from isegoria_web.lottery.models import Feature, Value
from isegoria_web.membership.models import Alternate, Member
from tests.web import acts, factories
from tests.web.factories import texts


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution)


@pytest.fixture
def members(cycle):
    return factories.make_members(cycle)


@pytest.fixture
def asked(secretariat, cycle, members) -> Questionnaire:
    return ask(secretariat, cycle)


def ask(actor, cycle, sentences=("Rents are too high.", "Trams are worth it.")):
    return services.open_questionnaire(
        actor=actor, cycle=cycle, sentences=[texts(each) if each else {} for each in sentences]
    )


def reply(member, questionnaire, first=4, second=2):
    services.reply(
        actor=factories.actor_of(member), questionnaire=questionnaire, answers={"1": first, "2": second}
    )


def again(actor, questionnaire):
    return services.ask_again(actor=actor, questionnaire=questionnaire)


def close(actor, questionnaire):
    return services.close_questionnaire(actor=actor, questionnaire=questionnaire)


def test_the_questionnaire_stands_in_the_journal(institution, asked):
    assert acts.entry(institution, Action.QUESTIONNAIRE_OPENED).facts == {"cycle": 1, "sentences": 2}


@pytest.mark.parametrize("act", [ask])
def test_only_the_secretariat_asks(institution, cycle, members, act):
    refused = (factories.actor_of(members[0]), Actor.system())
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: act(actor, cycle), also_refused=refused)


@pytest.mark.parametrize("act", [again, close])
def test_only_the_secretariat_asks_again_and_closes(institution, asked, members, act):
    refused = (factories.actor_of(members[0]), Actor.system())
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: act(actor, asked), also_refused=refused)


@pytest.mark.parametrize("sentences", [(), ("",), ("Trams.", "Trams.")])
def test_there_are_sentences_and_each_once(secretariat, cycle, members, sentences):
    with pytest.raises(SentencesMissing):
        ask(secretariat, cycle, sentences)


def test_a_cycle_has_one_questionnaire(secretariat, cycle, asked):
    with pytest.raises(AskedAlready):
        ask(secretariat, cycle)


def test_only_sitting_members_reply(institution, asked, members):
    factories.end_term(members[0])
    acts.only(
        institution,
        act=lambda actor: services.reply(actor=actor, questionnaire=asked, answers={"1": 1, "2": 1}),
        also_refused=(factories.actor_of(members[0]), Actor.system()),
    )


def test_a_second_reply_takes_the_place_of_the_first_and_leaves_no_trace(asked, members):
    before = Entry.objects.count()
    reply(members[0], asked)
    reply(members[0], asked, first=1)
    assert Reply.objects.get().answers == {"1": 1, "2": 2}
    assert Entry.objects.count() == before


@pytest.mark.parametrize("answers", [{}, {"1": 4}, {"1": 4, "2": 9}, {"1": 4, "2": 4, "3": 4}])
def test_every_sentence_gets_a_reply_of_the_scale(asked, members, answers):
    with pytest.raises(RepliesMissing):
        services.reply(actor=factories.actor_of(members[0]), questionnaire=asked, answers=answers)


def test_before_comes_first_then_after_then_the_end(secretariat, asked, members):
    with pytest.raises(OrderOfPhases):
        close(secretariat, asked)
    asked = again(secretariat, asked)
    with pytest.raises(OrderOfPhases):
        again(secretariat, asked)
    asked = close(secretariat, asked)
    with pytest.raises(OrderOfPhases):
        close(secretariat, asked)
    with pytest.raises(NotAskedNow):
        reply(members[0], asked)


def test_what_changed_is_told_and_every_single_reply_is_gone(institution, secretariat, asked, members):
    for number, member in enumerate(members):
        reply(member, asked, first=2, second=0 if number else 3)
    again(secretariat, asked)
    for member in members[:5]:
        reply(member, asked, first=4, second=3)
    closed = close(secretariat, asked)
    assert closed.results["1"] == {
        "persons": 5, "before": 2.0, "after": 4.0, "net": 2.0, "low": 2.0, "high": 2.0, "gross": 2.0,
    }  # fmt: skip
    assert closed.results["2"] is None  # all but one could not say
    assert (closed.secret, Reply.objects.count()) == ("", 0)
    assert acts.entry(institution, Action.QUESTIONNAIRE_CLOSED).facts == {"replied_twice": 5}


def test_a_row_names_nobody_and_no_moment(asked, members):
    reply(members[0], asked)
    fields = {field.name for field in Reply._meta.concrete_fields}
    assert fields == {"id", "questionnaire", "phase", "key", "answers"}
    written = json.dumps(Reply.objects.values_list("key", "answers")[0])
    assert members[0].public_id.hex not in written


def test_whoever_goes_takes_her_replies_along(asked, members):
    reply(members[0], asked)
    reply(members[1], asked)
    services.erase_replies_of(members[0].user_id)
    assert Reply.objects.get().key == services.key_of(asked, members[1])
    assert services.erase_replies_of in _registered()


def _registered() -> list[object]:
    """What goes with a person, as the apps have said."""
    return list(erase_all_of_person.__globals__["_OF_PERSON"])


# -- pages ---------------------------------------------------------------------------------------------------
def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_member_replies_on_her_page_and_can_change_it(asked, members, institution):
    address, client = reverse("members:questionnaire", args=[institution.slug]), client_of(members[0].user)
    home = reverse("members:home", args=[institution.slug])
    assert address in client.get(home).content.decode()
    assert client.post(address, {"sentence_1": "4"}).status_code == 422  # the second is missing
    assert not Reply.objects.exists()
    client.post(address, {"sentence_1": "4", "sentence_2": "0"})
    assert Reply.objects.get().answers == {"1": 4, "2": 0}
    assert address not in client.get(home).content.decode().partition("What to read")[0].partition("nav")[0]
    assert "You have replied" in client.get(address).content.decode()


def test_the_public_sees_sums_only_when_it_is_closed(client, secretariat, asked, members, institution):
    address = reverse("public:measures", args=[institution.slug, 1])
    for member in members:
        reply(member, asked, first=2)
    again(secretariat, asked)
    before = client.get(address).content.decode()
    assert "are being asked" in before
    for member in members:
        reply(member, asked, first=5)
    assert client.get(address).content.decode() == before
    close(secretariat, asked)
    page = client.get(address).content.decode()
    assert "Rents are too high." in page
    assert "3.00" in page


def test_the_members_are_compared_with_the_population(cycle):
    sex = Feature.objects.create(cycle=cycle, key="sex", name=texts("Sex"), position=1)
    for position, key in enumerate("FM", 1):
        Value.objects.create(feature=sex, key=key, name=texts(key), position=position, population=500)
    members = factories.make_members(cycle)
    (found,) = algorithms.likeness(cycle)
    women = sum(member.features["sex"] == "F" for member in members)
    assert found.out_of_place == pytest.approx(abs(women / len(members) - 0.5))


@pytest.fixture
def ages(cycle):
    """The ages of the members are compared with the population."""
    age = Feature.objects.create(cycle=cycle, key="age", name=texts("Age"), position=1)
    for position, key in enumerate(factories.FEATURES["age"], 1):
        Value.objects.create(feature=age, key=key, name=texts(key), position=position, population=500)


def test_small_numbers_of_members_stay_hidden_where_the_record_of_the_draw_is_sealed(cycle, ages):
    factories.make_members(cycle, 14, disclosure=Disclosure.SEALED)
    (found,) = algorithms.likeness(cycle)
    counts = [count for _name, count, _share, _population in found.rows]
    assert sorted(counts, key=str) == [5, None, None], "of 4, 5 and 5; one hidden alone could be computed"
    assert all(share is None for _name, count, share, _population in found.rows if count is None)
    assert found.out_of_place is None


def test_who_sits_down_later_changes_no_number_where_a_draw_is_sealed(cycle, ages):
    factories.make_members(cycle, 16, alternates=1, disclosure=Disclosure.SEALED)
    before = algorithms.likeness(cycle)
    assert sum(count for _name, count, _share, _population in before[0].rows) == 16
    alternate = Alternate.objects.get(cycle=cycle)
    Member.objects.create(
        cycle=cycle, number=17, respondent=alternate.respondent, selection=alternate.selection,
        features=alternate.selection.entry.features,
    )  # fmt: skip
    assert algorithms.likeness(cycle) == before


def test_it_is_told_how_many_met(cycle, members):
    assert algorithms.who_met(cycle) is None
    table = factories.make_table(cycle)
    table.members.set(members[:3])
    found = algorithms.who_met(cycle)
    assert (found.met, found.possible, found.met_by_the_middle_one) == (3, 3, 2)


def test_the_secretariat_asks_on_its_page(secretariat, cycle, members, institution):
    address = reverse("office:questionnaire", args=[institution.slug, 1])
    office = client_of(secretariat.user)
    uneven = office.post(address, {"sentences_de": "Eins.\nZwei.", "sentences_en": "One."})
    assert "same number of lines" in uneven.content.decode()
    office.post(address, {"sentences_de": "Eins.\nZwei.", "sentences_en": "One.\nTwo."})
    assert [each["text"]["en"] for each in Questionnaire.objects.get().sentences] == ["One.", "Two."]
    onward = reverse("office:questionnaire_next", args=[institution.slug, 1])
    for _step in range(2):
        office.post(onward, {"confirmed": "yes"})
    assert Questionnaire.objects.get().closed_at is not None
    assert office.get(onward).status_code == 404
