"""E-mail about letters: through a real mail server, never twice, nobody forgotten, whatever dies on the way."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction
from django.test import Client

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.journal.models import Entry
from isegoria_web.recruitment import answering, batches, codes, desk, jobs, mailing, mails
from isegoria_web.recruitment.enums import ByEmail, Channel, Delivery, InvitationStatus, Purpose, Refusal
from isegoria_web.recruitment.errors import (
    CampaignClosed,
    NoEmailDecided,
    NotAstray,
    NothingToSend,
    SentByEmailAlready,
)
from isegoria_web.recruitment.models import Campaign, Correspondence, Invitation, Message, Respondent
from isegoria_web.register.models import Resident
from tests.support.installation import free_port
from tests.support.mail_server import MailServer, mail_server
from tests.web import acts, factories
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db
ANSWERS = {"sex": "F", "age": "35-64"}
LATER = NOW + dt.timedelta(minutes=2)


@pytest.fixture
def cycle(institution):
    made = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(made)
    return made


@pytest.fixture
def letters(cycle) -> list[Invitation]:
    """Six letters drawn and not sent; the register has an address of five people."""
    made = factories.make_letters(cycle, 6)
    Invitation.objects.update(status=InvitationStatus.CREATED)
    for each in made[:5]:
        Resident.objects.filter(pk=each.resident_id).update(email=f"resident{each.position}@example.org")
    return list(Invitation.objects.select_related("campaign", "resident").order_by("position"))


@pytest.fixture
def campaign(letters) -> Campaign:
    return letters[0].campaign


@pytest.fixture
def server(settings) -> MailServer:
    with mail_server() as running:
        use(settings, running.port)
        yield running


def use(settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.DEFAULT_FROM_EMAIL = "Isegoria <panel@panel.example.org>"
    settings.BOUNCE_ADDRESS = "bounces@panel.example.org"


def decide(actor, campaign, by_email=ByEmail.BESIDE, **more):
    return mailing.decide_correspondence(actor=actor, campaign=campaign, by_email=by_email, **more)


def invite(actor, campaign):
    decide(actor, campaign)
    return mailing.invite_by_email(actor=actor, campaign=campaign)


def statuses() -> list[str]:
    return list(Message.objects.order_by("invitation__position").values_list("status", flat=True))


def say_yes(letter, email="anna@example.org", **more):
    return answering.accept(
        actor=Actor.citizen(letter.selector), invitation=letter, seen=factories.seen(letter), name="Anna Schmitz", email=email, phone="",
        language="fr", answers=ANSWERS, needs=[], consent=True, **more,
    )  # fmt: skip


def address_in(mail) -> str:
    return re.search(
        r"https?://[^\s]+(/(?:de|fr|en|nl)/\S*/link/\w+/)", mail.get_body(("plain",)).get_content()
    ).group(1)


# -- deciding --------------------------------------------------------------------------------------------
def test_whether_people_get_e_mail_is_decided_in_public(institution, secretariat, campaign):
    made = decide(secretariat, campaign, ByEmail.INSTEAD, remind_after_days=12)
    assert (made.by_email, made.remind_after_days) == (ByEmail.INSTEAD, 12)
    assert acts.entry(institution, Action.CORRESPONDENCE_DECIDED).facts == {
        "by_email": "instead", "remind_after_days": 12, "remind_by": ["email"], "reminders": 1,
        "rules": {"remind_after_days": "silent: draw.reminder_days, ostbelgien 1"},
    }  # fmt: skip


@pytest.mark.parametrize("verb", [decide, mailing.invite_by_email, mailing.stop_mail])
def test_nobody_but_the_secretariat_decides_sends_and_stops_e_mail(
    institution, secretariat, campaign, verb
):
    mailing.decide_correspondence(actor=secretariat, campaign=campaign, by_email=ByEmail.BESIDE)
    acts.only(
        institution, Role.SECRETARIAT,
        act=lambda actor: verb(actor=actor, campaign=campaign),
        also_refused=(Actor.system(), Actor.citizen("ABCDEF")),
    )  # fmt: skip
    assert not Message.objects.exists()


def test_a_decision_can_be_changed_until_mail_is_on_its_way(secretariat, campaign):
    decide(secretariat, campaign, ByEmail.INSTEAD)
    decide(secretariat, campaign, ByEmail.BESIDE)
    mailing.invite_by_email(actor=secretariat, campaign=campaign)
    with pytest.raises(SentByEmailAlready):
        decide(secretariat, campaign, ByEmail.NO)
    decide(secretariat, campaign, ByEmail.BESIDE, remind_after_days=10)
    assert Correspondence.objects.get().remind_after_days == 10


@pytest.mark.parametrize("wrong", [{"remind_after_days": 0}, {"reminders": 4}, {"reminders": 0}])
def test_a_decision_that_makes_no_sense_is_refused(institution, secretariat, campaign, wrong):
    with pytest.raises(ValidationError):
        decide(secretariat, campaign, **wrong)
    assert not acts.entries(institution, Action.CORRESPONDENCE_DECIDED)


# -- inviting --------------------------------------------------------------------------------------------
def test_who_has_an_address_gets_one_invitation_in_her_language(institution, secretariat, campaign, server):
    assert invite(secretariat, campaign) == 5
    assert acts.entry(institution, Action.MAIL_QUEUED).facts == {"purpose": "invitation", "messages": 5}
    assert mailing.send_due() == 5
    assert sorted(server.recipients) == [f"resident{number}@example.org" for number in range(1, 6)]
    mail = server.mail_to("resident1@example.org")
    assert mail["Subject"] == "Das Los ist auf Sie gefallen"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/stop/" in mail["List-Unsubscribe"]
    assert str(mail["From"]).endswith("<panel@panel.example.org>")
    assert mail.get_body(("html",)).get_content().startswith('<!DOCTYPE html><html lang="de">')
    assert "4700" not in mail.as_string()
    letter = Invitation.objects.get(position=1)
    assert letter.status == InvitationStatus.SENT
    assert letter.selector not in mail.as_string()
    assert Invitation.objects.get(position=6).status == InvitationStatus.CREATED
    assert set(Message.objects.values_list("address", "status")) == {("", Delivery.SENT)}


def test_a_second_time_nobody_is_written_to(institution, secretariat, campaign, server):
    invite(secretariat, campaign)
    mailing.send_due()
    with pytest.raises(NothingToSend):
        mailing.invite_by_email(actor=secretariat, campaign=campaign)
    assert mailing.send_due() == 0
    assert len(server.taken) == 5
    assert len(acts.entries(institution, Action.MAIL_QUEUED)) == 1
    message = Message.objects.first()
    message.pk, message.public_id = None, uuid.uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        message.save(force_insert=True)


def test_without_a_decision_nobody_is_written_to(secretariat, campaign):
    with pytest.raises(NoEmailDecided):
        mailing.invite_by_email(actor=secretariat, campaign=campaign)
    decide(secretariat, campaign, ByEmail.NO)
    with pytest.raises(NoEmailDecided):
        mailing.invite_by_email(actor=secretariat, campaign=campaign)


def test_once_the_pool_is_closed_nobody_is_invited_and_what_waits_is_dropped(secretariat, campaign, server):
    invite(secretariat, campaign)
    Campaign.objects.update(closed_at=NOW)
    assert mailing.send_due() == 0
    assert set(statuses()) == {Delivery.DROPPED}
    with pytest.raises(CampaignClosed):
        mailing.invite_by_email(actor=secretariat, campaign=campaign)


def test_who_answered_or_asked_for_silence_meanwhile_gets_nothing(secretariat, campaign, letters, server):
    invite(secretariat, campaign)
    Invitation.objects.filter(pk=letters[0].pk).update(status=InvitationStatus.NO, answered_at=NOW)
    mailing.keep_quiet(actor=secretariat, invitation=letters[1])
    Invitation.objects.filter(pk=letters[2].pk).update(status=InvitationStatus.RETURNED)
    assert mailing.send_due() == 2
    assert sorted(server.recipients) == ["resident4@example.org", "resident5@example.org"]


def test_what_waits_can_be_stopped_and_queued_again(institution, secretariat, campaign, server):
    invite(secretariat, campaign)
    assert mailing.stop_mail(actor=secretariat, campaign=campaign) == 5
    assert mailing.stop_mail(actor=secretariat, campaign=campaign) == 0
    assert acts.entry(institution, Action.MAIL_STOPPED).facts == {"messages": 5}
    assert mailing.send_due() == 0
    assert mailing.invite_by_email(actor=secretariat, campaign=campaign) == 5


def test_the_letters_on_paper_leave_out_whom_e_mail_reaches_instead(secretariat, campaign, server):
    on_paper = lambda: [each.position for each in campaign.invitations.for_paper()]  # noqa: E731
    assert on_paper() == [1, 2, 3, 4, 5, 6]
    decide(secretariat, campaign, ByEmail.BESIDE)
    assert on_paper() == [1, 2, 3, 4, 5, 6]
    decide(secretariat, campaign, ByEmail.INSTEAD)
    assert on_paper() == [6]
    mailing.invite_by_email(actor=secretariat, campaign=campaign)
    server.answers = {"resident2@example.org": "550 5.1.1 no such person"}
    mailing.send_due()
    assert on_paper() == [2, 6]
    mailing.keep_quiet(actor=secretariat, invitation=Invitation.objects.get(position=6))
    assert on_paper() == [2]


# -- what can go wrong -----------------------------------------------------------------------------------
def test_a_refused_recipient_comes_back_and_holds_up_nobody(secretariat, campaign, server):
    server.answers = {"resident2@example.org": "550 5.1.1 no such person here: resident2@example.org"}
    invite(secretariat, campaign)
    assert mailing.send_due() == 4
    assert statuses() == ["sent", "bounced", "sent", "sent", "sent"]
    refused = Message.objects.get(status=Delivery.BOUNCED)
    assert (refused.reason, refused.address, refused.came_back_at) == ("5.1.1", "", NOW)
    assert Invitation.objects.get(position=2).status == InvitationStatus.CREATED
    with pytest.raises(NotAstray):
        mailing.send_again(actor=secretariat, message=refused)
    assert len(server.recipients) == 4


def test_a_server_that_asks_to_come_back_gets_the_message_later_and_in_the_end_it_is_given_up(
    secretariat, campaign, server
):
    server.answers = {"resident2@example.org": "451 4.7.1 come back later"}
    invite(secretariat, campaign)
    assert mailing.send_due() == 4
    moment, waits = NOW, []
    for _try in range(mailing.TRIES - 1):
        message = Message.objects.get(invitation__position=2)
        assert (message.status, message.reason) == (Delivery.QUEUED, "4.7.1")
        waits.append(message.try_after - moment)
        moment = message.try_after
        with clock.at(moment - dt.timedelta(seconds=1)):
            assert mailing.send_due() == 0
        with clock.at(moment):
            assert mailing.send_due() == 0
    assert [each.total_seconds() / 60 for each in waits] == [5, 20, 80, 320, 1280]
    message.refresh_from_db()
    assert (message.status, message.tries) == (Delivery.FAILED, mailing.TRIES)
    server.answers = {}
    mailing.send_again(actor=secretariat, message=message)
    assert mailing.send_due() == 1
    assert len(server.recipients) == len(set(server.recipients)) == 5


def test_a_server_that_dies_between_two_messages_makes_nobody_get_two_and_nobody_miss_hers(
    secretariat, campaign, server
):
    server.dies_at, server.dies_after = "rcpt", 2
    invite(secretariat, campaign)
    with pytest.raises(mailing.ServerGone):
        mailing.send_due()
    assert sorted(statuses()) == ["queued", "queued", "queued", "sent", "sent"]
    server.dies_at = ""
    assert mailing.send_due() == 2
    with clock.at(LATER):
        assert mailing.send_due() == 1
    assert sorted(server.recipients) == [f"resident{number}@example.org" for number in range(1, 6)]
    assert set(Message.objects.values_list("tries", flat=True)) == {1}


def test_a_server_that_dies_with_the_text_in_its_hands_leaves_a_doubt_that_people_decide(
    institution, secretariat, campaign, server
):
    server.dies_at, server.dies_after = "text", 2
    invite(secretariat, campaign)
    with pytest.raises(mailing.ServerGone):
        mailing.send_due()
    server.dies_at = ""
    with clock.at(LATER):
        assert mailing.send_due() == 2
    assert sorted(statuses()) == ["in_doubt", "sent", "sent", "sent", "sent"]
    doubtful = Message.objects.get(status=Delivery.IN_DOUBT)
    assert doubtful.address not in server.recipients
    assert doubtful in Message.objects.astray()
    mailing.send_again(actor=secretariat, message=doubtful)
    assert mailing.send_due() == 1
    assert len(server.recipients) == len(set(server.recipients)) == 5
    assert acts.entries(institution, Action.MAIL_QUEUED)[-1].facts == {
        "purpose": "invitation", "messages": 1, "again": True,
    }  # fmt: skip
    with pytest.raises(NotAstray):
        mailing.send_again(actor=secretariat, message=doubtful)


def test_a_server_that_is_not_there_costs_no_message_a_try(secretariat, campaign, settings):
    use(settings, free_port())
    invite(secretariat, campaign)
    with pytest.raises(mailing.ServerGone):
        mailing.send_due()
    assert set(Message.objects.values_list("status", "tries")) == {(Delivery.QUEUED, 0)}


def test_a_worker_that_was_lost_gives_its_message_back_unless_it_was_handing_it_over(
    secretariat, campaign, server
):
    invite(secretariat, campaign)
    first, second = Message.objects.order_by("pk")[:2]
    Message.objects.filter(pk=first.pk).update(status=Delivery.SENDING, tried_at=NOW, tries=1)
    Message.objects.filter(pk=second.pk).update(status=Delivery.HANDING, tried_at=NOW, tries=1)
    assert mailing.send_due() == 3
    with clock.at(NOW + mailing.LOST_AFTER + dt.timedelta(seconds=1)):
        assert mailing.send_due() == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (Delivery.SENT, Delivery.IN_DOUBT)


def test_a_worker_that_wakes_up_late_hands_nothing_over_that_another_has_taken(
    secretariat, campaign, server
):
    invite(secretariat, campaign)
    asleep = mailing._claim()
    with clock.at(NOW + mailing.LOST_AFTER + dt.timedelta(seconds=1)):
        assert mailing.send_due() == 5
    with mailing._server() as deliver, pytest.raises(mailing.ServerGone):
        mailing._send(asleep, deliver)
    assert len(server.recipients) == len(set(server.recipients)) == 5
    assert set(statuses()) == {Delivery.SENT}


def test_an_address_from_which_mail_came_back_is_not_written_to_again(
    institution, secretariat, campaign, server
):
    server.answers = {"resident2@example.org": "550 5.1.1 no"}
    invite(secretariat, campaign)
    mailing.send_due()
    server.answers = {}
    (later,) = factories.make_letters(factories.make_cycle(institution, Stage.INVITING))
    Resident.objects.filter(pk=later.resident_id).update(email="Resident2@example.org")
    assert invite(secretariat, later.campaign) == 0
    assert mailing.send_due() == 0
    assert Message.objects.get(invitation=later).status == Delivery.BOUNCED
    decide(secretariat, later.campaign, ByEmail.BESIDE)
    assert list(later.campaign.invitations.for_paper()) == [later]


def test_a_text_line_that_begins_with_a_dot_arrives_whole(secretariat, campaign, cycle, server):
    type(cycle).objects.update(question={"de": ".Wie\n.wohnen"})
    invite(secretariat, campaign)
    mailing.send_due()
    assert ".Wie" in server.mail_to("resident1@example.org").get_body(("plain",)).get_content()


# -- answers and their links -----------------------------------------------------------------------------
def test_a_yes_is_confirmed_once_with_the_link_to_change_it(institution, letters, server):
    letter = letters[5]
    Invitation.objects.update(status=InvitationStatus.SENT)
    say_yes(letter)
    say_yes(letter)
    assert mailing.send_due() == 1
    mail = server.mail_to("anna@example.org")
    assert mail["Subject"] == "Votre oui est bien arrivé"
    assert mail["List-Unsubscribe"] is None
    client = Client()
    opened = client.get(address_in(mail))
    assert opened.status_code == 200
    assert b"Anna" not in opened.content
    assert client.get(f"/fr/{institution.slug}/answer/form/").status_code == 302
    assert client.post(address_in(mail)).status_code == 302
    assert "Anna Schmitz" in client.get(f"/fr/{institution.slug}/answer/form/").content.decode()
    say_yes(letter, email="another@example.org")
    assert mailing.send_due() == 1
    assert server.recipients == ["anna@example.org", "another@example.org"]


def test_a_yes_on_paper_or_by_telephone_is_confirmed_as_well(secretariat, letters, server):
    Invitation.objects.update(status=InvitationStatus.SENT)
    answering.record_answer(
        actor=secretariat, invitation=letters[5], channel=Channel.PHONE, says_yes=True, name="Anna",
        email="anna@example.org", answers=ANSWERS, consent=True,
    )  # fmt: skip
    assert mailing.send_due() == 1
    assert server.recipients == ["anna@example.org"]


def test_who_gave_no_address_gets_no_mail(letters, server):
    Invitation.objects.update(status=InvitationStatus.SENT)
    say_yes(letters[5], email="")
    assert mailing.send_due() == 0
    assert mailing.send_link(letters[5]) is None


@pytest.mark.parametrize("by_desk", [True, False])
def test_a_withdrawal_is_answered_although_what_she_told_is_gone(secretariat, letters, server, by_desk):
    Invitation.objects.update(status=InvitationStatus.SENT)
    letter = letters[5]
    say_yes(letter)
    mailing.send_due()
    if by_desk:
        desk.withdraw(actor=secretariat, invitation=letter, channel=Channel.PHONE, refusal=Refusal.NO_TIME)
    else:
        answering.decline(
            actor=Actor.citizen(letter.selector),
            invitation=letter,
            seen=factories.seen(letter),
            refusal=Refusal.NO_TIME,
        )
    assert not Respondent.objects.filter(invitation=letter).exists()
    assert mailing.send_due() == 1
    assert server.taken[-1][1] == "anna@example.org"
    assert Message.objects.get(purpose=Purpose.WITHDRAWAL).address == ""


def test_a_link_is_true_for_its_letter_and_place_alone(institution, elsewhere, secretariat, campaign):
    invite(secretariat, campaign)
    first, second = Message.objects.order_by("pk")[:2]
    token = mails.link_token(first)
    assert mails.linked(token) == first
    wrong = [token[:-1] + ("0" if token[-1] != "0" else "1"), mails.mark_of(first), first.public_id.hex, "",
             second.public_id.hex + token[32:], token.upper(), "ä" * 72]  # fmt: skip
    assert [each for each in wrong if mails.linked(each) is not None] == []
    client = Client()
    assert client.get(f"/de/{elsewhere.slug}/answer/link/{token}/").status_code == 404
    assert client.get(f"/de/{institution.slug}/answer/link/{mails.mark_of(first)}/").status_code == 404


def test_one_click_of_a_mail_program_stops_the_mail_and_looking_does_not(institution, secretariat, letters):
    campaign = letters[0].campaign
    invite(secretariat, campaign)
    address = f"/de/{institution.slug}/answer/stop/{mails.link_token(Message.objects.get(invitation=letters[0]))}/"
    client = Client(enforce_csrf_checks=True)
    assert client.get(address).status_code == 200
    assert Invitation.objects.get(pk=letters[0].pk).quiet_since is None
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Invitation.objects.get(pk=letters[0].pk).quiet_since == NOW
    assert len(acts.entries(institution, Action.QUIET_ASKED)) == 1
    assert Message.objects.get(invitation=letters[0]).status == Delivery.DROPPED


def test_nobody_but_the_citizen_and_the_secretariat_asks_for_silence(institution, letters):
    acts.only(
        institution, Role.SECRETARIAT,
        act=lambda actor: mailing.keep_quiet(actor=actor, invitation=letters[0]),
        also_refused=(Actor.system(), Actor.citizen(letters[1].selector)),
    )  # fmt: skip


def test_a_link_is_sent_a_few_times_a_day_at_most(letters, server):
    Invitation.objects.update(status=InvitationStatus.SENT)
    say_yes(letters[5])
    for _each in range(mailing.LINKS_A_DAY + 2):
        mailing.send_link(letters[5])
        mailing.send_link(letters[5])
        mailing.send_due()
    assert len(server.taken) == 1 + mailing.LINKS_A_DAY
    with clock.at(NOW + dt.timedelta(days=1, minutes=1)):
        assert mailing.send_link(letters[5]) is not None


def test_no_mail_no_log_and_no_journal_holds_what_belongs_in_another(
    secretariat, campaign, letters, server, caplog
):
    caplog.set_level("DEBUG")
    server.answers = {"resident2@example.org": "550 5.1.1 resident2@example.org"}
    invite(secretariat, campaign)
    mailing.send_due()
    written = caplog.text + json.dumps(list(Entry.objects.values_list("facts", flat=True)))
    people = [each.resident for each in letters]
    assert [
        word for each in people for word in (each.family_name, each.email) if word and word in written
    ] == []
    assert [
        each.selector
        for each in letters
        if any(each.selector.encode() in mail for _s, _r, mail in server.taken)
    ] == []


def test_without_a_mail_server_mail_goes_where_django_is_told_to(secretariat, campaign, mailoutbox):
    invite(secretariat, campaign)
    assert mailing.send_due() == 5
    assert len(mailoutbox) == 5


def test_printing_leaves_out_who_gets_e_mail_instead(secretariat, campaign):
    decide(secretariat, campaign, ByEmail.INSTEAD)
    printing = batches.start_printing(actor=secretariat, campaign=campaign, wave=1)
    planned = [position for batch in printing.batches.all() for position, _selector in batch.planned]
    assert planned == [6]


def test_the_code_opens_the_form_once_and_then_sends_the_link(institution, letters, server, client):
    code = codes.Code("ABCDEF", "GHJKMNPQR")
    Invitation.objects.update(status=InvitationStatus.SENT)
    letter = letters[5]
    Invitation.objects.filter(pk=letter.pk).update(
        selector=code.selector, secret_hash=codes.hash_secret(code.secret)
    )
    letter.refresh_from_db()
    address = f"/en/{institution.slug}/answer/"
    assert client.post(address, {"code": str(code)}).status_code == 302
    say_yes(letter)
    other = Client()
    page = other.post(address, {"code": str(code)})
    assert page.status_code == 200
    assert b"This letter has been answered" in page.content
    assert b"Anna" not in page.content
    assert other.get(f"{address}form/").status_code == 302
    Message.objects.filter(purpose=Purpose.CONFIRMATION).delete()
    assert mailing.send_due() == 1
    assert client.get(address_in(server.mail_to("anna@example.org"))).status_code == 200
    Respondent.objects.update(email="")
    without = Client().post(address, {"code": str(code)})
    assert re.sub(rb'"csrf[^>]*>', b"", without.content) == re.sub(rb'"csrf[^>]*>', b"", page.content)
    assert Message.objects.count() == 1


# -- several at once, and the doctor ----------------------------------------------------------------------
@pytest.mark.usefixtures("several_threads")
@pytest.mark.django_db(transaction=True)
def test_several_workers_share_the_queue_and_nobody_gets_two(settings):
    institution = factories.make_institution()
    letters = factories.make_letters(factories.make_cycle(institution, Stage.INVITING), 40)
    for each in letters:
        Resident.objects.filter(pk=each.resident_id).update(email=f"resident{each.position}@example.org")
    gate, sent = threading.Barrier(4), []
    with mail_server() as server, clock.at(NOW):
        use(settings, server.port)
        invite(factories.actor(institution, Role.SECRETARIAT), letters[0].campaign)

        def work() -> None:
            with clock.at(NOW):
                gate.wait()
                sent.append(mailing.send_due())
            connections.close_all()

        threads = [threading.Thread(target=work) for _each in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(sent) == 40
        assert len(server.recipients) == len(set(server.recipients)) == 40
        assert set(statuses()) == {Delivery.SENT}


def test_the_doctor_names_mail_that_waits_and_mail_that_nobody_reads(secretariat, campaign, settings):
    settings.BOUNCE_ADDRESS, settings.BOUNCE_BOX = "bounces@panel.example.org", "maildir:///tmp/box"
    assert jobs.mail_waits() is jobs.mail_comes_back() is None
    invite(secretariat, campaign)
    assert jobs.mail_waits() is jobs.mail_comes_back() is None
    with clock.at(NOW + dt.timedelta(hours=1, seconds=1)):
        assert jobs.mail_waits().code == "mail_waits"
    settings.BOUNCE_BOX = ""
    assert jobs.mail_comes_back().code == "mail_comes_back"
    Campaign.objects.update(closed_at=NOW)
    assert jobs.mail_comes_back() is None


def test_of_two_browsers_with_one_code_the_first_answers_and_the_other_is_told_so(
    institution, cycle, letters, server
):
    code = codes.Code("ABCDEF", "GHJKMNPQR")
    Invitation.objects.update(status=InvitationStatus.SENT)
    Invitation.objects.filter(pk=letters[5].pk).update(
        selector=code.selector, secret_hash=codes.hash_secret(code.secret)
    )
    address = f"/en/{institution.slug}/answer/"
    hers, his = Client(), Client()
    for each in (hers, his):
        assert each.post(address, {"code": str(code)}).status_code == 302
    given = {"name": "Anna", "email": "anna@example.org", "phone": "", "language": "de", "consent": "on"}
    names = set(re.findall(r'name="([^"]+)"', hers.get(f"{address}form/").text))
    told = given | {
        name: value
        for key, value in ANSWERS.items()
        for name in names
        if name.endswith(key) and name not in given
    }
    assert hers.post(f"{address}form/", told).status_code == 302
    assert hers.get(f"{address}form/").text.count("Anna")
    assert his.post(address, {"code": str(code)}).text.count("This letter has been answered")
    receipt = his.post(f"{address}receipt/", {"code": str(code)})
    assert receipt.status_code == 302
    for page in ("form", "no", "done"):
        his.post(f"{address}receipt/", {"code": str(code)})
        seen = his.get(f"{address}{page}/")
        assert "This letter has been answered" in seen.text
        assert "Anna" not in seen.text
    assert Respondent.objects.get().name == "Anna"


def test_a_demonstration_writes_to_nobody(institution, secretariat, campaign, letters, server):
    type(institution).objects.update(is_demonstration=True)
    invite(secretariat, campaign)
    letter = letters[5]
    Invitation.objects.filter(pk=letter.pk).update(status=InvitationStatus.SENT)
    say_yes(letter)
    assert mailing.send_due() == 0
    assert set(statuses()) == {Delivery.DROPPED}
    assert server.taken == []
