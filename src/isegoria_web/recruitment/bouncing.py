"""What mail servers say of messages that they could not deliver: notices of RFC 3464, from a mailbox or by hand.

A notice is believed only if it brings back the mark of a message, which nobody can make up. Of its words only the
code is kept, such as 5.1.1: the rest repeats addresses.
"""

from __future__ import annotations

import email
import imaplib
import mailbox
import re
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction

from isegoria_web import clock
from isegoria_web.accounts.actors import Actor
from isegoria_web.errors import require
from isegoria_web.journal.enums import Action
from isegoria_web.journal.services import record
from isegoria_web.recruitment import mails, policies
from isegoria_web.recruitment.enums import Delivery
from isegoria_web.recruitment.errors import NoticeNotUnderstood
from isegoria_web.recruitment.models import Campaign, Message

LARGEST = 2_000_000
"""Bytes of a notice; larger ones bring back attachments that we never sent."""
TIMEOUT_SECONDS = 20
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_AFTER_SENDING = (Delivery.SENT, Delivery.IN_DOUBT, Delivery.HANDING)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a mail server says of one message: it came back for good, or is delayed; with the code."""

    number: UUID
    failed: bool
    reason: str


def read_notice(content: bytes) -> Notice | None:
    """Return what a notice says of one of our messages; None for anything else, such as an absence note."""
    if len(content) > LARGEST:
        return None
    found = email.message_from_bytes(content, policy=policy.default)
    number = _number_in(content, found)
    said = [each for part in found.walk() for each in _said(part)]
    if number is None or not said:
        return None
    failed = [reason for action, reason in said if action == "failed"]
    delayed = [reason for action, reason in said if action == "delayed"]
    if not failed and not delayed:
        return None  # delivered, relayed or expanded: no news
    return Notice(number, bool(failed), (failed or delayed)[0])


def take_notice(*, actor: Actor, campaign: Campaign, content: bytes) -> Message:
    """Take a notice that somebody got by hand; returns the message that it is about.

    Raises
    ------
    NoticeNotUnderstood
        If it is no notice, or not about a message of this campaign.
    """
    require(policies.may_run_campaign(actor, campaign))
    notice = read_notice(content)
    ours = Message.objects.filter(invitation__campaign=campaign)
    if notice is None or not ours.filter(public_id=notice.number).exists():
        raise NoticeNotUnderstood
    with transaction.atomic():
        message = _mark(notice)
        if message is not None:
            _tell(actor, campaign, Counter({"failed" if notice.failed else "delayed": 1}))
        return ours.get(public_id=notice.number)


def read_mailbox() -> int:
    """Read the mailbox of the settings as the software; returns of how many messages there was news.

    What was understood is deleted there, for it names people; the rest is left for a person to read.
    """
    if not settings.BOUNCE_BOX:
        return 0
    news: dict[int, Counter[str]] = {}

    def take(content: bytes) -> bool:
        """Whether it was a notice of ours."""
        notice = read_notice(content)
        if notice is None or not Message.objects.filter(public_id=notice.number).exists():
            return False
        message = _mark(notice)
        if message is not None:
            counts = news.setdefault(message.invitation.campaign_id, Counter())
            counts["failed" if notice.failed else "delayed"] += 1
        return True

    try:
        _reader(settings.BOUNCE_BOX)(take)
    finally:
        for campaign in Campaign.objects.filter(pk__in=news).select_related("cycle__institution", "draw"):
            _tell(Actor.system(), campaign, news[campaign.pk])
    return sum(counts.total() for counts in news.values())


# -- what is read ------------------------------------------------------------------------------------------
def _number_in(content: bytes, found: EmailMessage) -> UUID | None:
    """Return the number of the message that came back: in the address it came to, or in what is quoted of it."""
    for part in found.walk():
        for value in part.values():
            if (number := mails.number_in(str(value))) is not None:
                return number
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            words = payload.decode("latin-1") if isinstance(payload, bytes) else ""
            if (number := mails.number_in(words)) is not None:
                return number
    return mails.number_in(content.decode("latin-1"))


def _said(part: EmailMessage) -> Iterator[tuple[str, str]]:
    """Yield action and code of each recipient in a part of a notice."""
    if part.get_content_type() != "message/delivery-status":
        return
    payload = part.get_payload()
    for block in payload if isinstance(payload, list) else []:
        if not isinstance(block, email.message.Message):
            continue
        action = str(block.get("Action", "")).strip().lower()
        if not action:
            continue
        told = _STATUS.search(str(block.get("Status", ""))) or _STATUS.search(
            str(block.get("Diagnostic-Code", ""))
        )
        yield action, told.group() if told else ("5.0.0" if action == "failed" else "4.0.0")


def _mark(notice: Notice) -> Message | None:
    """Write down what a notice says; None where it is no news."""
    with transaction.atomic():
        found = Message.objects.select_for_update().filter(public_id=notice.number).first()
        if found is None or found.status not in _AFTER_SENDING:
            return None
        found.reason = notice.reason
        if notice.failed:
            found.status, found.came_back_at, found.address = Delivery.BOUNCED, clock.now(), ""
        elif found.delayed_at is None:
            found.delayed_at = clock.now()
        else:
            return None
        found.save(update_fields=["status", "came_back_at", "address", "reason", "delayed_at"])
        return Message.objects.select_related("invitation").get(pk=found.pk)


def _tell(actor: Actor, campaign: Campaign, counts: Counter[str]) -> None:
    record(
        actor=actor, institution=campaign.cycle.institution, action=Action.MAIL_CAME_BACK,
        subject=campaign.draw, facts={name: counts[name] for name in ("failed", "delayed")},
    )  # fmt: skip


# -- where it is read --------------------------------------------------------------------------------------
Take = Callable[[bytes], bool]


def _reader(address: str) -> Callable[[Take], None]:
    parts = urlsplit(address)
    if parts.scheme in {"imap", "imaps"}:
        return lambda take: _read_imap(address, take)
    if parts.scheme == "maildir":
        return lambda take: _read_maildir(mailbox.Maildir(unquote(parts.path), create=False), take)
    if parts.scheme == "mbox":
        return lambda take: _read_mbox(mailbox.mbox(unquote(parts.path), create=False), take)
    raise ValueError("ISEGORIA_BOUNCE_BOX must begin with imaps://, maildir:// or mbox://")


def _read_maildir(box: mailbox.Maildir, take: Take) -> None:
    for key in sorted(box.keys()):
        found = box.get_message(key)
        if "S" in found.get_flags():
            continue
        if take(box.get_bytes(key)):
            box.discard(key)
        else:
            found.set_subdir("cur")
            found.add_flag("S")
            box[key] = found


def _read_mbox(box: mailbox.mbox, take: Take) -> None:
    box.lock()
    try:
        for key in sorted(box.keys()):
            found = box.get_message(key)
            if "R" in found.get_flags():
                continue
            if take(box.get_bytes(key)):
                box.remove(key)
            else:
                found.add_flag("R")
                box[key] = found
        box.flush()
    finally:
        box.close()


def _read_imap(address: str, take: Take) -> None:
    parts = urlsplit(address)
    host, folder = parts.hostname or "", unquote(parts.path.strip("/")) or "INBOX"
    context = ssl.create_default_context()
    if parts.scheme == "imaps":
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            host, parts.port or 993, ssl_context=context, timeout=TIMEOUT_SECONDS
        )
    else:
        server = imaplib.IMAP4(host, parts.port or 143, timeout=TIMEOUT_SECONDS)
        if host not in _LOOPBACK:
            server.starttls(context)
    with server:
        server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        chosen, _data = server.select(f'"{folder}"')
        if chosen != "OK":
            raise imaplib.IMAP4.error("the folder of ISEGORIA_BOUNCE_BOX cannot be opened")
        _status, (numbers, *_more) = server.search(None, "UNSEEN")
        for number in (numbers or b"").decode().split():
            _status, answer = server.fetch(number, "(BODY.PEEK[])")
            content = next((each[1] for each in answer if isinstance(each, tuple)), b"")
            server.store(number, "+FLAGS", r"(\Seen \Deleted)" if take(content) else r"(\Seen)")
        server.expunge()
