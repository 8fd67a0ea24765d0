"""The fixed sentences of form, e-mails and reminders in a further language: a file for the translator, there and back."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.institutions.models import Cycle
from isegoria_web.recruitment import sentence_versions
from isegoria_web.recruitment.errors import Faulty, SentencesWrong
from isegoria_web.recruitment.models import FixedSentences, LetterLanguage
from isegoria_web.translated import LANGUAGES
from isegoria_web.web.backoffice.forms.letters import SentencesForm
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office
from isegoria_web.web.fixed_sentences import fixed_sentences
from isegoria_web.web.templatetags.isegoria import spoken

PO = "text/x-gettext-translation; charset=utf-8"


@dataclass(frozen=True)
class Translated:
    """How many of how many sentences are translated in the newest version, and how many residents read."""

    newest: FixedSentences | None
    of: int
    written: int
    read: int


def translated(made: LetterLanguage) -> Translated | None:
    """Return how far the fixed sentences of a further language are; None for one that the software speaks."""
    if made.language in LANGUAGES:
        return None
    asked, institution = fixed_sentences(), made.cycle.institution
    newest = sentence_versions.newest(institution, made.language)
    shown = sentence_versions.confirmed(institution, made.language)
    written = newest.texts if newest else {}
    return Translated(
        newest,
        len(asked),
        sentence_versions.count_translated(asked, written, made.language),
        sentence_versions.count_translated(asked, shown, made.language),
    )


@for_office(Role.SECRETARIAT)
def sentences(office: Office, cycle: int, language: str) -> HttpResponse:
    """Show how far the translation is, and take a translator's file."""
    found = office.cycle(cycle)
    made = _further_or_404(found, language)
    faults: list[Faulty] = []

    def keep(content: bytes) -> FixedSentences:
        try:
            return sentence_versions.save_sentences(
                actor=office.actor, made=made, content=content, asked=fixed_sentences()
            )
        except SentencesWrong as refusal:
            faults.extend(refusal.faults)
            raise

    return act_on(
        office, found, form=SentencesForm(office.data, office.files), template="letter_sentences",
        act=lambda data: keep(data["file"].read(sentence_versions.LARGEST_FILE + 1)),
        done=office.then(_("The file is kept as a new version."), "letter_sentences", found.number, language),
        language=language, made=made, faults=faults, progress=translated(made),
        starts=sentence_versions.start_of(language) is not None,
        versions=FixedSentences.objects.filter(institution=office.institution, language=language)
        .defer("texts").select_related("by", "confirmed_by").order_by("-version"),
    )  # fmt: skip


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def file(office: Office, cycle: int, language: str) -> HttpResponse:
    """Give every sentence as a PO file, with what is translated so far."""
    made = _further_or_404(office.cycle(cycle), language)
    newest = sentence_versions.newest(office.institution, language)
    content = sentence_versions.file_of(
        fixed_sentences(), language, newest.texts if newest else {}, made.fixed
    )
    response = HttpResponse(content, content_type=PO)
    response["Content-Disposition"] = f'attachment; filename="{office.institution.slug}-{language}.po"'
    return response


@for_office(Role.SECRETARIAT, methods=("POST",))
def start(office: Office, cycle: int, language: str) -> HttpResponse:
    """Take the translation that comes along, as a draft."""
    found = office.cycle(cycle)
    made = _further_or_404(found, language)
    sentence_versions.take_start(actor=office.actor, made=made, asked=fixed_sentences())
    office.say(
        _("It is kept as a draft: have it checked by somebody who knows the language, then confirm it.")
    )
    return office.to("letter_sentences", found.number, language)


@for_office(Role.SECRETARIAT)
def confirm(office: Office, cycle: int, language: str, version: int) -> HttpResponse:
    """Let residents read a version that somebody has checked."""
    found = office.cycle(cycle)
    made = _further_or_404(found, language)
    get_object_or_404(FixedSentences, institution=office.institution, language=language, version=version)
    return decide_on(
        office, found,
        caution=Caution(
            title=_("Let residents read these sentences?"),
            consequences=[
                _("Somebody who knows the language has read them, also the consent."),
                _("Pages, e-mails and reminders in this language use them from now on, in every cycle."),
            ],
            submit=_("Confirm"),
            facts={_("Language"): spoken(language), _("Version"): str(version)},
        ),
        act=lambda: sentence_versions.confirm_sentences(actor=office.actor, made=made, version=version),
        done=office.then(_("Residents read them from now on."), "letter_sentences", found.number, language),
        back=office.url("letter_sentences", found.number, language),
    )  # fmt: skip


def _further_or_404(cycle: Cycle, language: str) -> LetterLanguage:
    """Return a further language, or say that the page does not exist: the software's own are translated with it."""
    if language in LANGUAGES:
        raise Http404
    return language_or_404(cycle, language)


def language_or_404(cycle: Cycle, language: str) -> LetterLanguage:
    """Return a further language of a cycle, or say that the page does not exist."""
    made = LetterLanguage.objects.select_related("cycle__institution")
    return get_object_or_404(made, cycle=cycle, language=language)
