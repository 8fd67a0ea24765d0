"""The fixed sentences in a further language: a translator's file there and back, what is refused in it, who reads it."""

from __future__ import annotations

import io
import re

import polib
import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from isegoria_web.accounts.enums import Role
from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.journal.enums import Action
from isegoria_web.recruitment import letter_languages, mails, po_files, sentence_versions
from isegoria_web.recruitment.enums import Purpose
from isegoria_web.recruitment.errors import (
    SentencesConfirmed,
    SentencesUnchanged,
    SentencesUnwritten,
    SentencesWrong,
)
from isegoria_web.recruitment.models import FixedSentences, Invitation, LetterLanguage, Message
from isegoria_web.recruitment.po_files import PoEntry
from isegoria_web.recruitment.sentences import mail_lines, plurals_of, problems_of
from isegoria_web.web.fixed_sentences import fixed_sentences
from tests.web import acts, factories

ASKED = fixed_sentences()
LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")) | st.sampled_from('\n\t"\\é')
WORDS = st.text(LETTERS, min_size=1)
COUNTED = next(each for each in ASKED if each.plural)


def po(*entries: str, header: str = "Language: ar\\n") -> bytes:
    """A file whose entries begin in line 4, each three lines after the one before."""
    return "\n".join(['msgid ""', f'msgstr "{header}"', "", *(f"{each}\n" for each in entries)]).encode()


def said(english: str, text: str) -> str:
    return f'msgid "{english}"\nmsgstr "{text}"'


# -- the file ----------------------------------------------------------------------------------------------
@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(WORDS, WORDS, st.text(LETTERS, max_size=5), st.booleans()),
        max_size=4,
        unique_by=lambda made: made[0],
    )
)
def test_what_is_written_is_read_again_by_us_and_by_a_translators_tool(rows):
    made = [
        PoEntry(
            english,
            "many" if plural else "",
            "",
            [text, more] if plural else [text],
            places=("form.html:3",),
        )
        for english, text, more, plural in rows
        if english.strip() and "\r" not in english + text + more
    ]
    file = po_files.written([("Language", "fr"), ("Content-Type", "text/plain; charset=UTF-8")], made)
    header, found = po_files.read(file)
    assert header["language"] == "fr"
    assert [(one.msgid, one.plural, one.forms) for one in found] == [
        (one.msgid, one.plural, one.forms) for one in made
    ]
    for ours, theirs in zip(made, polib.pofile(file), strict=True):
        forms = [theirs.msgstr_plural[number] for number in (0, 1)] if ours.plural else [theirs.msgstr]
        assert (theirs.msgid, forms) == (ours.msgid, ours.forms)


def test_the_mails_say_the_same_in_every_language_sentence_by_sentence():
    for language in ("nl", "fr", "de"):
        assert mail_lines(language).keys() == mail_lines("en").keys(), language


def test_the_list_knows_pages_mails_errors_and_what_django_says():
    found = {each.english: each for each in ASKED}
    assert found["Type the code of your letter. It takes two minutes to say yes or no."].places == (
        "answer/code.html:7",
    )
    assert found["You can also answer by telephone: %(phone)s"].placeholders == {"%(phone)s"}
    for english in (
        "Skip to the content",
        "We do not know this code.",
        "This field is required.",
        "Childcare",
    ):
        assert english in found
    assert {each.context for each in ASKED} >= {"", "mail.reminder.body.3", "mail.stop_button"}
    assert len({each.key for each in ASKED}) == len(ASKED)


@pytest.mark.parametrize(("language", "count"), [("ar", 6), ("he", 3), ("fa", 2), ("pl", 4), ("ja", 1)])
def test_the_forms_of_the_plural_are_those_of_the_language(language, count):
    rule = plurals_of(language)
    assert rule.count == count
    assert {rule.form_of(number) for number in range(1000)} <= set(range(count))


def test_the_file_shows_english_and_fallback_and_what_is_translated_so_far():
    file = sentence_versions.file_of(ASKED, "ar", {"Go on": ["متابعة"]}, "fr")
    found = {(one.msgctxt or "") + one.msgid: one for one in polib.pofile(file)}
    assert len(found) == len(ASKED)
    assert found["Go on"].msgstr == "متابعة"
    assert found["mail.reminder.buttonAnswer now"].comment == "fr: Répondre maintenant"
    with translation.override("fr"):
        assert found["Thank you"].comment == f"fr: {translation.gettext('Thank you')}"
    assert found["This field is required."].msgstr, "Django's translators have said it already"
    assert len(found[COUNTED.english].msgstr_plural) == 6


def test_the_arabic_that_comes_along_is_nearly_whole_and_without_a_fault():
    """A sentence that was added since stands in the fallback language; one that is gone would refuse the whole file."""
    texts = sentence_versions.texts_in(sentence_versions.start_of("ar"), ASKED, "ar")
    assert sentence_versions.count_translated(ASKED, texts, "ar") >= 0.95 * len(ASKED)


PHONE = "You can also answer by telephone: %(phone)s"


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (po(said(PHONE, "اتصلوا")), 4, "%(phone)s is missing"),
        (po(said("Go on", "ok"), said(PHONE, "%(phone)s %(name)s")), 7, "%(name)s does not stand"),
        (po(said(PHONE, "%(phone)s 100 %")), 4, "stands alone"),
        (po(said(PHONE, "%(phone)s {x.__class__}")), 4, "brace stands alone"),
        (po(said("Go on", "<b>متابعة</b>")), 4, "markup"),
        (po(said("Go on", "a &lt;b")), 4, "markup"),
        (po(said("Go on", "a\x00b")), 4, "U+0000"),
        (po(said("Go on", "a\u202eb")), 4, "U+202E"),
        (po(said("Go on", "a\ufdd1b")), 4, "U+FDD1"),
        (po(said("Go on", "a" * 2001)), 4, "longer than 2000"),
        (po(said("Go away", "اذهب")), 4, "No page or e-mail"),
        (po(said("Go on", "a"), said("Go on", "b")), 7, "twice"),
        (po(f'msgid "{COUNTED.english}"\nmsgid_plural "{COUNTED.plural}"\nmsgstr[0] "%(limit_value)d %(show_value)d"'), 4, "6 forms"),
        (po(said("Go on", "a"), header="Language: fa\\n"), 1, "Language: fa"),
        (po(said("Go on", "a"), header="Language: ar\\nContent-Type: text/plain; charset=CP1256\\n"), 1, "cp1256"),
        (po(said("Go on", "a"), header="Language: ar\\nPlural-Forms: nplurals=2; plural=n>1;\\n"), 1, "6 forms"),
        (b'msgid "Go on"\nmsgstr "a"\n', 1, "Language"),
        (po(said("Go on", "a")) + b"Go away\n", 6, "no line of a PO file"),
        (po('msgid "Go on"'), 4, "no msgstr"),
        (po('msgid "Go on"\nmsgstr "a"b"'), 5, "quotation mark"),
        (po('msgid "Go on"\nmsgstr "a\\"'), 5, "backslash"),
        (po('msgstr "a"'), 4, "cannot stand here"),
        (po(said("Go on", "x")).replace(b"x", b"\xff"), 5, "UTF-8"),
        (b"#" * 1_000_001, 1, "larger than 1000 kB"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_line_and_reason(content, line, reason):
    with pytest.raises(SentencesWrong) as refused:
        sentence_versions.texts_in(content, ASKED, "ar")
    assert [(fault.line, reason in fault.problem) for fault in refused.value.faults][:1] == [
        (line, True)
    ], [str(fault) for fault in refused.value.faults]


def test_a_form_for_one_number_may_say_it_in_words_and_no_other():
    forms = ["%(limit_value)d %(show_value)d"] * 6
    assert problems_of(COUNTED, [*forms[:2], "حرفين", *forms[3:]], "ar") == []
    assert problems_of(COUNTED, [*forms[:3], "أحرف", *forms[4:]], "ar")


def test_guesses_of_a_tool_count_as_untranslated():
    guess = po("#, fuzzy\n" + said("Go on", "<b>"), said("Your name", "اسمكم"))
    assert sentence_versions.texts_in(guess, ASKED, "ar") == {"Your name": ["اسمكم"]}


# -- versions ----------------------------------------------------------------------------------------------
pytestmark = pytest.mark.django_db


@pytest.fixture
def arabic(institution, secretariat) -> LetterLanguage:
    type(institution).objects.update(contact_phone="+32 87 59 59 59")
    cycle = factories.make_cycle(institution, Stage.INVITING)
    return LetterLanguage.objects.create(
        cycle=cycle, language="ar", fixed="fr", saved_at=factories.NOW, by=secretariat.user,
        words={"question": "كيف نريد أن نسكن؟"},
    )  # fmt: skip


def save(actor, made, content):
    return sentence_versions.save_sentences(actor=actor, made=made, content=content, asked=ASKED)


def test_only_the_secretariat_keeps_and_confirms(institution, secretariat, arabic):
    save(secretariat, arabic, po(said("Go on", "متابعة")))
    for role in (Role.FACILITATOR, Role.OBSERVER, Role.AUTHORITY):
        other = factories.actor(institution, role)
        with pytest.raises(NotAllowed):
            save(other, arabic, po(said("Go on", "إلى الأمام")))
        with pytest.raises(NotAllowed):
            sentence_versions.confirm_sentences(actor=other, made=arabic, version=1)


def test_versions_are_kept_and_read_once_they_are_confirmed(institution, secretariat, arabic):
    save(secretariat, arabic, po(said("Go on", "متابعة")))
    entry = acts.entries(institution, Action.SENTENCES_SAVED)[-1]
    assert entry.facts["version"] == 1
    assert "متابعة" not in str(entry.facts), "the journal holds no text"
    assert sentence_versions.confirmed(institution, "ar") == {}
    with pytest.raises(SentencesUnchanged):
        save(secretariat, arabic, po(said("Go on", "متابعة")))
    sentence_versions.confirm_sentences(actor=secretariat, made=arabic, version=1)
    confirmed = acts.entries(institution, Action.SENTENCES_CONFIRMED)[-1]
    assert confirmed.facts == {"language": "ar", "version": 1, "sha256": entry.facts["sha256"]}
    save(secretariat, arabic, po(said("Go on", "إلى الأمام")))
    assert sentence_versions.confirmed(institution, "ar") == {"Go on": ["متابعة"]}, "the new one is a draft"
    with pytest.raises(SentencesConfirmed):
        sentence_versions.confirm_sentences(actor=secretariat, made=arabic, version=1)
    assert list(FixedSentences.objects.values_list("version", flat=True)) == [1, 2]
    assert sentence_versions.confirmed(factories.make_institution("elsewhere"), "ar") == {}


def test_a_file_with_a_fault_and_an_empty_one_leave_nothing_behind(institution, secretariat, arabic):
    with pytest.raises(SentencesWrong):
        save(secretariat, arabic, po(said("Go on", "متابعة"), said("Your name", "<i>")))
    with pytest.raises(SentencesUnwritten):
        save(secretariat, arabic, po(said("Go on", "")))
    assert not FixedSentences.objects.exists()
    assert not acts.entries(institution, Action.SENTENCES_SAVED)


@pytest.fixture
def confirmed(secretariat, arabic) -> FixedSentences:
    """The Arabic that comes along, confirmed."""
    made = sentence_versions.take_start(actor=secretariat, made=arabic, asked=ASKED)
    return sentence_versions.confirm_sentences(actor=secretariat, made=arabic, version=made.version)


@pytest.fixture
def letter(arabic) -> Invitation:
    factories.make_letters(arabic.cycle)
    Invitation.objects.update(language="ar")
    return Invitation.objects.select_related(
        "campaign__cycle__institution", "campaign__draw", "resident"
    ).get()


def test_e_mails_speak_it_sentence_by_sentence(letter, confirmed):
    message = Message(
        invitation=letter, purpose=Purpose.REMINDER, round=1, language="ar", address="leila@example.org"
    )
    mail = mails.written(message)
    html = mail.alternatives[0].content
    assert re.fullmatch("حتى \u2068.+\u2069: وقعت القرعة عليكم", mail.subject)
    assert "كيف نريد أن نسكن؟" in mail.body
    assert '<html lang="ar" dir="rtl">' in html
    assert "<span" not in html
    assert "/fr/ostbelgien/answer/link/" in mail.body
    assert "?language=ar" in mail.extra_headers["List-Unsubscribe"]
    assert mail.extra_headers["Content-Language"] == "ar"
    confirmed.texts.pop("mail.reminder.body.1\x04" + mail_lines("en")["reminder.body.1"])
    confirmed.save()
    mixed = mails.written(message)
    assert '<p><span lang="fr" dir="ltr">Nous vous avons invité·e' in mixed.alternatives[0].content
    assert mixed.extra_headers["Content-Language"] == "ar, fr"


def test_reminders_on_paper_run_from_right_to_left(letter, confirmed):
    file = PdfReader(io.BytesIO(mails.reminders_on_paper(letter.campaign, [letter])))
    [page] = file.pages
    fonts = {str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values()}
    assert any("NotoNaskhArabic" in font for font in fonts)
    assert not re.search(r"Vous|lettre", page.extract_text()), "nothing is left in the fallback language"
    assert re.search(r"[\u0600-\u06ff]{3}", page.extract_text())


def test_who_reads_no_further_language_is_written_to_as_before(letter, confirmed):
    message = Message(
        invitation=letter, purpose=Purpose.INVITATION, round=1, language="de", address="anna@example.org"
    )
    mail = mails.written(message)
    assert mail.subject == "Das Los ist auf Sie gefallen"
    assert '<html lang="de">' in mail.alternatives[0].content
    assert "language=" not in mail.body
    assert letter_languages.reading(letter.campaign.cycle, "de").fixed == "de"
