"""Handing over to new members: the dossier as it stands, the office's own words, the versions, how many have read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.followup import handing_over
from isegoria_web.followup.handover_content import content_of
from isegoria_web.followup.handover_words import sections_of
from isegoria_web.followup.models import Legacy
from isegoria_web.membership.models import Member
from isegoria_web.web.backoffice.forms.fields import TextsField
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office
from isegoria_web.web.handovers import document_of


class IntroductionForm(forms.Form):
    """What the secretariat tells the members of a cycle that begins."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"] = TextsField(
            languages, rows=6, label=_("What should the new members know?"),
            help_text=_("Name no persons. It stands at the beginning of their dossier."),
        )  # fmt: skip


@for_office(Role.SECRETARIAT)
def handover(office: Office, cycle: int) -> HttpResponse:
    """Show the dossier as it would be handed over now, and take the office's own words for it."""
    found = office.cycle(cycle)
    written = Legacy.objects.filter(cycle=found, member__isnull=True).first()
    versions = list(found.handovers.prefetch_related("documents").order_by("-number"))

    def done(_made: object) -> HttpResponse:
        office.say(_("Your words are in the draft of the dossier."))
        return office.to("handover", found.number)

    return act_on(
        office,
        found,
        form=IntroductionForm(
            office.data, languages=office.languages, initial={"text": written.text} if written else None
        ),
        act=lambda data: handing_over.introduce(actor=office.actor, cycle=found, **data),
        done=done,
        template="handover",
        sections=sections_of(content_of(found)),
        versions=versions,
        confirmed=handing_over.confirmed_of(versions[0]) if versions else None,
        waiting=Member.objects.entering(found).count(),
        first_meeting=found.meetings.order_by("starts_at").first(),
    )


@for_office(Role.SECRETARIAT)
def give(office: Office, cycle: int) -> HttpResponse:
    """Hand the dossier over, after a warning."""
    found = office.cycle(cycle)

    def done(_made: object) -> HttpResponse:
        office.say(_("The dossier is handed over. The members are written to within the hour."))
        return office.to("handover", found.number)

    return decide_on(
        office,
        found,
        caution=Caution(
            title=_("Hand over this dossier?"),
            consequences=[
                _("It is frozen as it stands; the journal names its hash."),
                _("Every member who has a seat is asked by mail to read it and to confirm that."),
                _("What changes later is handed over as a new version, which they confirm anew."),
            ],
            submit=_("Hand it over"),
        ),
        act=lambda: handing_over.hand_over(actor=office.actor, cycle=found),
        done=done,
        back=office.url("handover", found.number),
    )


@for_office(Role.SECRETARIAT, methods=("GET", "HEAD"))
def document(office: Office, cycle: int, number: int, language: str) -> HttpResponse:
    """Give a dossier as it was printed in one language."""
    return document_of(office.cycle(cycle), number, language)
