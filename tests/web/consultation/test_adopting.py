"""The question of a mandate: adopted by the body to which the rule book gives it, then signed, and no other."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from isegoria_web.accounts.enums import Role
from isegoria_web.ballots.errors import ResolutionUnderWay, TooFewSit
from isegoria_web.ballots.models import Resolution
from isegoria_web.consultation import adopting
from isegoria_web.consultation.errors import QuestionMissing, QuestionNotAdopted, QuestionSettled
from isegoria_web.institutions import mandates
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.institutions.moving import break_off
from isegoria_web.institutions.services import sign_mandate
from isegoria_web.journal.enums import Action
from tests.web import acts, factories
from tests.web.consultation import support
from tests.web.consultation.test_judging import speak

pytestmark = pytest.mark.django_db
OTHER = {"en": "How do we build?", "de": "Wie bauen wir?"}


@pytest.fixture
def council(institution):
    return support.sitting_council(institution)


@pytest.fixture
def cycle(institution, council) -> Cycle:
    return factories.make_cycle(institution)


def propose(cycle: Cycle, member, question=OTHER) -> Resolution:
    return adopting.propose_question(actor=factories.actor_of(member), cycle=cycle, question=question)


def test_the_question_that_the_body_adopted_stands_in_the_draft_and_can_be_signed(
    institution, authority, council, cycle
):
    with pytest.raises(QuestionNotAdopted, match=r"agenda\.adopts_question"):
        sign_mandate(actor=authority, cycle=cycle)
    made = propose(cycle, council[0])
    with pytest.raises(ResolutionUnderWay):
        sign_mandate(actor=authority, cycle=cycle)
    speak(made, council[:4])
    cycle.refresh_from_db()
    assert cycle.question == OTHER
    written = acts.entry(institution, Action.MANDATE_DRAFTED).facts
    assert (written["body"], written["resolution"]) == ("council", 1)
    signed = sign_mandate(actor=authority, cycle=cycle)
    assert signed.mandates.get().question == OTHER


def test_a_draft_that_was_changed_since_needs_the_body_again(secretariat, authority, council, cycle):
    speak(propose(cycle, council[0], cycle.question), council[:4])
    mandates.change_draft(
        actor=secretariat, cycle=cycle, title=cycle.title, question=OTHER, scope=cycle.scope, promised_answer_days=90
    )  # fmt: skip
    with pytest.raises(QuestionNotAdopted):
        sign_mandate(actor=authority, cycle=cycle)


def test_a_signed_question_is_changed_only_as_the_body_adopted_it_and_the_rest_without_it(
    authority, council, cycle
):
    speak(propose(cycle, council[0], cycle.question), council[:4])
    cycle = sign_mandate(actor=authority, cycle=cycle)

    def revise(question, scope):
        return mandates.revise(
            actor=authority, cycle=cycle, title=cycle.title, question=question, scope=scope,
            promised_answer_days=90, reasons=support.REASONS,
        )  # fmt: skip

    with pytest.raises(QuestionNotAdopted):
        revise(OTHER, cycle.scope)
    revise(cycle.question, factories.texts("A narrower scope"))
    cycle.refresh_from_db()
    speak(propose(cycle, council[0]), council[:4])
    cycle.refresh_from_db()
    assert cycle.question != OTHER  # a signed mandate changes by a signature alone
    assert revise(OTHER, cycle.scope).question == OTHER


def test_where_nobody_sits_the_authority_signs_as_before_and_nobody_adopts_the_mandate_of_her_own_body(
    institution, secretariat, authority
):
    cycle = factories.make_cycle(institution)
    with pytest.raises(TooFewSit):
        adopting.propose_question(actor=secretariat, cycle=cycle, question=OTHER)
    assert sign_mandate(actor=authority, cycle=cycle)
    support.sitting_council(institution)
    renewal = factories.make_cycle(institution)
    renewal.body = institution.bodies.get(key="council")
    renewal.save()
    assert sign_mandate(actor=authority, cycle=renewal)


def test_what_is_no_question_or_comes_too_late_is_refused(council, cycle):
    with pytest.raises(QuestionMissing):
        propose(cycle, council[0], {"en": " "})
    Cycle.objects.filter(pk=cycle.pk).update(stage=Stage.CLOSED)
    with pytest.raises(QuestionSettled):
        propose(cycle, council[0])


def test_only_members_of_the_body_and_the_secretariat_propose_a_question(institution, council, cycle):
    acts.only(
        institution, Role.SECRETARIAT,
        act=lambda actor: adopting.propose_question(actor=actor, cycle=cycle, question=OTHER),
    )  # fmt: skip


def test_with_a_cycle_that_is_broken_off_what_was_being_decided_on_it_lapses(authority, council, cycle):
    made = propose(cycle, council[0])
    break_off(actor=authority, cycle=cycle, reasons=support.REASONS)
    made.refresh_from_db()
    assert made.status == "lapsed"


def test_in_pages_a_member_writes_the_question_and_the_public_reads_who_adopted_it(
    client: Client, institution, authority, council, cycle
):
    def url(name, **more):
        return reverse(name, kwargs={"institution": institution.slug, **more})

    page = url("members:body_question", body="council", cycle=cycle.number)
    client.force_login(council[0].user)
    assert page in client.get(url("members:body", body="council")).content.decode()
    assert "How do we want to live?" in client.get(page).content.decode()
    answered = client.post(page, {"question_en": "How do we build?", "question_de": "Wie bauen wir?"})
    assert answered["Location"] == url("members:resolution", number=1)
    made = Resolution.objects.get()
    client.force_login(authority.user)
    office = url("office:mandate", cycle=cycle.number)
    assert client.post(office, {"confirmed": "yes"}).status_code == 409
    speak(made, council[:5])
    assert client.get(office).status_code == 200
    assert client.post(office, {"confirmed": "yes"}).status_code == 302
    public = Client().get(url("public:mandate", number=cycle.number)).content.decode()
    for words in ("How do we build?", "5 yes, 0 no, 0 abstained, of 6 members", "agenda.adopts_question"):
        assert words in public


def test_after_signing_office_and_members_put_another_question_to_the_body(
    client: Client, institution, secretariat, authority, council, cycle
):
    def url(name, **more):
        return reverse(name, kwargs={"institution": institution.slug, **more})

    speak(propose(cycle, council[0], cycle.question), council[:4])
    cycle = sign_mandate(actor=authority, cycle=cycle)
    office, room = url("office:mandate", cycle=cycle.number), url("members:body", body="council")
    page = url("members:body_question", body="council", cycle=cycle.number)
    client.force_login(council[0].user)
    assert page in client.get(room).content.decode()
    assert client.get(page).status_code == 200
    client.force_login(secretariat.user)
    assert client.post(office, {"put": "yes", "question_en": "", "question_de": ""}).status_code == 422
    sent = {f"question_{code}": text for code, text in OTHER.items()}
    assert client.post(office, {"put": "yes", **sent}).status_code == 302
    made = Resolution.objects.open().get()
    assert made.terms["question"] == OTHER
    assert "decides on it until" in client.get(office).content.decode()
    client.force_login(council[0].user)
    assert page not in client.get(room).content.decode()
    speak(made, council[:4])
    client.force_login(authority.user)
    change = client.get(url("office:mandate_change", cycle=cycle.number)).content.decode()
    assert OTHER["en"] in change
    assert OTHER["de"] in change
