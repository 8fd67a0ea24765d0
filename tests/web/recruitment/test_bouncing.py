"""What comes back: notices of mail servers, as they write them, from every kind of mailbox and by hand."""

from __future__ import annotations

import datetime as dt
import mailbox
import socketserver
import threading
from email.message import EmailMessage

import pytest

from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.recruitment import bouncing, mails
from isegoria_web.recruitment.enums import Delivery, Purpose
from isegoria_web.recruitment.errors import NoticeNotUnderstood
from isegoria_web.recruitment.models import Message
from tests.web import acts, factories
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def letters(institution):
    return factories.make_letters(factories.make_cycle(institution, Stage.INVITING), 3)


@pytest.fixture
def campaign(letters):
    return letters[0].campaign


@pytest.fixture
def sent(letters, settings) -> list[Message]:
    settings.BOUNCE_ADDRESS = "bounces@panel.example.org"
    settings.DEFAULT_FROM_EMAIL = "Isegoria <panel@panel.example.org>"
    return [
        Message.objects.create(
            invitation=each, purpose=Purpose.INVITATION, language="de", address_key=f"{each.pk:064x}",
            status=Delivery.SENT, queued_at=NOW, try_after=NOW, sent_at=NOW,
        )
        for each in letters
    ]  # fmt: skip


def notice(
    message: Message,
    action: str = "failed",
    status: str = "5.1.1",
    *,
    to: str | None = None,
    quoted: str = "headers",
) -> bytes:
    """A notice as RFC 3464 and Postfix write it; what is quoted of our message differs from server to server."""
    original = f"From: panel@panel.example.org\r\nTo: anna@example.org\r\nMessage-ID: {mails.message_id_of(message)}\r\n"
    parts = {
        "headers": ("text/rfc822-headers", original + f"{mails.MARK_HEADER}: {mails.mark_of(message)}\r\n"),
        "whole": ("message/rfc822", original + "\r\nGuten Tag\r\n"),
        "nothing": ("text/plain", "We keep no copies.\r\n"),
    }
    kind, text = parts[quoted]
    return (
        "Return-Path: <>\r\n"
        "From: MAILER-DAEMON@mx.example.org (Mail Delivery System)\r\n"
        f"To: {to if to is not None else mails.return_path_of(message)}\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="xyz"\r\n\r\n'
        "--xyz\r\nContent-Type: text/plain\r\n\r\nI could not deliver it to anna@example.org.\r\n"
        "--xyz\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.org\r\nArrival-Date: Mon, 1 Mar 2027 09:00:00 +0000\r\n\r\n"
        "Final-Recipient: rfc822; anna@example.org\r\n"
        f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 {status} no such anna@example.org\r\n\r\n"
        f"--xyz\r\nContent-Type: {kind}\r\n\r\n{text}\r\n--xyz--\r\n"
    ).encode()


def absence(message: Message) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "anna@example.org", mails.return_path_of(message)
    mail["Subject"], mail["Auto-Submitted"] = "I am away", "auto-replied"
    mail.set_content(f"Back in May. You wrote: {mails.message_id_of(message)}")
    return mail.as_bytes()


# -- reading ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("quoted", ["headers", "whole", "nothing"])
def test_a_notice_is_known_by_the_address_to_which_it_came(sent, quoted):
    assert bouncing.read_notice(notice(sent[1], quoted=quoted)) == bouncing.Notice(
        sent[1].public_id, True, "5.1.1"
    )


@pytest.mark.parametrize("quoted", ["headers", "whole"])
def test_a_notice_that_came_elsewhere_is_known_by_what_it_quotes(sent, quoted):
    found = bouncing.read_notice(notice(sent[1], to="panel@panel.example.org", quoted=quoted))
    assert found == bouncing.Notice(sent[1].public_id, True, "5.1.1")


def test_what_is_no_notice_of_ours_is_left_alone(sent):
    forged = notice(sent[0]).replace(mails.mark_of(sent[0]).encode(), b"0" * 48)
    unknown = notice(sent[0], to="", quoted="nothing")
    others = (forged, unknown, absence(sent[0]), notice(sent[0], "delivered", "2.0.0"), b"", b"\x00\xff" * 50,
              notice(sent[0]) + b"x" * bouncing.LARGEST)  # fmt: skip
    assert [each[:60] for each in others if bouncing.read_notice(each) is not None] == []


# -- by hand ---------------------------------------------------------------------------------------------
def test_a_notice_by_hand_marks_its_message_and_stands_in_the_journal(
    institution, secretariat, campaign, sent
):
    found = bouncing.take_notice(actor=secretariat, campaign=campaign, content=notice(sent[0]))
    assert (found.status, found.reason, found.came_back_at, found.address) == (
        Delivery.BOUNCED,
        "5.1.1",
        NOW,
        "",
    )
    bouncing.take_notice(actor=secretariat, campaign=campaign, content=notice(sent[0]))
    assert acts.entry(institution, Action.MAIL_CAME_BACK).facts == {"failed": 1, "delayed": 0}
    assert list(Message.objects.dead()) == [sent[0]]


def test_a_delay_is_no_failure_and_a_full_mailbox_no_dead_address(secretariat, campaign, sent):
    for content in (notice(sent[0], "delayed", "4.4.1"), notice(sent[1], "failed", "5.2.2"),
                    notice(sent[2], "failed", "4.4.7")):  # fmt: skip
        bouncing.take_notice(actor=secretariat, campaign=campaign, content=content)
    for each in sent:
        each.refresh_from_db()
    assert [(each.status, each.reason) for each in sent] == [
        (Delivery.SENT, "4.4.1"), (Delivery.BOUNCED, "5.2.2"), (Delivery.BOUNCED, "4.4.7"),
    ]  # fmt: skip
    assert sent[0].delayed_at == NOW
    assert not Message.objects.dead().exists()
    bouncing.take_notice(actor=secretariat, campaign=campaign, content=notice(sent[0]))
    assert Message.objects.get(pk=sent[0].pk).status == Delivery.BOUNCED


def test_nobody_but_the_secretariat_gives_notices_and_only_of_its_own_letters(
    institution, elsewhere, secretariat, campaign, sent
):
    acts.only(
        institution, Role.SECRETARIAT,
        act=lambda actor: bouncing.take_notice(actor=actor, campaign=campaign, content=notice(sent[0])),
    )  # fmt: skip
    (abroad,) = factories.make_letters(factories.make_cycle(elsewhere, Stage.INVITING))
    with pytest.raises(NoticeNotUnderstood):
        bouncing.take_notice(
            actor=factories.actor(elsewhere, Role.SECRETARIAT),
            campaign=abroad.campaign,
            content=notice(sent[0]),
        )
    with pytest.raises(NoticeNotUnderstood):
        bouncing.take_notice(actor=secretariat, campaign=campaign, content=absence(sent[0]))
    assert set(Message.objects.values_list("status", flat=True)) == {Delivery.SENT}


def test_a_notice_is_uploaded_or_pasted_on_its_page(institution, secretariat, sent, client):
    client.force_login(secretariat.user)
    address = f"/en/{institution.slug}/office/cycles/1/mail/notice/"
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"text": "hello"}).status_code == 422
    assert client.post(address, {"text": notice(sent[0]).decode()}).status_code == 302
    listed = client.get(f"/en/{institution.slug}/office/cycles/1/mail/").content.decode()
    assert "1 e-mail did not reach its person" in listed
    assert "5.1.1" in listed
    assert (
        "1 person was not reached"
        in client.get(f"/en/{institution.slug}/office/cycles/1/desk/").content.decode()
    )


# -- from a mailbox --------------------------------------------------------------------------------------
def maildir(folder):
    return mailbox.Maildir(folder / "box", create=True), f"maildir://{folder / 'box'}"


def mbox(folder):
    return mailbox.mbox(folder / "box"), f"mbox://{folder / 'box'}"


@pytest.mark.parametrize("kind", [maildir, mbox])
def test_a_mailbox_is_read_once_and_keeps_what_is_not_understood(
    institution, sent, settings, tmp_path, kind
):
    box, settings.BOUNCE_BOX = kind(tmp_path)
    for content in (notice(sent[0]), absence(sent[1]), notice(sent[2], "delayed", "4.2.0")):
        box.add(content)
    box.flush()
    assert bouncing.read_mailbox() == 2
    assert bouncing.read_mailbox() == 0
    assert [each["Subject"] for each in kind(tmp_path)[0]] == ["I am away"]
    (entry,) = acts.entries(institution, Action.MAIL_CAME_BACK)
    assert (entry.actor, entry.facts) == ("system", {"failed": 1, "delayed": 1})
    again, _address = kind(tmp_path)
    again.add(notice(sent[0]))
    again.flush()
    with clock.at(NOW + dt.timedelta(hours=1)):
        assert bouncing.read_mailbox() == 0
    assert Message.objects.get(pk=sent[0].pk).came_back_at == NOW


def test_without_a_mailbox_nothing_is_read_and_a_wrong_one_is_an_error(settings):
    settings.BOUNCE_BOX = ""
    assert bouncing.read_mailbox() == 0
    settings.BOUNCE_BOX = "pop3://mail.example.org"
    with pytest.raises(ValueError, match="ISEGORIA_BOUNCE_BOX"):
        bouncing.read_mailbox()


class Imap(socketserver.StreamRequestHandler):
    """As much of RFC 3501 as reading a mailbox needs."""

    def handle(self) -> None:
        box = self.server.box
        self.wfile.write(b"* OK ready\r\n")
        while line := self.rfile.readline():
            tag, verb, *rest = line.decode().split()
            self.server.said.append(verb)
            if verb == "CAPABILITY":
                self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n")
            elif verb == "SELECT":
                self.wfile.write(f"* {len(box)} EXISTS\r\n".encode())
            elif verb == "SEARCH":
                unseen = " ".join(
                    str(number) for number, mail in box.items() if "Seen" not in mail["flags"]
                )
                self.wfile.write(f"* SEARCH {unseen}\r\n".encode())
            elif verb == "FETCH":
                content = box[int(rest[0])]["content"]
                self.wfile.write(
                    f"* {rest[0]} FETCH (BODY[] {{{len(content)}}}\r\n".encode() + content + b")\r\n"
                )
            elif verb == "STORE":
                box[int(rest[0])]["flags"] += " ".join(rest[2:])
            elif verb == "EXPUNGE":
                for number in [each for each, mail in box.items() if "Deleted" in mail["flags"]]:
                    del box[number]
            elif verb == "LOGOUT":
                self.wfile.write(b"* BYE\r\n")
            self.wfile.write(f"{tag} OK done\r\n".encode())


def test_a_mailbox_on_a_server_is_read_too(sent, settings):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Imap) as server:
        server.daemon_threads, server.said = True, []
        server.box = {
            number: {"content": content, "flags": ""}
            for number, content in enumerate((notice(sent[0]), absence(sent[1]), notice(sent[2])), start=1)
        }
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        settings.BOUNCE_BOX = f"imap://bounces:secret@127.0.0.1:{server.server_address[1]}/INBOX"
        assert bouncing.read_mailbox() == 2
        assert bouncing.read_mailbox() == 0
        server.shutdown()
    assert list(server.box) == [2]
    assert "LOGIN" in server.said
