"""What the letter says: fields and a little markup, and nothing that anybody wrote is run."""

from __future__ import annotations

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.recruitment import batches, letter_text, letter_versions
from isegoria_web.recruitment.enums import InvitationStatus
from isegoria_web.recruitment.errors import (
    LetterTextUnchanged,
    LetterTextWrong,
    LetterTooLong,
    LogoWrong,
)
from isegoria_web.recruitment.letter_text import bundled, faults_of
from isegoria_web.recruitment.models import Invitation, LetterText
from tests.web import acts, factories

DANGEROUS = [
    '#read("/etc/passwd")',
    '#import "@preview/cetz:0.4.0"',
    "#sys.inputs.data",
    '#panic("gone")',
    "$ x^2 $ ] [ = heading <label> @ref `code` \\ // comment",
    '"); #read("/etc/passwd") //',
]


@pytest.fixture
def cycle(institution):
    return factories.make_cycle(institution, Stage.INVITING)


def text(**changed) -> dict[str, str]:
    return bundled("en") | changed


def save(actor, cycle, **changed):
    logo = changed.pop("logo", None)
    return letter_versions.save_text(
        actor=actor, cycle=cycle, language="de", parts=bundled("de") | changed, logo=logo
    )


def png(width=40, height=20) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(buffer, "PNG")
    return buffer.getvalue()


# -- fields and markup -----------------------------------------------------------------------------------
@pytest.mark.parametrize("language", ["nl", "fr", "de", "en", "ar"])
def test_the_text_that_comes_along_has_no_fault_in_any_language(language):
    assert faults_of(bundled(language)) == []


def test_an_unknown_field_is_a_fault_at_its_place_with_the_one_that_was_meant():
    (fault,) = faults_of(text(before="Dear {name},\n\nanswer by {reply-by}, or {reply_by}"))
    assert (fault.part, fault.line, fault.column) == ("before", 3, 11)
    assert "{reply_by}" in fault.problem


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"subject": " "}, "subject"),
        ({"before": "{name"}, "before"),
        ({"before": "name}"}, "before"),
        ({"footer": "x" * 401}, "footer"),
        ({"after": "Whenever you like."}, "after"),
        ({"box": "{}"}, "box"),
    ],
)
def test_what_cannot_be_typeset_is_a_fault_of_its_part(changed, part):
    assert [fault.part for fault in faults_of(text(**changed))] == [part]


def test_paragraphs_lists_bold_and_slanted_words_and_the_question_are_told_apart():
    found = letter_text.blocks_of(
        "One **two {name}** *three*\nfour\n\n- five\n- six\n\n{question}\n\n2 * 3"
    )
    assert [block["kind"] for block in found] == ["words", "list", "question", "words"]
    assert found[0]["runs"] == [
        {"words": "One "}, {"words": "two ", "bold": True}, {"field": "name", "bold": True},
        {"words": " "}, {"words": "three", "slant": True}, {"break": True}, {"words": "four"},
    ]  # fmt: skip
    assert found[1]["items"] == [[{"words": "five"}], [{"words": "six"}]]
    assert "".join(run["words"] for run in found[3]["runs"]) == "2 * 3"


@settings(max_examples=200, deadline=None)
@given(st.text("ab *{}_\n-#[]$\\", max_size=60))
def test_no_word_is_lost_whatever_somebody_writes(written):
    if faults_of(text(before=written)) == []:
        runs = [
            run
            for block in letter_text.blocks_of(written)
            for run in [*block.get("runs", ()), *(each for item in block.get("items", ()) for each in item)]
        ]
        kept = "".join(run.get("words", "") for run in runs)
        assert kept.count("a") == written.count("a")
        assert kept.count("#") == written.count("#")


# -- typeset ---------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_nothing_that_somebody_writes_is_run(secretariat, cycle, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    save(secretariat, cycle, before="\n\n".join([*DANGEROUS, "{name}"]), letterhead=DANGEROUS[0])
    (letter,) = factories.make_letters(cycle)
    Invitation.objects.update(status=InvitationStatus.SENT, language="de")
    type(letter.resident).objects.update(given_name="#panic(1)", street='#read("/etc/passwd")')
    printing = batches.print_letters(actor=secretariat, campaign=letter.campaign)
    shown = PdfReader(printing.batches.get().pdf.open()).pages[0].extract_text()
    plain = "".join(shown.split())
    assert "root:" not in plain
    for each in (*DANGEROUS, "#panic(1)"):
        assert "".join(each.split())[:12] in plain
    assert printing.batches.get().text.version == 1
    assert batches.manifest_of(printing)["batches"][0]["text_version"] == 1


@pytest.mark.django_db
def test_each_version_is_kept_and_the_journal_names_it(institution, secretariat, cycle):
    first = save(secretariat, cycle, subject="Eins")
    second = save(secretariat, cycle, subject="Zwei", logo=png())
    third = save(secretariat, cycle, subject="Drei")
    assert [each.version for each in (first, second, third)] == [1, 2, 3]
    assert bytes(third.logo) == png()
    assert LetterText.objects.get(version=1).parts["subject"] == "Eins"
    facts = [entry.facts for entry in acts.entries(institution, Action.LETTER_TEXT_SAVED)]
    assert [(each["language"], each["version"], len(each["sha256"])) for each in facts] == [
        ("de", 1, 64), ("de", 2, 64), ("de", 3, 64),
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_same_text_twice_is_one_version(secretariat, cycle):
    save(secretariat, cycle, subject="Eins")
    with pytest.raises(LetterTextUnchanged):
        save(secretariat, cycle, subject="Eins")
    assert LetterText.objects.count() == 1


@pytest.mark.django_db
def test_only_the_secretariat_writes_the_letter(institution, cycle):
    acts.only(institution, Role.SECRETARIAT, act=lambda actor: save(actor, cycle, subject="Eins"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "changed"),
    [
        (LetterTextWrong, {"before": "{nmae}"}),
        (LetterTooLong, {"before": "{reply_by}\n\n" + "Ein Absatz.\n\n" * 60}),
        (LogoWrong, {"logo": b"GIF89a"}),
        (LogoWrong, {"logo": b"\x89PNG\r\n\x1a\n and no picture"}),
    ],
)
def test_a_text_that_cannot_be_printed_is_refused_and_not_kept(secretariat, cycle, error, changed):
    with pytest.raises(error):
        save(secretariat, cycle, **changed)
    assert not LetterText.objects.exists()


# -- the page --------------------------------------------------------------------------------------------
@pytest.fixture
def office(client, institution, cycle):
    client.force_login(factories.actor(institution, Role.SECRETARIAT).user)
    return lambda name, *args: reverse(f"office:{name}", args=[institution.slug, cycle.number, *args])


@pytest.mark.django_db
def test_the_preview_shows_the_letter_and_names_faults_at_their_parts(client, office):
    address = office("letter_text_preview", "de")
    shown = client.post(address, bundled("de")).json()
    assert shown["picture"].startswith("data:image/png;base64,iVBOR")
    assert (shown["too_long"], shown["faults"]) == (False, {})
    wrong = client.post(address, bundled("de") | {"box": "{lnik}"}).json()
    assert wrong["picture"] == ""
    assert list(wrong["faults"]) == ["box"]
    assert "{link}" in json.dumps(wrong["faults"])
    long = client.post(
        address, bundled("de") | {"before": "{reply_by}\n\n" + "Ein Absatz.\n\n" * 60}
    ).json()
    assert long["too_long"]
    assert long["picture"]


@pytest.mark.django_db
def test_without_javascript_the_button_shows_the_letter_and_keeps_nothing(client, office):
    page = client.post(office("letter_text", "de"), bundled("de") | {"subject": "Probe", "preview": "yes"})
    assert page.status_code == 200
    assert "data:image/png" in page.content.decode()
    assert not LetterText.objects.exists()


@pytest.mark.django_db
def test_a_saved_text_is_a_version_on_the_page(client, office):
    logo = SimpleUploadedFile("logo.png", png(), "image/png")
    saved = client.post(office("letter_text", "de"), bundled("de") | {"subject": "Neu", "logo": logo})
    assert saved.status_code == 302
    assert LetterText.objects.get().logo_kind == "png"
    assert "version 1" in client.get(office("letter_texts")).content.decode()
    refused = client.post(office("letter_text", "de"), bundled("de") | {"subject": ""})
    assert refused.status_code == 422
    assert LetterText.objects.count() == 1
