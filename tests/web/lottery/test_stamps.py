"""Time stamps of others: checked before they are attached, public, and part of the record for good."""

import base64
import hashlib
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from isegoria.proof import LetterSpecification, RuleBook, Source, Stratum, letter_commitment
from isegoria.proof.letters import LetterDesign
from isegoria.proof.opentimestamps import HEADER
from isegoria.proof.verify import verify
from isegoria_web import clock
from isegoria_web.accounts.enums import Role
from isegoria_web.journal.enums import Action
from isegoria_web.lottery import services
from isegoria_web.lottery.algorithms import stamped_bytes
from isegoria_web.lottery.errors import AlreadyDrawn, NotCommitted, ReceiptKnown, ReceiptWrong
from isegoria_web.lottery.models import TimeStamp
from isegoria_web.lottery.stamps import LARGEST_RECEIPT, attach_time_stamp
from tests.web import acts, factories
from tests.web.lottery.draws import AFTER, THROW, announce
from tests.web.lottery.test_attacks import refused_by_the_database

pytestmark = pytest.mark.django_db
TO_BLOCK_5 = bytes.fromhex("08000588960d73d719010105")
PAGE = "/en/ostbelgien/cycles/1/draws/1/"


def receipt(draw):
    """An OpenTimestamps receipt over the hash of the commitment."""
    return HEADER + bytes.fromhex(draw.record.commitment_sha256) + TO_BLOCK_5


def attach(actor, draw, content=None):
    return attach_time_stamp(actor=actor, draw=draw, content=content or receipt(draw))


def test_a_receipt_is_attached_public_and_in_the_record(institution, committed, secretariat, client):
    made = attach(secretariat, committed)
    entry = acts.entry(institution, Action.TIMESTAMP_ATTACHED)
    assert entry.facts == {"kind": "opentimestamps", "number": 1, "sha256": made.sha256}
    assert client.get(PAGE + "time-stamps/1/").content == receipt(committed)
    assert PAGE + "time-stamps/1/" in client.get(PAGE).content.decode()
    with clock.at(AFTER):
        factories.throw(committed, THROW)
        done = services.draw_panel(actor=secretariat, draw=committed)
    stamps = done.record.document["timestamps"]
    assert [(one["kind"], base64.b64decode(one["content"])) for one in stamps] == [
        ("opentimestamps", receipt(committed))
    ]
    found = verify(done.record.document, published=done.record.commitment_sha256)
    assert found.ok
    assert "block 5" in next(step for step in found.steps if step.name == "timestamps").unchecked


def test_the_bytes_to_be_stamped_have_the_published_hash(committed, client):
    content = client.get(PAGE + "stamped.json").content
    assert hashlib.sha256(content).hexdigest() == committed.record.commitment_sha256
    assert set(json.loads(content)) == {"format", "commitments", "committed_at"}


def test_the_bytes_of_the_letters_have_their_published_hash_too():
    made = letter_commitment(
        LetterSpecification(
            "Eupen", "council", "2027", "residents", LetterDesign(), "isegoria", RuleBook("example", "1", "0" * 64),
            [Source("public:lotto", AFTER, "It is announced again.")],
        ),
        extract_sha256="ab" * 32, extract_rows=1000, strata=[Stratum("Eupen", 900, 90)], committed_at=factories.NOW,
    )  # fmt: skip
    content = stamped_bytes(made, made["hash"])
    assert content is not None
    assert hashlib.sha256(content).hexdigest() == made["hash"]


@pytest.mark.parametrize("bend", ["another hash", "junk", "empty", "too long", "cut"])
def test_what_does_not_fit_is_refused_with_its_reason(institution, committed, secretariat, bend):
    content = {
        "another hash": HEADER + bytes(32) + TO_BLOCK_5,
        "junk": b"junk",
        "empty": b"",
        "too long": receipt(committed) + bytes(LARGEST_RECEIPT),
        "cut": receipt(committed)[:-1],
    }[bend]
    with pytest.raises(ReceiptWrong):
        attach_time_stamp(actor=secretariat, draw=committed, content=content)
    assert not TimeStamp.objects.exists()
    assert not acts.entries(institution, Action.TIMESTAMP_ATTACHED)


def test_a_receipt_is_attached_once_and_in_its_time(cycle, secretariat):
    draw = announce(secretariat, cycle)
    with pytest.raises(NotCommitted):
        attach(secretariat, draw, b"x")
    services.commit_lottery(actor=secretariat, draw=draw)
    draw.refresh_from_db()
    attach(secretariat, draw)
    with pytest.raises(ReceiptKnown):
        attach(secretariat, draw)
    with clock.at(AFTER):
        factories.throw(draw, THROW)
        services.draw_panel(actor=secretariat, draw=draw)
        with pytest.raises(AlreadyDrawn):
            attach(secretariat, draw, HEADER + bytes(40))


def test_only_the_secretariat_and_observers_attach(institution, committed):
    acts.only(institution, Role.SECRETARIAT, Role.OBSERVER, act=lambda actor: attach(actor, committed))


@pytest.mark.parametrize(
    "statement", ["UPDATE lottery_timestamp SET content = ''", "DELETE FROM lottery_timestamp"]
)
def test_a_receipt_is_not_exchanged_or_removed(committed, secretariat, statement):
    attach(secretariat, committed)
    refused_by_the_database(statement)


def test_the_secretariat_attaches_a_receipt_on_its_page(institution, committed, secretariat, client):
    client.force_login(secretariat.user)
    page = "/en/ostbelgien/office/cycles/1/draws/1/stamp/"
    assert committed.record.commitment_sha256 in client.get(page).content.decode()
    wrong = client.post(page, {"file": SimpleUploadedFile("x.ots", b"junk")})
    assert wrong.status_code == 422
    assert "not a time-stamp response" in wrong.content.decode()
    right = client.post(page, {"file": SimpleUploadedFile("x.ots", receipt(committed))})
    assert right.status_code == 302
    assert TimeStamp.objects.count() == 1
