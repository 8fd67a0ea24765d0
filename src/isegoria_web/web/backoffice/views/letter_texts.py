"""What the letter says, written by the secretariat beside a picture of the letter."""

from __future__ import annotations

import base64
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.recruitment import letter_form, letter_languages, letter_text, letter_versions
from isegoria_web.recruitment.errors import GlyphsMissing, LetterTooLong, LogoWrong
from isegoria_web.recruitment.models import LetterText
from isegoria_web.web.backoffice.forms.letters import LanguageForm, LetterTextForm, NewLanguageForm
from isegoria_web.web.backoffice.office import Office, act_on, attempt, for_office
from isegoria_web.web.backoffice.views.sentences import language_or_404, translated
from isegoria_web.web.templatetags.isegoria import spoken

PREVIEW = "preview"


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def texts(office: Office, cycle: int) -> HttpResponse:
    """List the languages of the letter, and the versions of each."""
    found = office.cycle(cycle)
    kept = LetterText.objects.filter(cycle=found).defer("logo", "parts").select_related("by")
    by_language = {
        language: [each for each in kept if each.language == language][::-1]
        for language in letter_languages.spoken(found)
    }
    places = letter_languages.places(found)
    further = [
        (each, len(places) - sum(place in places for place in each.words), translated(each))
        for each in letter_languages.further(found)
    ]
    return office.page(
        "letter_texts", found, by_language=by_language, further=further, frozen=letter_form.is_frozen(found)
    )


@for_office(Role.SECRETARIAT)
def language_new(office: Office, cycle: int) -> HttpResponse:
    """Invite in a language that the institution does not speak."""
    found = office.cycle(cycle)
    taken = [each.language for each in letter_languages.further(found)]
    form = NewLanguageForm(office.data, own=office.languages, taken=taken)
    return act_on(
        office, found, form=form,
        act=lambda data: letter_languages.set_language(
            actor=office.actor, cycle=found, language=data["language"], fixed=data["fixed"], words={}
        ),
        done=lambda made: office.to("letter_language", found.number, made.language),
        heading=_("Invite in a further language"), submit=_("Add the language"),
        back=office.url("letter_texts", found.number),
    )  # fmt: skip


@for_office(Role.SECRETARIAT)
def language(office: Office, cycle: int, language: str) -> HttpResponse:
    """Write in a further language what the form says."""
    found = office.cycle(cycle)
    made = language_or_404(found, language)

    form = LanguageForm(
        office.data, language=language, own=office.languages, places=letter_languages.places(found),
        initial={"fixed": made.fixed, **made.words},
    )  # fmt: skip
    return act_on(
        office, found, form=form,
        act=lambda data: letter_languages.set_language(
            actor=office.actor, cycle=found, language=language, fixed=data["fixed"], words=form.words()
        ),
        done=office.then(_("It is kept."), "letter_texts", found.number),
        heading=_("What the form says in %(language)s") % {"language": spoken(language)},
        submit=_("Save"), back=office.url("letter_texts", found.number),
    )  # fmt: skip


@for_office(Role.SECRETARIAT, methods=("POST",))
def language_drop(office: Office, cycle: int, language: str) -> HttpResponse:
    """Invite no longer in a further language."""
    found = office.cycle(cycle)
    letter_languages.drop_language(actor=office.actor, made=language_or_404(found, language))
    office.say(_("Nobody is invited in this language any more."))
    return office.to("letter_texts", found.number)


@for_office(Role.SECRETARIAT)
def text(office: Office, cycle: int, language: str) -> HttpResponse:
    """Write what the letter says in a language; the picture beside it shows how it looks."""
    found = _cycle_or_404(office, cycle, language)
    now = letter_versions.current(found, language)
    form = _form(office, now, language)
    status = 200 if not office.is_post else 422
    if office.is_post and form.is_valid():
        if PREVIEW in office.request.POST:
            status = 200
        else:
            logo = form.cleaned_data.get("logo")
            made = attempt(
                form,
                lambda: letter_versions.save_text(
                    actor=office.actor,
                    cycle=found,
                    language=language,
                    parts=form.parts(),
                    logo=logo.read() if logo else None,
                    without_logo=bool(form.cleaned_data.get("without_logo")),
                ),
            )
            if made.done:
                words = {"version": made.made.version}
                office.say(_("Version %(version)d of the text is kept.") % words)
                return office.to("letter_texts", found.number)
            status = made.status
    return office.page(
        "letter_text",
        found,
        status=status,
        form=form,
        language=language,
        version=now,
        fields=letter_text.FIELDS.items(),
        **_shown(found, language, form, now),
    )


@for_office(Role.SECRETARIAT, methods=("POST",))
def preview(office: Office, cycle: int, language: str) -> HttpResponse:
    """Typeset what is being written, for the picture beside it."""
    found = _cycle_or_404(office, cycle, language)
    now = letter_versions.current(found, language)
    form = _form(office, now, language)
    form.full_clean()
    shown = _shown(found, language, form, now)
    faults = {part: list(errors) for part, errors in form.errors.items()}
    return JsonResponse({"picture": shown["picture"], "too_long": shown["too_long"], "faults": faults})


def _cycle_or_404(office: Office, cycle: int, language: str) -> Cycle:
    found = office.cycle(cycle)
    if language not in letter_languages.spoken(found):
        raise Http404
    return found


def _form(office: Office, now: LetterText | None, language: str) -> LetterTextForm:
    return LetterTextForm(
        office.data,
        office.files,
        initial=letter_versions.parts_of(now, language),
        has_logo=now is not None and bool(now.logo),
        language=language,
    )


def _shown(cycle: Cycle, language: str, form: LetterTextForm, now: LetterText | None) -> dict[str, Any]:
    """Return the picture of the letter as it is written, as an address of its own; none while it has faults."""
    if form.is_bound and form.errors:
        return {"picture": "", "too_long": False}
    too_long = False
    try:
        written = _written(cycle, language, form, now)
        made = letter_versions.picture_of(written)
    except LetterTooLong:
        too_long = True
        made = letter_versions.picture_of(written, one_page=False)
    except LogoWrong as refusal:
        form.add_error("logo", str(refusal))
        return {"picture": "", "too_long": False}
    except GlyphsMissing as refusal:
        form.add_error(None, str(refusal))
        return {"picture": "", "too_long": False}
    return {"picture": f"data:image/png;base64,{base64.b64encode(made).decode()}", "too_long": too_long}


def _written(cycle: Cycle, language: str, form: LetterTextForm, now: LetterText | None) -> LetterText:
    """Return the text as it would be kept."""
    parts = form.parts() if form.is_bound else letter_versions.parts_of(now, language)
    text = LetterText(cycle=cycle, language=language, parts=parts)
    if now is not None and not (form.is_bound and form.cleaned_data.get("without_logo")):
        text.logo, text.logo_kind = now.logo, now.logo_kind
    sent = form.cleaned_data.get("logo") if form.is_bound else None
    if sent is not None:
        text.logo = sent.read()
        sent.seek(0)
        text.logo_kind = letter_versions.logo_kind(text.logo)
    return text
