"""Files for the mail house: pages and addresses in one order, made once, stopped, taken, deleted."""

from __future__ import annotations

import csv
import hashlib
import io
import re

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from isegoria.textfiles import escape_formula
from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.recruitment import answering, batches, codes
from isegoria_web.recruitment.enums import InvitationStatus, PrintingStatus, Refusal
from isegoria_web.recruitment.errors import (
    CampaignClosed,
    FilesGone,
    LettersNotDrawn,
    NothingToPrint,
    PrintingGoesOn,
    PrintingOver,
)
from isegoria_web.recruitment.models import Campaign, Invitation, Printing
from isegoria_web.register.models import Resident
from tests.web import acts, factories
from tests.web.factories import NOW

pytestmark = pytest.mark.django_db
SPOKEN = ("de", "de", "de", "fr", "fr", "nl", "en")


@pytest.fixture
def campaign(institution, settings, tmp_path) -> Campaign:
    settings.MEDIA_ROOT = tmp_path / "files"
    factories.make_letters(factories.make_cycle(institution, Stage.INVITING), len(SPOKEN))
    for position, language in enumerate(SPOKEN, start=1):
        Invitation.objects.filter(position=position).update(
            language=language, status=InvitationStatus.CREATED, secret_hash=""
        )
    return Campaign.objects.get()


def start(actor, campaign, per_file=2, wave=1) -> Printing:
    return batches.start_printing(actor=actor, campaign=campaign, wave=wave, per_file=per_file)


def go_on(actor, printing) -> int:
    return batches.print_batches(actor=actor, printing=printing)


def made(actor, campaign, per_file=2) -> Printing:
    printing = start(actor, campaign, per_file)
    go_on(actor, printing)
    printing.refresh_from_db()
    return printing


def pages(batch) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(batch.pdf.read())).pages]


def rows(batch) -> list[dict[str, str]]:
    text = batch.addresses.read().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_each_file_has_one_language_and_no_more_letters_than_asked_for(secretariat, campaign):
    printing = made(secretariat, campaign)
    found = [(batch.language, batch.letters) for batch in printing.batches.all()]
    assert found == [("de", 2), ("de", 1), ("en", 1), ("fr", 2), ("nl", 1)]
    assert (printing.status, printing.key) == (PrintingStatus.DONE, "")
    assert campaign.waves.get().printed_at == NOW


def test_pages_and_addresses_stand_in_one_order_with_one_number_on_both(secretariat, campaign):
    for batch in made(secretariat, campaign).batches.all():
        written, listed = pages(batch), rows(batch)
        assert len(written) == len(listed) == batch.letters
        for page, row in zip(written, listed, strict=True):
            assert row["sequence"] in page
            assert row["name"] in page
            assert row["language"] == batch.language
        assert batch.addresses.open().read(3) == b"\xef\xbb\xbf"


def test_a_letter_in_each_language_speaks_it_and_says_by_when_to_answer(secretariat, campaign):
    words = {"nl": "Het lot is op u gevallen", "fr": "Le sort vous a", "de": "Das Los ist auf Sie gefallen",
             "en": "The lot has fallen on you"}  # fmt: skip
    until = {
        "nl": "20 februari 2027",
        "fr": "20 février 2027",
        "de": "20. Februar 2027",
        "en": "20 February 2027",
    }
    for batch in made(secretariat, campaign).batches.all():
        (page, *_rest) = pages(batch)
        plain = " ".join(page.split())
        assert words[batch.language] in plain
        assert until[batch.language] in plain


@given(st.text("=+-@\t\r ab", max_size=8))
def test_no_cell_is_a_formula(cell):
    assert not escape_formula(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert escape_formula(cell).endswith(cell)


def test_a_name_that_is_a_formula_is_text_in_the_table_and_whole_on_the_page(secretariat, campaign):
    Resident.objects.filter(invitations__position=1).update(given_name='=cmd|"/c calc"!A1')
    batch = made(secretariat, campaign, 10).batches.get(language="de")
    assert rows(batch)[0]["name"].startswith("'=cmd")
    assert "=cmd" in pages(batch)[0]


def test_the_list_names_every_file_with_its_hash_and_nobody(secretariat, campaign):
    printing = made(secretariat, campaign)
    told = batches.manifest_of(printing)
    assert told["letters"] == sum(each["letters"] for each in told["batches"]) == len(SPOKEN)
    for each, batch in zip(told["batches"], printing.batches.all(), strict=True):
        assert each["pdf_sha256"] == hashlib.sha256(batch.pdf.read()).hexdigest()
        assert each["addresses_sha256"] == hashlib.sha256(batch.addresses.read()).hexdigest()
    assert not [
        name for name in Resident.objects.values_list("family_name", flat=True) if name in str(told)
    ]


def test_going_on_makes_only_what_is_missing_and_the_same_bytes(secretariat, campaign):
    printing = start(secretariat, campaign)
    key, planned = printing.key, {each.number: each.planned for each in printing.batches.all()}
    go_on(secretariat, printing)
    first = [(batch.pdf_sha256, batch.addresses_sha256) for batch in printing.batches.all()]
    Printing.objects.update(key=key, ended_at=None, status=PrintingStatus.RUNNING)
    Invitation.objects.update(status=InvitationStatus.CREATED)
    for batch in printing.batches.filter(number__in=[2, 4]):
        batch.planned, batch.done_at, batch.pdf_sha256 = planned[batch.number], None, ""
        batch.save()
    go_on(secretariat, printing)
    assert [(batch.pdf_sha256, batch.addresses_sha256) for batch in printing.batches.all()] == first


def test_twice_at_once_is_refused_and_over_is_over(secretariat, campaign):
    printing = start(secretariat, campaign)
    with pytest.raises(PrintingGoesOn):
        start(secretariat, campaign)
    go_on(secretariat, printing)
    assert go_on(secretariat, printing) == 0
    with pytest.raises(PrintingOver):
        batches.cancel_printing(actor=secretariat, printing=printing)


def test_a_printing_that_is_stopped_makes_nothing_more_and_keeps_no_key(institution, secretariat, campaign):
    printing = batches.cancel_printing(actor=secretariat, printing=start(secretariat, campaign))
    assert go_on(secretariat, printing) == 0
    assert (printing.status, printing.key, printing.batches.count()) == (PrintingStatus.CANCELLED, "", 0)
    assert not campaign.invitations.exclude(secret_hash="").exists()
    assert campaign.waves.get().printed_at is None
    assert acts.entry(institution, Action.PRINTING_STOPPED).facts == {"wave": 1, "letters": 0}
    assert made(secretariat, campaign).status == PrintingStatus.DONE


def test_who_answers_while_letters_are_printed_is_left_out(secretariat, campaign):
    made(secretariat, campaign)
    printing = start(secretariat, campaign, 10)
    Invitation.objects.filter(position=2).update(
        status=InvitationStatus.NO, answered_at=NOW, refusal=Refusal.OTHER
    )
    go_on(secretariat, printing)
    assert [batch.letters for batch in printing.batches.all()] == [2, 1, 2, 1]
    assert Invitation.objects.get(position=2).status == InvitationStatus.NO


def test_every_code_in_the_files_opens_its_letter(secretariat, campaign):
    found = [
        code
        for batch in made(secretariat, campaign).batches.all()
        for page in pages(batch)
        for code in re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", page)
    ]
    assert len(found) == len(SPOKEN)
    positions = {answering.redeem(code_text=code, source="192.0.2.1").position for code in found}
    assert positions == set(range(1, len(SPOKEN) + 1))
    secret = codes.parse(found[0]).secret
    assert not Invitation.objects.filter(secret_hash__contains=secret).exists()


def every_verb(actor, campaign, printing):
    """Try each of them; who is refused one is refused all."""
    refused = []
    for verb in (
        lambda: start(actor, campaign),
        lambda: go_on(actor, printing),
        lambda: batches.cancel_printing(actor=actor, printing=printing),
        lambda: batches.take_file(actor=actor, batch=printing.batches.first(), ending="pdf"),
        lambda: batches.delete_files(actor=actor, printing=printing),
    ):
        try:
            verb()
        except NotAllowed as refusal:
            refused.append(refusal)
    assert len(refused) == 5, actor
    raise refused[0]


def test_only_the_secretariat_prints_takes_stops_and_deletes(institution, secretariat, campaign):
    printing = made(secretariat, campaign)
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: every_verb(actor, campaign, printing))


def test_what_was_taken_and_deleted_is_in_the_journal(institution, secretariat, campaign):
    printing = made(secretariat, campaign, 10)
    batch = printing.batches.first()
    content = batches.take_file(actor=secretariat, batch=batch, ending="csv")
    assert hashlib.sha256(content).hexdigest() == batch.addresses_sha256
    taken = {"wave": 1, "batch": 1, "file": "addresses", "letters": 3}
    assert acts.entry(institution, Action.LETTERS_TAKEN).facts == taken
    assert batches.delete_files(actor=secretariat, printing=printing) == 8
    assert acts.entry(institution, Action.LETTERS_DELETED).facts == {"wave": 1, "files": 8}
    batch.refresh_from_db()
    with pytest.raises(FilesGone):
        batches.take_file(actor=secretariat, batch=batch, ending="pdf")
    with pytest.raises(FilesGone):
        batches.delete_files(actor=secretariat, printing=printing)
    assert batch.pdf_sha256


def test_nothing_is_printed_where_nothing_waits_or_the_pool_is_closed(secretariat, campaign):
    with pytest.raises(LettersNotDrawn):
        start(secretariat, campaign, wave=2)
    Invitation.objects.update(status=InvitationStatus.YES, answered_at=NOW)
    with pytest.raises(NothingToPrint):
        start(secretariat, campaign)
    Campaign.objects.update(closed_at=NOW)
    with pytest.raises(CampaignClosed):
        start(secretariat, campaign)
    assert not Printing.objects.exists()


def test_the_page_shows_progress_and_hands_the_files_over(institution, secretariat, campaign, client):
    client.force_login(secretariat.user)
    printing = start(secretariat, campaign)
    address = reverse("office:printing", args=[institution.slug, 1, printing.public_id])
    waiting = client.get(address).content.decode()
    assert "0 of 7 letters are in files." in waiting
    assert "data-open" in waiting
    go_on(secretariat, printing)
    over = client.get(address).content.decode()
    assert "7 of 7 letters are in files." in over
    assert "data-open" not in over
    taken = client.post(f"{address}1/pdf/")
    assert taken["Content-Disposition"].endswith('-wave1-001-de.pdf"')
    assert taken.content.startswith(b"%PDF")
    assert client.get(f"{address}manifest/").json()["letters"] == 7
    assert client.post(f"{address}1/exe/").status_code == 404
