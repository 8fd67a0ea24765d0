"""A resident answers in a language that the software does not speak: every sentence is hers, or says whose it is."""

from __future__ import annotations

import re

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client

from isegoria_web.errors import NotAllowed
from isegoria_web.institutions.enums import Stage
from isegoria_web.recruitment import answering, codes, letter_form, sentence_versions
from isegoria_web.recruitment.enums import FieldKind, InvitationStatus, Purpose
from isegoria_web.recruitment.errors import CampaignClosed, LetterRevoked, LettersAnnulled
from isegoria_web.recruitment.mails import link_token
from isegoria_web.recruitment.models import (
    Campaign,
    FixedSentences,
    Invitation,
    LetterLanguage,
    Message,
    Respondent,
    WrongCode,
)
from isegoria_web.recruitment.sentences import Sentence
from isegoria_web.web import reading as readings
from isegoria_web.web import speaking
from isegoria_web.web.fixed_sentences import fixed_sentences
from isegoria_web.web.speaking import Catalogue, finish
from tests.web import factories
from tests.web.factories import NOW, texts

pytestmark = pytest.mark.django_db
ASKED = fixed_sentences()
PLACES = {
    "question": "كيف نريد أن نسكن؟",
    "sex:": "الجنس",
    "sex:F": "أنثى",
    "sex:M": "ذكر",
    "age:": "العمر",
}
TOLD = {
    "name": "ليلى", "phone": "087 12 34 56", "email": "leila@example.org", "language": "ar", "feature_sex": "F",
    "feature_age": "35-64", "field_field-1": "2", "consent": "on",
}  # fmt: skip


@pytest.fixture
def cycle(institution, secretariat):
    type(institution).objects.update(contact_phone="+32 87 59 59 59")
    made = factories.make_cycle(institution, Stage.INVITING)
    factories.make_features(made)
    asked = {
        "label": texts("How?") | {"ar": "كيف تأتي؟"}, "help_text": {}, "kind": FieldKind.CHOICE,
        "options": [texts("Bus") | {"ar": "بالحافلة"}, texts("On foot") | {"ar": "مشياً"}],
    }  # fmt: skip
    letter_form.set_field(actor=secretariat, cycle=made, **asked)
    LetterLanguage.objects.create(
        cycle=made, language="ar", fixed="fr", saved_at=NOW, by=secretariat.user, words=PLACES
    )
    return made


@pytest.fixture
def arabic(institution, secretariat, cycle) -> FixedSentences:
    """The Arabic that comes along, confirmed."""
    [made] = cycle.letter_languages.all()
    sentence_versions.take_start(actor=secretariat, made=made, asked=ASKED)
    return sentence_versions.confirm_sentences(actor=secretariat, made=made, version=1)


@pytest.fixture
def code(cycle) -> codes.Code:
    [letter] = factories.make_letters(cycle)
    made = codes.new_code()
    letter.selector, letter.secret_hash = made.selector, codes.hash_secret(made.secret)
    letter.status, letter.language = InvitationStatus.SENT, "ar"
    letter.save()
    return made


def test_every_sentence_on_the_way_is_in_the_list_that_is_translated(
    client, institution, arabic, code, monkeypatch
):
    """Whatever these pages ask gettext for and no file of a translator holds would stand in French for ever."""
    missed: set[str] = set()
    kept = Catalogue.elsewhere

    def note(catalogue: Catalogue, message: str, said: str) -> str:
        missed.update([message] if re.search(r"\w", said) else [])
        return kept(catalogue, message, said)

    monkeypatch.setattr(Catalogue, "elsewhere", note)
    page = f"/fr/{institution.slug}/answer/"
    shown = [client.get(f"{page}?language=ar"), client.post(page, {"code": "AAAA-AAAA-AAAA-AAAA"})]
    shown += [client.post(page, {}), client.post(page, {"code": "A" * 50}), client.get(f"{page}receipt/")]
    assert client.post(page, {"code": str(code)}).status_code == 302
    wrong = {"name": "x" * 201, "email": "x", "language": "xx", "needs": "xx", "feature_sex": "xx"}
    shown += [
        client.get(f"{page}form/"),
        client.post(f"{page}form/", {}),
        client.post(f"{page}form/", wrong),
    ]
    shown += [client.post(f"{page}form/", TOLD | {"phone": "", "email": ""})]
    shown += [client.post(f"{page}form/", TOLD | {"later": "1"}), client.get(f"{page}form/")]
    shown += [
        client.get(f"{page}no/"),
        client.post(f"{page}no/", {"refusal": "xx"}),
        client.get(f"{page}receipt/"),
    ]
    assert client.post(f"{page}form/", TOLD).status_code == 302
    shown += [client.get(f"{page}done/"), client.get(f"{page}form/"), client.get(f"{page}receipt/")]
    message = Message.objects.create(
        invitation=Invitation.objects.get(),
        purpose=Purpose.LINK,
        round=1,
        language="ar",
        address="l@example.org",
        queued_at=NOW,
        try_after=NOW,
    )
    token = link_token(message)
    shown += [
        client.get(f"{page}link/{token}/"),
        client.get(f"{page}stop/{token}/"),
        client.post(f"{page}stop/{token}/"),
    ]
    client.post(f"{page}no/", {"refusal": "no_time"})
    shown.append(client.get(f"{page}done/"))
    shown += what_goes_wrong(client, page, monkeypatch)
    WrongCode.objects.all().delete()
    client.session.flush()
    shown += [client.get(f"{page}?language=ar"), client.post(page, {"code": str(code)})]
    Campaign.objects.update(closed_at=NOW)
    assert client.post(page, {"code": str(code)}).status_code == 302
    shown.append(client.get(f"{page}done/"))
    assert missed <= {each.english for each in ASKED}, "add the place to SAID_IN of fixed_sentences.py"
    for each in shown:
        text = each.content.decode()
        assert '<html lang="ar" dir="rtl">' in text, each.request["PATH_INFO"]
        assert not re.search("[\ufdd0-\ufdd6]", text)


def what_goes_wrong(client, page: str, monkeypatch) -> list[HttpResponse]:
    """Every page that somebody may meet on the way who does nothing wrong, or much."""
    strict = Client(enforce_csrf_checks=True)
    strict.get(f"{page}?language=ar")
    stale = strict.post(page, {"code": "AAAA"})
    shown = [
        client.get(f"{page}link/no-such-link/"),
        client.get(f"{page}no/such/page/"),
        stale,
        client.post(page, {str(each): "x" for each in range(1001)}),
    ]
    assert [each.status_code for each in shown] == [404, 404, 403, 400]
    for refusal in (LetterRevoked, LettersAnnulled, CampaignClosed, NotAllowed):
        with monkeypatch.context() as patch:
            patch.setattr(answering, "known_answers", broken(refusal()))
            shown.append(client.get(f"{page}form/"))
        assert shown[-1].status_code == refusal.status
    client.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(answering, "known_answers", broken(RuntimeError("a fault of ours")))
        shown.append(client.get(f"{page}form/"))
    assert shown[-1].status_code == 500
    for _try in range(answering.TRIES_A_MINUTE + 1):
        tried = client.post(page, {"code": "AAAA-AAAA-AAAA-AAAA"})
    assert "جاءت من هنا رموز خاطئة كثيرة." in tried.text
    return [*shown, tried]


def broken(error: Exception):
    def fail(*_given, **_named):
        raise error

    return fail


def test_what_goes_wrong_on_the_way_is_said_in_her_language_and_leads_back_to_the_letter(
    client, institution, arabic, code
):
    page = f"/fr/{institution.slug}/answer/"
    client.post(page, {"code": str(code)})
    lost = client.get(f"{page}link/no-such-link/").text
    assert '<html lang="ar" dir="rtl">' in lost
    assert "<h1>هذه الصفحة غير موجودة</h1>" in lost
    assert f'<a class="button" href="{page}">أجيبوا عن رسالتكم</a>' in lost
    Invitation.objects.update(status=InvitationStatus.MERGED)  # her answer stands under another letter
    refused = client.post(f"{page}no/", {"refusal": ""})
    assert refused.status_code == 409
    assert '<html lang="ar" dir="rtl">' in refused.text
    assert "لم يعد الردّ على هذه الرسالة ممكناً." in refused.text
    assert "+32 87 59 59 59" in refused.text.partition("<main")[2]
    assert '<html lang="fr" dir="ltr">' in client.get(f"/fr/{institution.slug}/no/such/page/").text
    assert '<html lang="fr" dir="ltr">' in Client().get(f"{page}link/no-such-link/").text
    assert Client().get("/fr/nowhere/answer/?language=ar").status_code == 404
    assert Client().get("/fr/%00/answer/").status_code == 404


def test_without_a_database_the_fault_is_still_told(client, institution, arabic, code, monkeypatch):
    page = f"/fr/{institution.slug}/answer/"
    client.post(page, {"code": str(code)})
    monkeypatch.setattr(readings, "further_of", broken(OperationalError("gone")))
    client.raise_request_exception = False
    shown = client.get(page)
    assert shown.status_code == 500
    assert '<html lang="fr" dir="ltr">' in shown.text


def test_pages_that_lead_away_from_the_letter_say_in_her_language_that_they_are_not_in_it(
    client, institution, cycle, arabic, code
):
    public = f"/fr/{institution.slug}/cycles/{cycle.number}/"
    said = "هذه الصفحة ليست بلغتكم."
    assert said not in client.get(public).text
    client.post(f"/fr/{institution.slug}/answer/", {"code": str(code)})
    shown = client.get(public).text
    assert f'<div class="message" lang="ar" dir="rtl"><p>{said}' in shown
    assert '<html lang="fr" dir="ltr">' in shown
    assert said not in client.get(f"/fr/{institution.slug}/answer/").text
    client.get(f"/fr/{institution.slug}/answer/?language=fr")
    assert said not in client.get(public).text


def test_what_is_chosen_in_it_is_kept_as_the_same_value(client, institution, arabic, code):
    page = f"/fr/{institution.slug}/answer/"
    client.post(page, {"code": str(code)})
    shown = client.get(f"{page}form/").text
    assert '<option value="ar" selected>العربيّة</option>' in shown
    client.post(f"{page}form/", TOLD)
    kept = Respondent.objects.get()
    assert (kept.answers, kept.details, kept.language) == (
        {"sex": "F", "age": "35-64"},
        {"field-1": "2"},
        "ar",
    )


def test_the_desk_writes_down_in_which_language_she_is_written_to(client, institution, secretariat, code):
    client.force_login(secretariat.user)
    [letter] = Invitation.objects.all()
    desk = f"/en/{institution.slug}/office/cycles/1/desk/{letter.position}/yes/"
    assert '<option value="ar" selected>' in client.get(desk).text


def test_what_is_not_translated_or_not_confirmed_says_in_which_language_it_stands(
    client, institution, arabic, code
):
    page = f"/fr/{institution.slug}/answer/?language=ar"
    arabic.texts.pop("Go on")
    arabic.texts.pop("Answer your letter")
    arabic.save()
    shown = client.get(page).text
    assert '<span lang="fr" dir="ltr">Continuer</span></button>' in shown
    assert "<h1>وقعت القرعة عليكم</h1>" in shown
    assert re.search("<title>\u2068[^<]+\u2069 – ", shown), (
        "a title holds no element, only marks of direction"
    )
    FixedSentences.objects.update(confirmed_at=None, confirmed_by=None)
    shown = client.get(page).text
    assert '<h1><span lang="fr" dir="ltr">' in shown
    assert "وقعت القرعة عليكم" not in shown
    assert '<html lang="fr" dir="ltr">' in client.get(page.replace("=ar", "=fr")).text


def test_a_translation_is_text_wherever_it_stands(client, institution, arabic, code):
    odd = "\"'& لا > نعم"
    for english in ("You were drawn by lot", "Answer your letter", "Language", "The code of your letter"):
        arabic.texts[english] = [odd]
    arabic.save()
    shown = client.get(f"/fr/{institution.slug}/answer/?language=ar").text
    told = "&quot;&#x27;&amp; لا &gt; نعم"
    assert f"<h1>{told}</h1>" in shown
    assert f"<title>{told} –" in shown
    assert f'aria-label="{told}"' in shown
    assert f">{told}</label>" in shown
    assert odd not in shown


def test_marks_become_elements_only_where_elements_may_stand():
    page = '<p title="\ufdd0a\ufdd1">\ufdd0b\ufdd1</p><script>\ufdd0c\ufdd1</script><option>\ufdd0d\ufdd1</option>'
    assert finish(page, "de") == (
        '<p title="\u2068a\u2069"><span lang="de" dir="ltr">b</span></p>'
        "<script>\u2068c\u2069</script><option>\u2068d\u2069</option>"
    )


def test_the_office_takes_the_start_shows_the_draft_and_the_faults_of_a_file(
    client, institution, secretariat, cycle, tmp_path
):
    client.force_login(secretariat.user)
    page = f"/en/{institution.slug}/office/cycles/{cycle.number}/letters/languages/ar/sentences/"
    assert "No official translator has read it yet" in client.get(page).text
    client.post(f"{page}start/")
    shown = client.get(page).text
    assert f"{len(ASKED)} of {len(ASKED)} sentences are translated in the newest version" in shown
    assert "draft" in shown
    preview = client.get(
        f"/en/{institution.slug}/office/cycles/{cycle.number}/form/preview/?language=ar"
    ).text
    assert "اسمكم" in preview
    file = client.get(f"{page}file/")
    assert "attachment" in file["Content-Disposition"]
    path = tmp_path / "ar.po"
    path.write_bytes(file.content.replace("اسمكم".encode(), b"<b>"))
    with path.open("rb") as sent:
        refused = client.post(page, {"file": sent})
    assert refused.status_code == 422
    assert re.search(r"Line \d+: It holds markup", refused.text)
    assert FixedSentences.objects.count() == 1
    client.post(f"{page}1/confirm/", {"confirmed": "yes"})
    assert FixedSentences.objects.get().confirmed_by == secretariat.user
    listed = client.get(f"/en/{institution.slug}/office/cycles/{cycle.number}/letters/text/").text
    assert f"Residents read {len(ASKED)} of {len(ASKED)} fixed sentences" in listed
    assert client.get(page.replace("/ar/", "/fr/")).status_code == 404


def test_a_translation_of_a_sentence_that_has_got_a_plural_since_counts_as_none(monkeypatch):
    told = (Sentence("A letter", "%(count)d letters"), Sentence("Go on"))
    monkeypatch.setattr(speaking, "fixed_sentences", lambda: told)
    with speaking.spoken("ar", "fr", {"A letter": ["رسالة"], "Go on": ["تابع"]}) as catalogue:
        shown = finish(catalogue.ngettext("A letter", "%(count)d letters", 3), "fr")
        assert shown == '<span lang="fr" dir="ltr">%(count)d letters</span>'
        assert catalogue.gettext("Go on") == "تابع"
