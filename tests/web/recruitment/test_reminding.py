"""Reminders: whoever has not answered, on the day that was decided, so often at most, and nobody who wants none."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from pypdf import PdfReader

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.recruitment import mailing, reminding
from isegoria_web.recruitment.enums import ByEmail, Delivery, InvitationStatus, Purpose
from isegoria_web.recruitment.errors import CampaignClosed, NobodyToRemind
from isegoria_web.recruitment.models import Campaign, Correspondence, Invitation, Message, Wave
from isegoria_web.register.models import Resident
from tests.web import acts, factories
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def campaign(institution, secretariat) -> Campaign:
    """Seven letters in the post since today, six of their people with an address; reminded after ten days."""
    made = factories.make_letters(factories.make_cycle(institution, Stage.INVITING), 7)
    for each in made[:6]:
        Resident.objects.filter(pk=each.resident_id).update(email=f"r{each.position}@example.org")
    Campaign.objects.update(printed_at=NOW, reply_by=NOW.date() + 40 * DAY)
    Wave.objects.update(printed_at=NOW, reply_by=NOW.date() + 40 * DAY)
    campaign = Campaign.objects.get()
    decide(secretariat, campaign)
    return campaign


def decide(actor, campaign, **changed):
    given = {"by_email": ByEmail.BESIDE, "remind_after_days": 10}
    return mailing.decide_correspondence(actor=actor, campaign=campaign, **(given | changed))


def remind_and_send(days: int) -> list[int]:
    """The numbers of the letters whose person got a reminder on a day."""
    with clock.at(NOW + days * DAY):
        reminding.remind_due()
        mailing.send_due()
        found = Message.objects.filter(purpose=Purpose.REMINDER, sent_at=clock.now())
        return list(found.order_by("invitation__position").values_list("invitation__position", flat=True))


def set_letter(position, **fields):
    Invitation.objects.filter(position=position).update(**fields)


def test_who_has_not_answered_is_reminded_on_the_day_and_once(institution, campaign, mailoutbox):
    assert remind_and_send(9) == []
    assert remind_and_send(10) == [1, 2, 3, 4, 5, 6]
    assert remind_and_send(11) == remind_and_send(30) == []
    entry = acts.entry(institution, Action.PEOPLE_REMINDED)
    assert (entry.actor, entry.facts) == ("system", {"by_email": 6, "silent": 7, "quiet": 0})
    assert len({each.to[0] for each in mailoutbox}) == len(mailoutbox) == 6


def test_answers_returns_silence_and_dead_addresses_stop_it(secretariat, campaign, mailoutbox):
    set_letter(1, status=InvitationStatus.NO, answered_at=NOW)
    set_letter(2, status=InvitationStatus.YES, answered_at=NOW)
    set_letter(3, status=InvitationStatus.RETURNED)
    mailing.keep_quiet(actor=secretariat, invitation=Invitation.objects.get(position=4))
    mailing.invite_by_email(actor=secretariat, campaign=campaign)
    mailing.send_due()
    dead = Message.objects.filter(invitation__position=5)
    dead.update(status=Delivery.BOUNCED, came_back_at=NOW, reason="5.1.1")
    assert remind_and_send(10) == [6]


def test_an_answer_after_the_queueing_stops_the_reminder_that_waits(campaign, mailoutbox):
    with clock.at(NOW + 10 * DAY):
        assert reminding.remind_due() == 6
        set_letter(1, status=InvitationStatus.NO, answered_at=NOW)
        assert mailing.send_due() == 5


def test_days_count_from_the_last_thing_that_was_sent(secretariat, campaign, mailoutbox):
    with clock.at(NOW + 5 * DAY):
        mailing.invite_by_email(actor=secretariat, campaign=campaign)
        mailing.send_due()
    assert remind_and_send(14) == []
    assert remind_and_send(15) == [1, 2, 3, 4, 5, 6]


def test_a_second_reminder_comes_as_late_again_and_no_third(secretariat, campaign, mailoutbox):
    decide(secretariat, campaign, reminders=2)
    assert len(remind_and_send(10)) == 6
    assert remind_and_send(19) == []
    assert len(remind_and_send(20)) == 6
    assert remind_and_send(35) == []
    assert sorted(set(Message.objects.values_list("round", flat=True))) == [1, 2]


def test_nobody_is_reminded_after_the_last_day_or_without_a_decision(secretariat, campaign, mailoutbox):
    Wave.objects.update(reply_by=NOW.date() + 9 * DAY)
    assert remind_and_send(10) == []
    Wave.objects.update(reply_by=NOW.date() + 40 * DAY)
    decide(secretariat, campaign, remind_after_days=None)
    assert remind_and_send(10) == []
    decide(secretariat, campaign, remind_by_email=False)
    assert remind_and_send(10) == []


def test_letters_that_were_never_sent_are_not_reminded_of(campaign, mailoutbox):
    Invitation.objects.update(status=InvitationStatus.CREATED)
    assert remind_and_send(10) == []


def test_the_secretariat_reminds_before_the_day_and_sees_how_many_first(
    institution, secretariat, campaign, client, mailoutbox
):
    mailing.keep_quiet(actor=secretariat, invitation=Invitation.objects.get(position=4))
    client.force_login(secretariat.user)
    address = f"/en/{institution.slug}/office/cycles/1/mail/remind/"
    page = client.get(address).content.decode()
    assert "Remind 5 people by e-mail" in page
    assert not Message.objects.filter(purpose=Purpose.REMINDER).exists()
    assert client.post(address, {"confirmed": "yes"}).status_code == 302
    assert Message.objects.filter(purpose=Purpose.REMINDER).count() == 5
    assert acts.entry(institution, Action.PEOPLE_REMINDED).facts == {"by_email": 5, "silent": 6, "quiet": 1}
    with pytest.raises(NobodyToRemind):
        reminding.remind(actor=secretariat, campaign=campaign)


def test_nobody_but_the_secretariat_reminds(institution, campaign):
    acts.only(
        institution, Role.SECRETARIAT,
        act=lambda actor: reminding.remind(actor=actor, campaign=campaign),
        also_refused=(Actor.system(), Actor.citizen("ABCDEF")),
    )  # fmt: skip
    assert not Message.objects.exists()


def test_once_the_pool_is_closed_nobody_is_reminded(secretariat, campaign):
    Campaign.objects.update(closed_at=NOW)
    with pytest.raises(CampaignClosed):
        reminding.remind(actor=secretariat, campaign=campaign)
    assert reminding.remind_due() == 0


def test_the_rule_book_proposes_the_day_and_the_secretariat_decides(
    institution, secretariat, campaign, client
):
    client.force_login(secretariat.user)
    address = f"/en/{institution.slug}/office/cycles/1/mail/decide/"
    Correspondence.objects.all().delete()
    factories.amend_rule_book(campaign.cycle, "[draw]\n", "[draw]\nreminder_days = 13\n")
    assert 'value="13"' in client.get(address).text
    sent = {"by_email": "beside", "remind_after_days": "13", "remind_by_email": "on", "reminders": "2"}
    assert client.post(address, sent).status_code == 302
    made = Correspondence.objects.get()
    assert (made.by_email, made.remind_after_days, made.reminders) == ("beside", 13, 2)
    assert acts.entries(institution, Action.CORRESPONDENCE_DECIDED)[-1].facts["remind_after_days"] == 13


# -- on paper --------------------------------------------------------------------------------------------
def pages_of(document):
    return [page.extract_text() for page in PdfReader(io.BytesIO(document)).pages]


def print_on(actor, campaign, days):
    with clock.at(NOW + days * DAY):
        return pages_of(reminding.print_reminders(actor=actor, campaign=campaign))


def test_who_got_a_letter_and_has_not_answered_gets_a_reminder_on_paper(institution, secretariat, campaign):
    type(institution).objects.update(contact_phone="+32 87 59 59 59")
    with pytest.raises(NobodyToRemind):
        print_on(secretariat, campaign, 10)
    decide(secretariat, campaign, remind_by_letter=True)
    set_letter(1, status=InvitationStatus.NO, answered_at=NOW)
    set_letter(2, secret_hash="")
    mailing.keep_quiet(actor=secretariat, invitation=Invitation.objects.get(position=3))
    before = list(Invitation.objects.values_list("selector", "secret_hash"))
    found = print_on(secretariat, campaign, 10)
    assert len(found) == 4
    resident = Invitation.objects.get(position=4).resident
    text = " ".join(found[0].split())
    assert f"{resident.given_name} {resident.family_name}" in text
    assert "Gospertstraße 4" in text
    assert "Brief Nummer 4" in text
    assert "+32 87 59 59 59" in text
    assert list(Invitation.objects.values_list("selector", "secret_hash")) == before
    assert acts.entry(institution, Action.PEOPLE_REMINDED).facts == {
        "by_letter": 4, "again": 0, "silent": 5, "quiet": 1,
    }  # fmt: skip


def test_on_the_same_day_the_same_reminders_are_printed_again_and_then_no_more(
    institution, secretariat, campaign
):
    decide(secretariat, campaign, remind_by_letter=True)
    first = print_on(secretariat, campaign, 10)
    set_letter(1, status=InvitationStatus.NO, answered_at=NOW)
    assert print_on(secretariat, campaign, 10) == first[1:]
    assert acts.entries(institution, Action.PEOPLE_REMINDED)[-1].facts["again"] == 6
    assert set(Invitation.objects.values_list("reminders_posted", flat=True)) == {1}
    with pytest.raises(NobodyToRemind):
        print_on(secretariat, campaign, 11)


def test_nobody_but_the_secretariat_prints_reminders(institution, secretariat, campaign, client):
    decide(secretariat, campaign, remind_by_letter=True)
    acts.only(
        institution, Role.SECRETARIAT,
        act=lambda actor: reminding.print_reminders(actor=actor, campaign=campaign),
        also_refused=(Actor.system(), Actor.citizen("ABCDEF")),
    )  # fmt: skip
    client.force_login(secretariat.user)
    address = f"/en/{institution.slug}/office/cycles/1/mail/letters/"
    assert "Print 7 reminders" in client.get(address).text
    assert client.post(address, {"confirmed": "yes"}).content.startswith(b"%PDF-")
