"""Whom e-mail does not reach goes to paper: letters of their own, and nobody else's code changes."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.recruitment import batches, mailing, reminding, waves
from isegoria_web.recruitment.enums import ByEmail, Delivery, InvitationStatus, Purpose
from isegoria_web.recruitment.errors import NobodyToRemind, NothingToPrint
from isegoria_web.recruitment.models import Campaign, Invitation, Message
from isegoria_web.register.models import Resident
from tests.web import acts, factories
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(institution, settings, tmp_path) -> Campaign:
    """Five letters drawn; all but the last person have an e-mail address."""
    settings.MEDIA_ROOT = tmp_path / "files"
    factories.make_letters(factories.make_cycle(institution, Stage.INVITING), 5)
    Invitation.objects.update(status=InvitationStatus.CREATED, secret_hash="", language="de")
    for each in Invitation.objects.filter(position__lt=5).select_related("resident"):
        Resident.objects.filter(pk=each.resident_id).update(email=f"resident{each.position}@example.org")
    return Campaign.objects.get()


def invite(actor, campaign, by_email=ByEmail.INSTEAD):
    mailing.decide_correspondence(
        actor=actor, campaign=campaign, by_email=by_email, remind_after_days=5, remind_by_email=True
    )
    mailing.invite_by_email(actor=actor, campaign=campaign)
    mailing.send_due()


def come_back(position, purpose=Purpose.INVITATION, reason="5.1.1"):
    found = Message.objects.filter(invitation__position=position, purpose=purpose)
    assert found.update(status=Delivery.BOUNCED, came_back_at=NOW, reason=reason, address="") == 1


def owed(campaign) -> list[int]:
    return [each.position for each in campaign.invitations.owed_paper()]


def print_unreached(actor, campaign):
    printing = batches.start_printing(actor=actor, campaign=campaign, wave=1, unreached=True)
    batches.print_batches(actor=actor, printing=printing)
    return printing


@pytest.fixture
def printed(secretariat, campaign, mailoutbox) -> Campaign:
    """E-mail to four, a letter on paper to the fifth; then two e-mails come back."""
    invite(secretariat, campaign)
    batches.print_letters(actor=secretariat, campaign=campaign)
    assert owed(campaign) == []
    come_back(1)
    come_back(3)
    return campaign


def test_whose_invitation_came_back_gets_a_letter_and_nobody_another_code(
    institution, secretariat, printed
):
    assert owed(printed) == [1, 3]
    assert waves.waves_of(printed)[0].owed == 2
    before = dict(Invitation.objects.values_list("position", "selector"))
    hidden = batches.Batch.objects.get().pdf.name
    batch = print_unreached(secretariat, printed).batches.get()
    after = dict(Invitation.objects.values_list("position", "selector"))
    assert [position for position in before if before[position] != after[position]] == [1, 3]
    assert batches.Batch.objects.get(pdf=hidden).letters == 1, "the files of the others stay"
    pages = PdfReader(io.BytesIO(batch.pdf.read())).pages
    assert ["1-002-0001" in pages[0].extract_text(), "1-002-0002" in pages[1].extract_text()] == [
        True,
        True,
    ]
    assert "mail" not in "".join(page.extract_text() for page in pages).lower()
    assert owed(printed) == []
    facts = acts.entries(institution, Action.LETTERS_PRINTED)[-1].facts
    assert (facts["letters"], facts["after_email"]) == (2, True)


def test_they_are_printed_once_and_only_by_the_secretariat(institution, secretariat, printed):
    with pytest.raises(NotAllowed):
        print_unreached(factories.actor(institution, Role.OBSERVER), printed)
    print_unreached(secretariat, printed)
    with pytest.raises(NothingToPrint):
        print_unreached(secretariat, printed)


def test_an_answer_and_the_wish_for_silence_stop_it(secretariat, printed):
    Invitation.objects.filter(position=1).update(status=InvitationStatus.NO, answered_at=NOW)
    mailing.keep_quiet(actor=secretariat, invitation=Invitation.objects.get(position=3))
    assert owed(printed) == []


def test_a_reminder_that_came_back_for_good_counts_too_and_a_full_mailbox_does_not(secretariat, printed):
    reminding.remind(actor=secretariat, campaign=printed)
    come_back(2, Purpose.REMINDER, "5.2.2")
    come_back(4, Purpose.REMINDER)
    assert owed(printed) == [1, 3, 4]


def test_who_holds_a_letter_is_reminded_on_paper_when_her_reminder_came_back(
    secretariat, campaign, mailoutbox
):
    batches.print_letters(actor=secretariat, campaign=campaign)
    invite(secretariat, campaign, ByEmail.BESIDE)
    with pytest.raises(NobodyToRemind):
        reminding.print_reminders(actor=secretariat, campaign=campaign)
    reminding.remind(actor=secretariat, campaign=campaign)
    come_back(2, Purpose.REMINDER)
    assert owed(campaign) == [], "her letter is in the post, and its code goes on working"
    [page] = PdfReader(io.BytesIO(reminding.print_reminders(actor=secretariat, campaign=campaign))).pages
    assert "mail" not in page.extract_text().lower()


def test_the_pages_say_who_waits_and_print_them(client, institution, secretariat, printed):
    client.force_login(secretariat.user)
    office = f"/en/{institution.slug}/office/"
    page = f"{office}cycles/1/letters/print/unreached/"
    for where in ("", "cycles/1/letters/", "cycles/1/letters/returns/", "cycles/1/mail/"):
        assert page in client.get(f"{office}{where}").text
    assert "Print 2 letters of wave 1" in client.get(page).text
    assert client.post(page, {"confirmed": "yes"}).status_code == 302
    assert printed.waves.get().printings.filter(unreached=True).count() == 1
