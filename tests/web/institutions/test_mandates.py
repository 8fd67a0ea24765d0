"""The mandate: a draft until it is signed; after that every change is a version that everybody sees."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions import mandates, services
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.errors import (
    ChangeNeedsReasons,
    MandateAlreadySigned,
    MandateNotSigned,
    MandateUnchanged,
    PromisedTooLate,
    WrongStage,
)
from isegoria_web.institutions.models import MandateVersion
from isegoria_web.journal.enums import Action
from tests.web import acts, factories
from tests.web.factories import NOW, texts

pytestmark = pytest.mark.django_db
WHY = texts("The court has spoken.")


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution)


def words(cycle, **changes) -> dict:
    told = {name: getattr(cycle, name) for name in ("title", "question", "scope", "promised_answer_days")}
    return told | changes


def revise(actor, cycle, reasons=WHY, **changes) -> MandateVersion:
    return mandates.revise(actor=actor, cycle=cycle, reasons=reasons, **words(cycle, **changes))


def test_the_signature_keeps_the_first_version(authority, cycle):
    services.sign_mandate(actor=authority, cycle=cycle)
    version = cycle.mandates.get()
    assert (version.number, version.question, version.promised_answer_days) == (1, cycle.question, 90)
    assert version.sha256 == services.mandate_digest(cycle)
    assert version.signed_at == NOW


def test_a_draft_is_changed_until_it_is_signed(institution, secretariat, authority, cycle):
    new = texts("How do we want to move?")
    changed = mandates.change_draft(actor=secretariat, cycle=cycle, **words(cycle, question=new))
    assert changed.question == new
    with pytest.raises(MandateUnchanged):
        mandates.change_draft(actor=secretariat, cycle=changed, **words(changed))
    assert acts.entry(institution, Action.MANDATE_DRAFTED).facts == {
        "cycle": 1, "mandate_sha256": services.mandate_digest(changed),
    }  # fmt: skip
    assert not MandateVersion.objects.exists()
    services.sign_mandate(actor=authority, cycle=cycle)
    with pytest.raises(MandateAlreadySigned):
        mandates.change_draft(actor=secretariat, cycle=cycle, **words(cycle))


def test_after_the_draw_a_change_is_a_new_version_with_its_reasons(institution, authority):
    cycle = factories.make_cycle(institution, Stage.SEATED)  # signed before versions were kept
    before = cycle.scope
    made = revise(authority, cycle, scope=texts("What the Community decides from now on."))
    cycle.refresh_from_db()
    assert (made.number, cycle.scope["en"]) == (2, "What the Community decides from now on.")
    assert cycle.mandates.get(number=1).scope == before
    assert acts.entry(institution, Action.MANDATE_REVISED).facts == {
        "cycle": 1, "version": 2, "stage": "seated", "answer_within_days": 90, "mandate_sha256": made.sha256,
        "rules": {"answer_within_days": "mandate"},
    }  # fmt: skip


def test_the_same_words_again_are_no_version(authority, institution):
    cycle = factories.make_cycle(institution, Stage.SEATED)
    with pytest.raises(MandateUnchanged):
        revise(authority, cycle)
    assert not MandateVersion.objects.exists()


def test_a_version_needs_reasons_a_signature_before_it_and_a_cycle_that_is_not_closed(
    institution, authority, cycle
):
    with pytest.raises(MandateNotSigned):
        revise(authority, cycle, promised_answer_days=30)
    with pytest.raises(ChangeNeedsReasons):
        revise(authority, cycle, reasons={"en": " "}, promised_answer_days=30)
    with pytest.raises(WrongStage):
        revise(authority, factories.make_cycle(institution, Stage.CLOSED), promised_answer_days=30)


def test_the_first_answer_is_not_promised_for_after_the_final_one(
    institution, secretariat, authority, cycle
):
    factories.amend_rule_book(cycle, "[duty]\n", "[duty]\nfinal_months = 2\n")
    for act in (
        lambda days: mandates.change_draft(
            actor=secretariat, cycle=cycle, **words(cycle, promised_answer_days=days)
        ),
        lambda days: begin(secretariat, institution, promised_answer_days=days),
    ):
        with pytest.raises(PromisedTooLate, match=r"final_months, ostbelgien 2.*within 59 days"):
            act(60)
        assert act(59).promised_answer_days == 59  # 1 January to 1 March
    services.sign_mandate(actor=authority, cycle=cycle)
    with pytest.raises(PromisedTooLate):
        revise(authority, cycle, promised_answer_days=60)
    cycle.refresh_from_db()
    assert cycle.promised_answer_days == 59


def begin(actor, institution, **more):
    return services.open_cycle(
        actor=actor, institution=institution, body=institution.bodies.get(key="assembly"), title=texts("Trams"),
        question=texts("Which?"), scope=texts("All"), panel_size=30, alternates=5, **more,
    )  # fmt: skip


def test_the_database_takes_no_later_version_without_reasons(institution, authority):
    cycle = factories.make_cycle(institution, Stage.SEATED)
    made = revise(authority, cycle, promised_answer_days=30)
    with pytest.raises(IntegrityError), transaction.atomic():
        MandateVersion.objects.filter(pk=made.pk).update(reasons={})


def test_only_the_authority_revises_and_only_the_secretariat_drafts(institution, cycle):
    signed = factories.make_cycle(institution, Stage.SEATED)
    acts.only(institution, Role.AUTHORITY, act=lambda actor: revise(actor, signed, promised_answer_days=30))


def test_only_the_secretariat_changes_a_draft(institution, cycle):
    acts.only(
        institution, Role.SECRETARIAT,
        act=lambda actor: mandates.change_draft(actor=actor, cycle=cycle, **words(cycle, promised_answer_days=30)),
    )  # fmt: skip


def test_the_public_page_shows_each_version_and_what_differs(institution, authority):
    cycle = factories.make_cycle(institution, Stage.SEATED)
    page = reverse("public:mandate", args=[institution.slug, 1])
    assert "It stands as it was signed" in Client().get(page).text
    revise(authority, cycle, question=texts("How do we want to move?"))
    shown = Client().get(page).text
    assert "<del>" in shown
    assert "live?" in shown
    assert "move?" in shown
    assert "The court has spoken." in shown
    assert cycle.mandates.get(number=1).sha256 in shown


def test_the_authority_signs_a_new_version_on_its_page_after_a_warning(institution, authority, secretariat):
    cycle = factories.make_cycle(institution, Stage.SEATED)
    page = reverse("office:mandate_change", args=[institution.slug, 1])
    browser = Client()
    browser.force_login(secretariat.user)
    assert browser.get(page).status_code == 404  # it is signed
    browser.force_login(authority.user)
    typed = {
        f"{name}_{code}": text
        for name in ("title", "question", "scope")
        for code, text in getattr(cycle, name).items()
    }
    typed |= {"promised_answer_days": "60"} | {f"reasons_{code}": text for code, text in WHY.items()}
    assert b'name="confirmed"' in browser.post(page, typed).content
    assert not MandateVersion.objects.exists()
    assert browser.post(page, typed | {"confirmed": "yes"}).status_code == 302
    assert cycle.mandates.get(number=2).promised_answer_days == 60
