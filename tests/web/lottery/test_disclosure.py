"""Open or sealed: the rule book says which, before the draw; and who may open what is sealed."""

import datetime as dt
import json

import pytest
from django.test import Client
from django.urls import reverse

from isegoria.proof import verify, verify_receipt
from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Opening
from isegoria_web.lottery import algorithms, ceremony, disclosing, services
from isegoria_web.lottery.enums import Disclosure, DrawStatus
from isegoria_web.lottery.errors import NotCommitted, NotSealed, SealsDestroyed
from isegoria_web.lottery.models import UNDISCLOSED, Draw, Value
from isegoria_web.recruitment import jobs
from isegoria_web.recruitment.models import Campaign
from isegoria_web.register.models import Extract
from tests.web import acts, factories
from tests.web.factories import NOW
from tests.web.lottery.draws import AFTER, PEOPLE, THROW, announce
from tests.web.lottery.test_attacks import refused_by_the_database

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(cycle, secretariat):
    """A sealed draw of eighteen people, three of each of six kinds, committed."""
    factories.amend_rule_book(cycle, "[draw]", '[draw]\ndisclosure = "sealed"')
    draw = announce(secretariat, cycle)
    services.commit_lottery(actor=secretariat, draw=draw)
    draw.refresh_from_db()
    return draw


def test_a_draw_for_which_something_sensitive_is_asked_is_sealed_whatever_the_rule_book_says(
    institution, cycle, secretariat, client
):
    factories.amend_rule_book(cycle, "[draw]", '[draw]\ndisclosure = "open"')
    Value.objects.create(
        feature=cycle.features.first(), key=UNDISCLOSED, name={"en": "Not said"}, position=9, minimum=0,
        maximum=cycle.panel_size,
    )  # fmt: skip
    draw = announce(secretariat, cycle)
    services.commit_lottery(actor=secretariat, draw=draw)
    assert (draw.disclosure, draw.disclosure_rule) == (Disclosure.SEALED, "")
    facts = acts.entry(institution, Action.POOL_FROZEN).facts
    assert (facts["disclosure"], facts["disclosure_rule"]) == ("sealed", "sensitive features")
    page = client.get(reverse("public:draw", args=[institution.slug, cycle.number, draw.number]))
    assert "something sensitive" in page.content.decode()


@pytest.fixture
def drawn_sealed(sealed, secretariat):
    with clock.at(AFTER):
        factories.throw(sealed, THROW)
        return services.draw_panel(actor=secretariat, draw=sealed)


@pytest.fixture
def observer(institution) -> Actor:
    return factories.actor(institution, Role.OBSERVER)


def test_where_the_rule_book_is_silent_a_draw_is_open_and_the_journal_says_so(institution, committed):
    assert (committed.disclosure, committed.disclosure_rule) == (Disclosure.OPEN, "")
    facts = acts.entry(institution, Action.POOL_FROZEN).facts
    assert (facts["disclosure"], facts["disclosure_rule"]) == ("open", "default")
    assert committed.record.commitment["specification"]["disclosure"] == "open"
    assert (committed.pool.seal_key, committed.record.observers_file) == ("", None)


def test_the_rule_book_seals_a_draw_when_it_is_announced_and_is_named(institution, sealed):
    assert sealed.is_sealed
    assert sealed.disclosure_rule == "draw.disclosure, ostbelgien 2"
    facts = acts.entry(institution, Action.POOL_FROZEN).facts
    assert (facts["disclosure"], facts["disclosure_rule"]) == ("sealed", "draw.disclosure, ostbelgien 2")
    assert acts.entry(institution, Action.LOTTERY_COMMITTED).facts["disclosure"] == "sealed"


def test_a_change_of_the_rule_book_does_not_reach_a_draw_that_was_announced(cycle, secretariat):
    draw = announce(secretariat, cycle)
    factories.amend_rule_book(cycle, "[draw]", '[draw]\ndisclosure = "sealed"')
    services.commit_lottery(actor=secretariat, draw=draw)
    draw.refresh_from_db()
    assert draw.record.commitment["specification"]["disclosure"] == "open"


def test_the_public_record_of_a_sealed_draw_shows_nobodys_rare_features(drawn_sealed):
    document = drawn_sealed.record.document
    assert [kind["features"] for kind in document["pool"]["types"]] == [None] * 6
    assert document["lottery"]["certificate"] is None
    found = verify(document, published=drawn_sealed.record.commitment_sha256)
    assert found.ok
    assert {step.name for step in found.steps if step.unchecked} == {"quotas", "certificate"}


def test_with_the_observers_file_nothing_is_left_open(drawn_sealed, observer):
    opening = disclosing.give_observers_file(actor=observer, draw=drawn_sealed)
    found = verify(
        drawn_sealed.record.document, published=drawn_sealed.record.commitment_sha256, observers=opening
    )
    assert found.ok
    assert [step.name for step in found.steps if step.unchecked] == []


def test_nobody_but_an_observer_takes_the_file_not_even_the_secretariat(institution, sealed):
    acts.only(
        institution,
        Role.OBSERVER,
        act=lambda actor: disclosing.give_observers_file(actor=actor, draw=sealed),
    )


def test_each_taking_of_the_file_is_in_the_journal_without_a_name(institution, sealed, observer):
    first = disclosing.give_observers_file(actor=observer, draw=sealed)
    assert disclosing.give_observers_file(actor=observer, draw=sealed) == first
    found = acts.entries(institution, Action.SEALS_OPENED)
    assert [each.facts for each in found] == [{"kind": "panel", "number": 1}] * 2
    assert Opening.objects.get(entry=found[0]).payload == {"person": observer.user.pk}


def test_there_is_no_file_of_an_open_draw_and_none_before_the_commitment(cycle, secretariat, observer):
    with pytest.raises(NotSealed):
        disclosing.give_observers_file(actor=observer, draw=announce(secretariat, cycle))
    Draw.objects.get()
    other = factories.make_cycle(cycle.institution)
    factories.make_features(other)
    services.propose_quotas(actor=secretariat, cycle=other)
    factories.amend_rule_book(other, "[draw]", '[draw]\ndisclosure = "sealed"')
    with pytest.raises(NotCommitted):
        disclosing.give_observers_file(actor=observer, draw=announce(secretariat, other))


def test_a_person_opens_the_seal_of_her_own_kind_alone(drawn_sealed):
    document = drawn_sealed.record.document
    for entry in drawn_sealed.pool.entries.all():
        receipt = algorithms.receipt(entry)
        assert verify_receipt(document, receipt).ok
        other = receipt | {"features": dict(next(each for each in PEOPLE if each != entry.features))}
        assert verify_receipt(document, other).failed.name == "entry"


def test_a_receipt_is_made_when_others_were_erased(drawn_sealed):
    own, *others = drawn_sealed.pool.entries.all()
    drawn_sealed.pool.entries.filter(pk__in=[each.pk for each in others]).update(salt="")
    own.refresh_from_db()
    assert verify_receipt(drawn_sealed.record.document, algorithms.receipt(own)).ok


def test_the_database_lets_the_seals_be_destroyed_and_never_changed(sealed):
    refused_by_the_database("UPDATE lottery_pool SET seal_key = %s", "1" * 64)
    refused_by_the_database("UPDATE lottery_drawrecord SET observers_file = '{}'")
    refused_by_the_database("UPDATE lottery_draw SET disclosure = 'open'")


# -- destroyed on the erasure date ----------------------------------------------------------------------


def erased(draw):
    factories.make_respondents(draw.cycle, 1, draw=factories.make_draw(draw.cycle, "rotation"))
    Extract.objects.update(erased_at=NOW)


def test_the_seals_are_destroyed_once_the_extract_is_erased_and_the_record_still_verifies(
    institution, drawn_sealed, observer
):
    with clock.at(drawn_sealed.challenge_ends_at):
        ceremony.finish_challenges()
        erased(drawn_sealed)
        assert jobs.destroy_seals_whose_day_has_come() == 1
        assert jobs.destroy_seals_whose_day_has_come() == 0
    drawn_sealed.refresh_from_db()
    assert drawn_sealed.status == DrawStatus.FINAL
    assert (drawn_sealed.pool.seal_key, drawn_sealed.record.observers_file) == ("", None)
    assert verify(drawn_sealed.record.document).ok
    entry = acts.entry(institution, Action.SEALS_DESTROYED)
    assert (entry.actor, entry.facts) == ("system", {"kind": "panel", "number": 1})
    with pytest.raises(SealsDestroyed):
        disclosing.give_observers_file(actor=observer, draw=drawn_sealed)


def test_the_seals_stay_while_objections_run_or_an_extract_is_kept(drawn_sealed):
    erased(drawn_sealed)
    assert jobs.destroy_seals_whose_day_has_come() == 0, "not final"
    with clock.at(drawn_sealed.challenge_ends_at):
        ceremony.finish_challenges()
        Extract.objects.update(erased_at=None)
        assert jobs.destroy_seals_whose_day_has_come() == 0, "the extract is kept"
    assert Campaign.objects.exists()


# -- the pages ------------------------------------------------------------------------------------------


def page_of(draw):
    address = reverse("public:draw", args=[draw.cycle.institution.slug, draw.cycle.number, draw.number])
    return Client().get(address).content.decode()


def test_the_page_of_an_open_draw_says_what_a_stranger_and_a_neighbour_learn(drawn):
    page = page_of(drawn)
    assert "An open draw: the record shows everything but names" in page
    assert "The rule book is silent on it, and then a draw is open." in page
    assert "Mean chance" in page


def test_the_page_of_a_sealed_draw_shows_no_number_of_people_by_their_features(drawn_sealed):
    page = page_of(drawn_sealed)
    assert "A sealed draw: rare features stay hidden" in page
    assert "draw.disclosure, ostbelgien 2" in page
    assert "Mean chance" not in page
    assert 'class="pool"' not in page
    assert "holds, with a part left open" in page


def signed_in(institution, role):
    client = Client()
    client.force_login(factories.make_user(institution, role))
    return client


def test_an_observer_takes_the_file_from_the_office(institution, drawn_sealed):
    client = signed_in(institution, Role.OBSERVER)
    address = reverse("office:seals", args=[institution.slug, 1, drawn_sealed.number])
    listed = client.get(reverse("office:draws", args=[institution.slug, 1])).content.decode()
    assert address in listed
    assert client.get(address).status_code == 200
    assert acts.entries(institution, Action.SEALS_OPENED) == [], "looking is not taking"
    answer = client.post(address, {"confirmed": "yes"})
    assert answer["Content-Disposition"] == 'attachment; filename="ostbelgien-1-1-observers.json"'
    assert json.loads(answer.content) == drawn_sealed.record.observers_file
    assert len(acts.entries(institution, Action.SEALS_OPENED)) == 1
    asked = signed_in(institution, Role.SECRETARIAT).get(address)
    assert asked.status_code == 404


def test_days_of_the_erasure_do_not_touch_another_cycle(drawn_sealed):
    with clock.at(drawn_sealed.challenge_ends_at + dt.timedelta(days=1)):
        ceremony.finish_challenges()
        other = factories.make_cycle(drawn_sealed.cycle.institution)
        factories.make_respondents(other, 1)
        Extract.objects.update(erased_at=NOW)
        assert jobs.destroy_seals_whose_day_has_come() == 0
