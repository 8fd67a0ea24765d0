"""One letter is printed again: a new code, the one before void, a reason in the journal."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.recruitment import answering, batches, codes, replacing
from isegoria_web.recruitment.enums import InvitationStatus, Refusal, Replaced
from isegoria_web.recruitment.errors import (
    AlreadyAnswered,
    CampaignClosed,
    CodeWrong,
    LetterErased,
    NotSentYet,
    PrintingGoesOn,
)
from isegoria_web.recruitment.models import Campaign, Invitation
from tests.web import acts, factories

pytestmark = pytest.mark.django_db
CODE = codes.Code("ABCDEF", "GHJKMNPQR")


@pytest.fixture
def letter(institution) -> Invitation:
    made, _other = factories.make_letters(factories.make_cycle(institution, Stage.INVITING), 2)
    made.selector, made.secret_hash = CODE.selector, codes.hash_secret(CODE.secret)
    made.save()
    return made


def again(actor, letter, reason=Replaced.LOST) -> str:
    """Print it, and return the code on it."""
    document = replacing.print_again(actor=actor, invitation=letter, reason=reason)
    [page] = PdfReader(io.BytesIO(document)).pages
    return re.search(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", page.extract_text())[0]


def opened(code: object) -> Invitation:
    return answering.redeem(code_text=str(code), source="here")


def test_the_new_code_opens_the_letter_and_the_one_before_nothing(institution, secretariat, letter):
    assert opened(CODE) == letter
    first = again(secretariat, letter)
    assert opened(first) == letter
    with pytest.raises(CodeWrong):
        opened(CODE)
    second = again(secretariat, letter, Replaced.SEEN)
    assert opened(second) == letter
    with pytest.raises(CodeWrong):
        opened(first)
    told = [entry.facts for entry in acts.entries(institution, Action.LETTER_REPLACED)]
    assert told == [{"wave": 1, "reason": "lost"}, {"wave": 1, "reason": "seen"}]


def test_only_the_secretariat_prints_a_letter_again(institution, letter):
    for role in (Role.FACILITATOR, Role.OBSERVER, Role.AUTHORITY):
        with pytest.raises(NotAllowed):
            again(factories.actor(institution, role), letter)
    assert opened(CODE) == letter


def _answer(letter):
    answering.decline(
        actor=factories.Actor.citizen(letter.selector), invitation=letter, refusal=Refusal.OTHER
    )


@pytest.mark.parametrize(
    ("before", "refusal"),
    [
        (_answer, AlreadyAnswered),
        (lambda _letter: Campaign.objects.update(closed_at=factories.NOW), CampaignClosed),
        (lambda _letter: Invitation.objects.update(status=InvitationStatus.CREATED), NotSentYet),
        (lambda _letter: Invitation.objects.update(status=InvitationStatus.RETURNED), NotSentYet),
        (lambda _letter: Invitation.objects.update(resident=None), LetterErased),
    ],
)
def test_a_letter_that_is_answered_not_out_or_over_is_not_printed_again(
    institution, secretariat, letter, before, refusal
):
    before(letter)
    with pytest.raises(refusal):
        again(secretariat, letter)
    assert acts.entries(institution, Action.LETTER_REPLACED) == []
    assert Invitation.objects.get(pk=letter.pk).selector == CODE.selector


def test_while_its_wave_is_printed_a_letter_waits_for_that_code(secretariat, letter):
    batches.start_printing(actor=secretariat, campaign=letter.campaign, wave=1)
    with pytest.raises(PrintingGoesOn):
        again(secretariat, letter)


def test_the_desk_hands_the_letter_over_once_it_has_a_reason(client, institution, secretariat, letter):
    client.force_login(secretariat.user)
    desk = f"/en/{institution.slug}/office/cycles/1/desk/{letter.position}/"
    assert f"{desk}print/" in client.get(desk).text
    assert client.post(f"{desk}print/", {}).status_code == 422
    printed = client.post(f"{desk}print/", {"reason": "damaged"})
    assert printed["Content-Type"] == "application/pdf"
    assert "no-store" in printed["Cache-Control"]
    assert acts.entry(institution, Action.LETTER_REPLACED).facts["reason"] == "damaged"
