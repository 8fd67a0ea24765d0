"""E-mail about letters: decided in public, written down before it leaves and after, never twice for one purpose.

A message is claimed in the database, then offered to the mail server, then handed over. What happens between
the first byte of its text and the server's yes nobody can know if either side dies there: such a message is *in
doubt*, goes to nobody a second time by itself, and is shown to people, who decide. Everything else is tried again.
"""

from __future__ import annotations

import re
import smtplib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import Exists, F, OuterRef

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import NotAllowed, require
from isegoria_web.institutions.status import require_cycle_at_work
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.recruitment import algorithms, mails, policies
from isegoria_web.recruitment.enums import ByEmail, Delivery, InvitationStatus, Purpose
from isegoria_web.recruitment.errors import (
    CampaignClosed,
    LettersNotDrawn,
    NoEmailDecided,
    NotAstray,
    NothingToSend,
    SentByEmailAlready,
)
from isegoria_web.recruitment.models import Campaign, Correspondence, Invitation, Message, Respondent
from isegoria_web.recruitment.services import require_counting

TRIES = 6
"""How often a mail server may ask to come back later before a message is given up."""
BACK_OFF = timedelta(minutes=5)
"""How long after the first such answer the message is tried again; four times as long after each further one."""
LOST_AFTER = timedelta(minutes=15)
"""After so long the worker that took a message is taken for dead; every step of a server takes 20 seconds at most."""
AT_ONCE = timedelta(seconds=45)
"""How long one run of the job sends; other jobs come in between."""
LINKS_A_DAY = 3
"""How often a day somebody can have a link sent to the address that was given with an answer."""
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_RELATED = (
    "invitation__campaign__cycle__institution",
    "invitation__campaign__draw__record",
    "invitation__resident",
)


class ServerGone(Exception):
    """The mail server does not answer, does not let us in, or went away: nothing else is sent in this run."""


class Later(Exception):
    """The mail server asks to come back later with this message."""


class Refused(Exception):
    """The mail server refuses this message for good."""


# -- what the secretariat decides ------------------------------------------------------------------------
def decide_correspondence(
    *,
    actor: Actor,
    campaign: Campaign,
    by_email: ByEmail,
    remind_after_days: int | None = None,
    remind_by_email: bool = True,
    remind_by_letter: bool = False,
    reminders: int = 1,
) -> Correspondence:
    """Decide, in public, whether people get e-mail beside paper or instead, and when they are reminded.

    Raises
    ------
    CampaignClosed
        If the pool is closed.
    SentByEmailAlready
        If e-mail is to be given up after some was sent.
    """
    require(policies.may_run_campaign(actor, campaign))
    if actor.user is None:
        raise NotAllowed
    with transaction.atomic():
        campaign = _locked(campaign)
        before = Correspondence.objects.filter(campaign=campaign).first()
        sent = Message.objects.filter(invitation__campaign=campaign, purpose=Purpose.INVITATION)
        if before is not None and before.by_email != by_email and sent.exists():
            raise SentByEmailAlready
        made = before or Correspondence(campaign=campaign)
        made.by_email, made.remind_after_days = by_email, remind_after_days
        made.remind_by_email, made.remind_by_letter = remind_by_email, remind_by_letter
        made.reminders, made.decided_at, made.decided_by = reminders, clock.now(), actor.user
        made.full_clean()
        made.save()
        record(
            actor=actor, institution=campaign.cycle.institution, action=Action.CORRESPONDENCE_DECIDED,
            subject=campaign.draw,
            facts={
                "by_email": made.by_email,
                "remind_after_days": made.remind_after_days,
                "remind_by": [
                    way for way, on in (("email", remind_by_email), ("letter", remind_by_letter)) if on
                ],
                "reminders": made.reminders,
                "rules": algorithms.reminder_ground(campaign.cycle),
            },
        )  # fmt: skip
        return made


def invite_by_email(*, actor: Actor, campaign: Campaign) -> int:
    """Queue the invitations by e-mail to all who have an address and none yet; returns how many.

    Raises
    ------
    NoEmailDecided
        If nobody has decided in public that people are invited by e-mail.
    LettersNotDrawn, CampaignClosed
        If it is not the time for it.
    NothingToSend
        If everybody with an address has got one, or nobody has an address.
    """
    require(policies.may_run_campaign(actor, campaign))
    require_cycle_at_work(campaign.cycle)
    with transaction.atomic():
        campaign = _locked(campaign)
        if correspondence_of(campaign).by_email == ByEmail.NO:
            raise NoEmailDecided
        if not campaign.draw.is_drawn:
            raise LettersNotDrawn
        people = list(invitable(campaign))
        if not people:
            raise NothingToSend
        queued = _queue_all(people, Purpose.INVITATION)
        record(
            actor=actor, institution=campaign.cycle.institution, action=Action.MAIL_QUEUED,
            subject=campaign.draw, facts={"purpose": Purpose.INVITATION.value, "messages": queued},
        )  # fmt: skip
        return queued


def send_again(*, actor: Actor, message: Message) -> Message:
    """Let a message be sent again about which somebody has decided: it was in doubt or given up.

    Raises
    ------
    NotAstray
        If it was sent, waits to be sent, or came back for good.
    """
    campaign = message.invitation.campaign
    require(policies.may_run_campaign(actor, campaign))
    with transaction.atomic():
        message = Message.objects.select_for_update().get(pk=message.pk)
        if message.status not in {Delivery.IN_DOUBT, Delivery.FAILED} or not message.address:
            raise NotAstray
        message.status, message.tries, message.try_after = Delivery.QUEUED, 0, clock.now()
        message.save(update_fields=["status", "tries", "try_after"])
        record(
            actor=actor, institution=campaign.cycle.institution, action=Action.MAIL_QUEUED,
            subject=campaign.draw, facts={"purpose": message.purpose, "messages": 1, "again": True},
        )  # fmt: skip
        return message


def stop_mail(*, actor: Actor, campaign: Campaign) -> int:
    """Take what waits to be sent to a campaign's people out of the queue; returns how many. It can be queued again."""
    require(policies.may_run_campaign(actor, campaign))
    with transaction.atomic():
        campaign = Campaign.objects.select_related("cycle__institution", "draw").get(pk=campaign.pk)
        waiting = Message.objects.filter(
            invitation__campaign=campaign,
            status=Delivery.QUEUED,
            purpose__in=[Purpose.INVITATION, Purpose.REMINDER],
        )
        stopped, _per_model = waiting.delete()
        if stopped:
            record(
                actor=actor, institution=campaign.cycle.institution, action=Action.MAIL_STOPPED,
                subject=campaign.draw, facts={"messages": stopped},
            )  # fmt: skip
        return stopped


def keep_quiet(*, actor: Actor, invitation: Invitation) -> Invitation:
    """Note that somebody asked not to be written to again; she can still answer. A second time changes nothing."""
    require(policies.may_answer(actor, invitation) or policies.may_record_answer(actor, invitation))
    with transaction.atomic():
        invitation = Invitation.objects.locked(invitation.pk)
        if invitation.quiet_since is None:
            invitation.quiet_since = clock.now()
            invitation.save(update_fields=["quiet_since"])
            _drop(Message.objects.filter(invitation=invitation, status=Delivery.QUEUED))
            record(
                actor=actor, institution=invitation.campaign.cycle.institution,
                action=Action.QUIET_ASKED, subject=invitation.campaign.draw,
            )  # fmt: skip
        return invitation


# -- what other verbs queue ------------------------------------------------------------------------------
def confirm_answer(respondent: Respondent) -> Message | None:
    """Queue the confirmation of a yes to the address that came with it: once, and once more to a new address."""
    key = mails.address_key(respondent.email)
    if not respondent.email:
        return None
    told = Message.objects.filter(invitation=respondent.invitation, purpose=Purpose.CONFIRMATION)
    before = list(told.values_list("address_key", flat=True))
    if key in before:
        return None
    return _queue(
        respondent.invitation, Purpose.CONFIRMATION, respondent.email, respondent.language, len(before)
    )


def confirm_withdrawal(respondent: Respondent) -> Message | None:
    """Queue the reply to a withdrawal; called before what she told is deleted."""
    if not respondent.email:
        return None
    return _queue(respondent.invitation, Purpose.WITHDRAWAL, respondent.email, respondent.language)


def send_link(invitation: Invitation) -> Message | None:
    """Queue a link to change an answer to the address that was given with it; a few a day at most, and one at a time."""
    told = Respondent.objects.willing().filter(invitation=invitation).exclude(email="").first()
    if told is None:
        return None
    with transaction.atomic():
        Invitation.objects.select_for_update().get(pk=invitation.pk)
        links = Message.objects.filter(invitation=invitation, purpose=Purpose.LINK)
        today = links.filter(queued_at__gt=clock.now() - timedelta(days=1))
        if today.count() >= LINKS_A_DAY or links.filter(status=Delivery.QUEUED).exists():
            return None
        return _queue(invitation, Purpose.LINK, told.email, told.language)


# -- sending ---------------------------------------------------------------------------------------------
def send_due(within: timedelta = AT_ONCE) -> int:
    """Send what waits, for so long; returns how many were sent. Several workers share the work.

    Raises
    ------
    ServerGone
        If the mail server cannot be used; what waits goes on waiting.
    """
    look_after_lost()
    until, sent = time.monotonic() + within.total_seconds(), 0
    if not _waiting().exists():
        return 0
    with _server() as deliver:
        while time.monotonic() < until:
            message = _claim()
            if message is None:
                break
            sent += _send(message, deliver)
    return sent


def look_after_lost() -> int:
    """Put messages back whose worker died before it handed them over; those it was handing over are in doubt."""
    lost = Message.objects.filter(tried_at__lt=clock.now() - LOST_AFTER)
    back = lost.filter(status=Delivery.SENDING).update(status=Delivery.QUEUED)
    return back + lost.filter(status=Delivery.HANDING).update(status=Delivery.IN_DOUBT)


Deliver = Callable[[EmailMultiAlternatives, Callable[[], bool]], None]


def _waiting() -> Any:
    return Message.objects.filter(status=Delivery.QUEUED, try_after__lte=clock.now()).order_by(
        "try_after", "pk"
    )


def _claim() -> Message | None:
    """Take the next message for this worker alone."""
    while (key := _waiting().values_list("pk", flat=True).first()) is not None:
        mine = Message.objects.filter(pk=key, status=Delivery.QUEUED).update(
            status=Delivery.SENDING, tried_at=clock.now(), tries=F("tries") + 1
        )
        if mine:
            return Message.objects.select_related(*_RELATED).get(pk=key)
    return None


def _send(message: Message, deliver: Deliver) -> bool:
    if not _is_wanted(message):
        _end(message, Delivery.DROPPED)
        return False

    def hand_over() -> bool:
        """Write down that from now on nobody can know; False if another worker has taken the message meanwhile."""
        return _move(message, Delivery.SENDING, status=Delivery.HANDING)

    try:
        deliver(mails.written(message), hand_over)
    except ServerGone:  # no fault of this message; others go first when the server is back
        soon = clock.now() + timedelta(minutes=1)
        _move(message, Delivery.SENDING, status=Delivery.QUEUED, tries=message.tries - 1, try_after=soon)
        _move(message, Delivery.HANDING, status=Delivery.IN_DOUBT)
        raise
    except Later as answer:
        _put_off(message, str(answer))
        return False
    except Refused as answer:
        _end(message, Delivery.BOUNCED, reason=str(answer), came_back_at=clock.now())
        return False
    with transaction.atomic():
        _end(message, Delivery.SENT, sent_at=clock.now())
        if message.purpose == Purpose.INVITATION:
            Invitation.objects.filter(pk=message.invitation_id, status=InvitationStatus.CREATED).update(
                status=InvitationStatus.SENT
            )
    return True


def _is_wanted(message: Message) -> bool:
    """Return whether a message is still to go: answers, withdrawals and the closing stop what asks for an answer."""
    invitation = message.invitation
    if invitation.campaign.cycle.institution.is_demonstration:
        return False  # its people are invented, and their addresses may be somebody's
    open_ = invitation.campaign.closed_at is None
    if message.purpose in {Purpose.INVITATION, Purpose.REMINDER}:
        waits = invitation.status in {InvitationStatus.CREATED, InvitationStatus.SENT}
        counts = Campaign.objects.filter(pk=invitation.campaign_id).current().exists()
        return waits and open_ and counts and invitation.quiet_since is None
    if message.purpose == Purpose.WITHDRAWAL:
        return True
    return open_ and Respondent.objects.willing().filter(invitation=invitation).exists()


def _move(message: Message, since: Delivery, **fields: Any) -> bool:
    """Change a message that is still ours and where we left it."""
    ours = Message.objects.filter(pk=message.pk, status=since, tried_at=message.tried_at)
    return bool(ours.update(**fields))


def _end(message: Message, status: Delivery, **fields: Any) -> None:
    Message.objects.filter(pk=message.pk).update(status=status, address="", **fields)


def _put_off(message: Message, reason: str) -> None:
    if message.tries >= TRIES:
        Message.objects.filter(pk=message.pk).update(status=Delivery.FAILED, reason=reason)
        return
    wait = BACK_OFF * 4 ** (message.tries - 1)
    Message.objects.filter(pk=message.pk).update(
        status=Delivery.QUEUED, reason=reason, try_after=clock.now() + wait
    )


# -- the mail server -------------------------------------------------------------------------------------
@contextmanager
def _server() -> Iterator[Deliver]:
    """Open the mail server of the settings; without one, mail is written where Django is told to."""
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise ServerGone from error
    try:
        smtp = getattr(connection, "connection", None)
        if isinstance(smtp, smtplib.SMTP):
            yield lambda mail, hand_over: deliver(smtp, mail, hand_over)
        else:
            yield lambda mail, hand_over: _leave(connection, mail, hand_over)
    finally:
        connection.close()


def _leave(connection: Any, mail: EmailMultiAlternatives, hand_over: Callable[[], bool]) -> None:
    if hand_over():
        connection.send_messages([mail])


def deliver(smtp: smtplib.SMTP, mail: EmailMultiAlternatives, hand_over: Callable[[], bool]) -> None:
    """Give one message to a mail server, step by step (RFC 5321).

    Parameters
    ----------
    hand_over
        Called when all is agreed and the text goes next; where it says no, the text does not go.

    Raises
    ------
    ServerGone
        If the server goes away or wants no mail of ours at all.
    Later, Refused
        What it says of this message, with its code.
    """
    try:
        recipient = _plain(mail.to[0])
    except UnicodeError as error:
        raise Refused("5.1.3") from error
    content = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's message takes it
    try:
        smtp.ehlo_or_helo_if_needed()
        _go_on_if(smtp.mail(_plain(mail.from_email))[0] == 250)  # noqa: PLR2004  # else it takes nothing of ours
        _judge(*smtp.rcpt(recipient), good=(250, 251))
        _judge(*smtp.docmd("DATA"), good=(354,))
        _go_on_if(hand_over())
        smtp.send(re.sub(rb"(?m)^\.", b"..", content).rstrip(b"\r\n") + b"\r\n.\r\n")
        _judge(*smtp.getreply(), good=(250,))
    except (Later, Refused):
        _start_over(smtp)
        raise
    except ServerGone:
        smtp.close()  # without a word: in the middle of a text a goodbye would be taken for a part of it
        raise
    except (OSError, smtplib.SMTPException) as error:
        smtp.close()
        raise ServerGone from error


def _go_on_if(agreed: bool) -> None:  # noqa: FBT001  # reads as a sentence
    if not agreed:
        raise ServerGone


def _judge(code: int, reply: bytes, good: Iterable[int]) -> None:
    if code in good:
        return
    if code == 421:  # noqa: PLR2004  # it closes the door
        raise ServerGone(str(code))
    told = _ENHANCED.search(reply.decode("utf-8", "replace"))
    reason = told.group(1) if told else str(code)
    raise Later(reason) if 400 <= code < 500 else Refused(reason)  # noqa: PLR2004


def _start_over(smtp: smtplib.SMTP) -> None:
    try:
        smtp.rset()
    except (OSError, smtplib.SMTPException) as error:
        raise ServerGone from error


def _plain(address: str) -> str:
    """Return an address as every server takes it: its domain in ASCII."""
    local, _at, domain = address.rpartition("@")
    local.encode("ascii")
    return f"{local}@{domain.encode('idna').decode()}"


# -- the parts of the verbs ------------------------------------------------------------------------------
def correspondence_of(campaign: Campaign) -> Correspondence:
    """Return what was decided for a campaign; before that, paper alone and no reminder."""
    return Correspondence.objects.filter(campaign=campaign).first() or Correspondence(campaign=campaign)


def invitable(campaign: Campaign) -> Any:
    """Return the letters whose person has an address and was not written to by e-mail yet."""
    told = Message.objects.filter(invitation=OuterRef("pk"), purpose=Purpose.INVITATION)
    found = campaign.invitations.silent().filter(resident__isnull=False).exclude(resident__email="")
    return found.exclude(Exists(told)).select_related("resident")


def came_back(address_keys: Iterable[str]) -> set[str]:
    """Return those addresses from which mail came back for good: none is sent there again."""
    found = Message.objects.dead().filter(address_key__in=set(address_keys))
    return set(found.values_list("address_key", flat=True))


def queue_reminders(invitations: Iterable[Invitation]) -> int:
    """Queue a reminder to each, after those that she got before (`reminded`); part of reminding, which asks who may."""
    by_round: dict[int, list[Invitation]] = {}
    for each in invitations:
        by_round.setdefault(each.reminded + 1, []).append(each)  # type: ignore[attr-defined]
    return sum(_queue_all(letters, Purpose.REMINDER, number) for number, letters in by_round.items())


def _queue_all(invitations: Iterable[Invitation], purpose: Purpose, round_: int = 1) -> int:
    letters = list(invitations)
    addresses = {each.pk: each.resident.email for each in letters if each.resident}
    keys = {number: mails.address_key(address) for number, address in addresses.items()}
    dead, now = came_back(keys.values()), clock.now()
    made = [
        Message(
            invitation=each, purpose=purpose, round=round_, language=each.language,
            address=addresses[each.pk], address_key=keys[each.pk], queued_at=now, try_after=now,
        )
        for each in letters
    ]  # fmt: skip
    for each in made:
        if each.address_key in dead:  # it is not sent there again, and its person is looked after otherwise
            each.status, each.address, each.came_back_at, each.reason = Delivery.BOUNCED, "", now, "5.1.1"
    Message.objects.bulk_create(made, batch_size=500)
    return sum(each.status == Delivery.QUEUED for each in made)


def _queue(
    invitation: Invitation, purpose: Purpose, address: str, language: str, rounds: int | None = None
) -> Message:
    now = clock.now()
    if rounds is None:
        rounds = Message.objects.filter(invitation=invitation, purpose=purpose).count()
    return Message.objects.create(
        invitation=invitation, purpose=purpose, round=rounds + 1, language=language, address=address,
        address_key=mails.address_key(address), queued_at=now, try_after=now,
    )  # fmt: skip


def _drop(messages: Any) -> None:
    messages.update(status=Delivery.DROPPED, address="")


def _locked(campaign: Campaign) -> Campaign:
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    found = Campaign.objects.select_related("cycle__institution", "draw").get(pk=campaign.pk)
    require_counting(found)
    if found.closed_at is not None:
        raise CampaignClosed
    return found
