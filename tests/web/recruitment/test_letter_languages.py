"""Inviting in a language that the institution does not speak, written from right to left: the letter and its form."""

from __future__ import annotations

import io
import re

import pytest
from django.utils import translation
from pypdf import PdfReader

from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import Cycle
from isegoria_web.journal.enums import Action
from isegoria_web.recruitment import (
    batches,
    codes,
    letter_form,
    letter_languages,
    letter_versions,
    typesetting,
)
from isegoria_web.recruitment.enums import FieldKind, InvitationStatus
from isegoria_web.recruitment.errors import (
    FormFrozen,
    GlyphsMissing,
    LanguageInUse,
    LanguageUnchanged,
    LanguageWrong,
    LetterUnwritten,
)
from isegoria_web.recruitment.letter_text import bundled
from isegoria_web.recruitment.models import Campaign, Invitation, Respondent
from tests.web import acts, factories
from tests.web.factories import texts

pytestmark = pytest.mark.django_db
QUESTION = "كيف نريد أن نسكن؟"
WORDS = {"question": QUESTION, "sex:": "الجنس", "sex:F": "أنثى", "age:": "العمر"}
LETTER = {
    **bundled("en"),
    "subject": "وقعت القرعة عليك",
    "before": "مرحباً {name}،\n\nالسؤال هو:\n\n{question}",
    "box_title": "هكذا تجيب",
    "box": "افتح {link} واكتب هذا الرمز:",
    "after": "نرجو أن تجيب حتى {reply_by}.",
    "signature": "الأمانة",
}


@pytest.fixture
def cycle(institution) -> Cycle:
    made = factories.make_cycle(institution, Stage.MANDATE)
    factories.make_features(made)
    return made


def invite_in(actor, cycle, language="ar", fixed="fr", words=WORDS):
    return letter_languages.set_language(
        actor=actor, cycle=cycle, language=language, fixed=fixed, words=words
    )


@pytest.fixture
def arabic(secretariat, cycle):
    return invite_in(secretariat, cycle)


@pytest.fixture
def letter(cycle, arabic, settings, tmp_path) -> Invitation:
    settings.MEDIA_ROOT = tmp_path / "files"
    factories.make_letters(cycle)
    Invitation.objects.update(language="ar", status=InvitationStatus.CREATED, secret_hash="")
    return Invitation.objects.select_related("campaign").get()


def test_only_the_secretariat_adds_and_drops_a_language(institution, cycle, arabic):
    for role in (Role.FACILITATOR, Role.OBSERVER):
        other = factories.actor(institution, role)
        with pytest.raises(NotAllowed):
            invite_in(other, cycle, "fa")
        with pytest.raises(NotAllowed):
            letter_languages.drop_language(actor=other, made=arabic)


def test_a_language_is_added_once_changed_and_dropped_in_the_journal(
    institution, secretariat, cycle, arabic
):
    entry = acts.entries(institution, Action.LETTER_LANGUAGE_SET)[-1]
    asked = len(letter_languages.places(cycle))
    assert entry.facts | {"sha256": ""} == {
        "language": "ar", "fixed": "fr", "written": 4, "asked": asked, "sha256": "",
    }  # fmt: skip
    assert letter_languages.spoken(cycle)[-1] == "ar"
    with pytest.raises(LanguageUnchanged):
        invite_in(secretariat, cycle)
    changed = invite_in(secretariat, cycle, fixed="nl")
    assert changed.pk == arabic.pk
    letter_languages.drop_language(actor=secretariat, made=changed)
    assert acts.entries(institution, Action.LETTER_LANGUAGE_DROPPED)[-1].facts == {"language": "ar"}
    assert "ar" not in letter_languages.spoken(cycle)


@pytest.mark.parametrize(
    "wrong", [{"language": "de"}, {"language": "xx"}, {"fixed": "ar"}, {"words": {"weight:": "الوزن"}}]
)
def test_a_language_that_is_spoken_unknown_or_asked_nothing_is_refused(secretariat, cycle, wrong):
    with pytest.raises(LanguageWrong):
        invite_in(secretariat, cycle, **wrong)


def test_letters_in_it_hold_a_language_and_printed_ones_what_it_says(secretariat, cycle, letter, arabic):
    with pytest.raises(LanguageInUse):
        letter_languages.drop_language(actor=secretariat, made=arabic)
    Campaign.objects.update(printed_at=factories.NOW)
    with pytest.raises(FormFrozen):
        invite_in(secretariat, cycle, fixed="nl")


def test_a_letter_is_printed_from_right_to_left_once_somebody_has_written_it(secretariat, cycle, letter):
    with pytest.raises(LetterUnwritten, match="ar"):
        batches.start_printing(actor=secretariat, campaign=letter.campaign, wave=1)
    letter_versions.save_text(actor=secretariat, cycle=cycle, language="ar", parts=LETTER)
    printing = batches.start_printing(actor=secretariat, campaign=letter.campaign, wave=1)
    batches.print_batches(actor=secretariat, printing=printing)
    document = PdfReader(io.BytesIO(printing.batches.get().pdf.read()))
    [page] = document.pages
    said = page.extract_text()
    assert re.search(r"[\u0600-\u06ff]{3}", said), "Arabic letters can be read out of the file"
    fonts = {str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values()}
    assert any("NotoNaskhArabic" in font for font in fonts)
    assert re.search(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", said), "a code is never turned round"
    assert "/fr/ostbelgien/answer/" in said
    assert document.trailer["/Root"]["/Lang"] == "ar"


def test_what_no_font_can_draw_is_named_and_nothing_is_kept(secretariat, cycle, arabic):
    nobody_draws = "\U0010fff0"
    assert typesetting.missing_of("Čapek, Ærø, سلام, שלום, Жо " + nobody_draws) == nobody_draws
    with pytest.raises(GlyphsMissing, match=nobody_draws):
        letter_versions.save_text(
            actor=secretariat, cycle=cycle, language="ar", parts={**LETTER, "subject": nobody_draws}
        )
    assert letter_versions.current(cycle, "ar") is None


@pytest.fixture
def page(client, institution, secretariat, cycle, letter):
    """The form as somebody sees it who typed the code of a letter in Arabic."""
    asked = {
        "label": texts("How?") | {"ar": "كيف تأتي؟"}, "help_text": {}, "kind": FieldKind.CHOICE,
        "options": [texts("Bus") | {"ar": "بالحافلة"}, texts("On foot") | {"ar": "مشياً"}],
    }  # fmt: skip
    letter_form.set_field(actor=secretariat, cycle=cycle, **asked)
    made = codes.new_code()
    letter.selector, letter.secret_hash = made.selector, codes.hash_secret(made.secret)
    letter.status = InvitationStatus.SENT
    letter.save()
    address = f"/fr/{institution.slug}/answer/"
    with translation.override("en"):  # what the pages leave behind
        assert client.post(address, {"code": str(made)}).status_code == 302
        yield f"{address}form/"


def test_the_form_runs_from_right_to_left_and_says_what_stands_in_another_language(client, page):
    shown = client.get(page).text
    assert '<html lang="ar" dir="rtl">' in shown
    main = shown[shown.index("<main") : shown.index("</main")]
    assert QUESTION in main
    assert "<legend>الجنس</legend>" in main
    assert "كيف تأتي؟" in main
    assert '<span lang="fr" dir="ltr">M (fr)</span>' in main, "what nobody wrote is marked"
    assert '<h1><span lang="fr" dir="ltr">' in main
    for name in ("email", "phone"):
        assert 'dir="ltr"' in re.search(rf'<input [^>]*name="{name}"[^>]*>', main)[0]
    outside = re.sub(r"<(\w+)[^>]* dir=\"ltr\"[^>]*>.*?</\1>", "", main, flags=re.DOTALL)
    outside = re.sub(r"<select.*?</select>|<[^>]+>", "", outside, flags=re.DOTALL)
    assert not re.search(r"[A-Za-z]{3,}", outside), "every sentence that is not Arabic says so"


def test_the_reader_chooses_another_language_and_comes_back(client, page):
    arabic = client.get(page).text
    assert f'href="{page}?language=ar" lang="ar" hreflang="ar" aria-current="true"' in arabic
    german = page.replace("/fr/", "/de/")
    assert "<legend>sex (de)</legend>" in client.get(f"{german}?language=de").text
    assert "<legend>sex (de)</legend>" in client.get(german).text, "the choice is kept"
    assert "<legend>الجنس</legend>" in client.get(f"{german}?language=ar").text


def test_what_is_chosen_in_any_language_is_kept_as_the_same_value(client, page):
    told = {
        "name": "ليلى", "phone": "087 12 34 56", "language": "fr", "feature_sex": "F",
        "feature_age": "35-64", "field_field-1": "2", "consent": "on",
    }  # fmt: skip
    assert client.post(page, told).status_code == 302
    kept = Respondent.objects.get()
    assert (kept.answers, kept.details) == ({"sex": "F", "age": "35-64"}, {"field-1": "2"})
    assert kept.name == "ليلى"


def test_the_office_adds_a_language_and_sees_the_form_in_it(client, institution, secretariat, cycle):
    client.force_login(secretariat.user)
    office = f"/en/{institution.slug}/office/cycles/{cycle.number}/"
    added = client.post(f"{office}letters/languages/new/", {"language": "ar", "fixed": "fr"})
    assert added.url == f"{office}letters/languages/ar/"
    places = list(letter_languages.places(cycle))
    words = {f"place{number}": WORDS.get(place, "") for number, place in enumerate(places)}
    assert client.post(added.url, {"fixed": "fr", **words}).status_code == 302
    assert letter_languages.reading(cycle, "ar").words == WORDS
    assert "العربيّة" in client.get(f"{office}letters/text/").text
    shown = client.get(f"{office}form/preview/?language=ar").text
    assert '<html lang="en" dir="ltr">' in shown, "the office goes on in its own language"
    assert '<div lang="ar" dir="rtl" class="fields">' in shown
    assert "<legend>الجنس</legend>" in shown
    assert 'dir="rtl"' in client.get(f"{office}letters/text/ar/").text
