"""The questionnaire before and after: opened, asked again, closed. Single replies are shown to nobody."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.evaluation import services
from isegoria_web.evaluation.enums import Phase
from isegoria_web.evaluation.models import Questionnaire
from isegoria_web.institutions.models import Cycle
from isegoria_web.web.backoffice.forms.fields import TextsField, lines_together
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office


class SentencesForm(forms.Form):
    """One sentence a line, in each language the same number."""

    def __init__(self, *args: object, cycle: Cycle, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they are
        self.fields["sentences"] = TextsField(
            list(cycle.institution.languages), rows=8, label=_("Sentences"),
            help_text=_("One sentence a line, in the same order in every language. Members say how much they agree."),
        )  # fmt: skip

    def clean_sentences(self) -> list[dict[str, str]]:
        """Take the lines of the languages together."""
        return lines_together(self.cleaned_data["sentences"])


@for_office(Role.SECRETARIAT)
def questionnaire(office: Office, cycle: int) -> HttpResponse:
    """Open the questionnaire of a cycle; once it is open, show where it stands."""
    found = office.cycle(cycle)
    asked = Questionnaire.objects.filter(cycle=found).first()
    if asked is not None and not office.is_post:
        return office.page("questionnaire", found, questionnaire=asked, phase=asked.phase)

    return act_on(
        office,
        found,
        form=SentencesForm(office.data, cycle=found),
        act=lambda data: services.open_questionnaire(actor=office.actor, cycle=found, sentences=data["sentences"]),
        done=office.then(_("The members are asked now. They find it on their home page."), "questionnaire", found.number),
        heading=_("What do the members think before and after?"),
        lead=_("The same sentences are asked twice. In the end sums with their intervals are published and every single reply is deleted."),
        submit=_("Ask the members"),
        back=office.url("cycle", found.number),
    )  # fmt: skip


@for_office(Role.SECRETARIAT)
def next_phase(office: Office, cycle: int) -> HttpResponse:
    """Ask again after the deliberation, and later close."""
    found = office.cycle(cycle)
    asked = Questionnaire.objects.select_related("cycle__institution").filter(cycle=found).first()
    if asked is None or asked.phase is None:
        raise Http404
    first = asked.phase == Phase.BEFORE
    act = services.ask_again if first else services.close_questionnaire

    def done(_made: Questionnaire) -> HttpResponse:
        office.say(
            _("The members are asked again.")
            if first
            else _("Counted and published; every single reply is deleted.")
        )
        return office.to("questionnaire", found.number)

    consequences = (
        [_("Replies of the first time can no longer be changed."), _("The members are asked the same sentences again.")]
        if first
        else [_("What changed is published, where at least five members replied both times."), _("Every single reply is deleted.")]
    )  # fmt: skip
    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Ask again, after the deliberation")
            if first
            else _("Close the questionnaire and count"),
            consequences=consequences,
            submit=_("Ask again") if first else _("Close and count"),
        ),
        act=lambda: act(actor=office.actor, questionnaire=asked),
        done=done,
        back=office.url("questionnaire", found.number),
    )
