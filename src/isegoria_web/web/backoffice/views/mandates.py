"""Changing a mandate: the secretariat while it is a draft, the authority by a new version that everybody sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from isegoria_web.accounts.enums import Role
from isegoria_web.consultation import adopting
from isegoria_web.consultation.policies import adopting_body
from isegoria_web.institutions import mandates
from isegoria_web.institutions.models import Cycle
from isegoria_web.web.backoffice.forms.fields import SumField, TextsField
from isegoria_web.web.backoffice.office import Caution, Office, act_on, for_office


class MandateForm(forms.Form):
    """What a mandate says, and why it changes once it was signed."""

    def __init__(self, *args: Any, languages: Sequence[str], signed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"] = TextsField(languages, label=_("Title"))
        self.fields["question"] = TextsField(languages, rows=3, label=_("The question to the citizens"))
        self.fields["scope"] = TextsField(languages, rows=4, label=_("What may be decided, and what not"))
        self.fields["promised_answer_days"] = SumField(
            label=_("The authority promises to answer within (days)"),
            min_value=1,
            max_value=1000,
            required=False,
        )
        if signed:
            self.fields["reasons"] = TextsField(
                languages, rows=3, label=_("Why does it change?"), help_text=_("The reasons are published.")
            )


class QuestionForm(forms.Form):
    """Another question for a mandate that was signed, which a body has to adopt first."""

    def __init__(self, *args: Any, languages: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["question"] = TextsField(languages, rows=3, label=_("The question to the citizens"))


@for_office(Role.AUTHORITY, Role.SECRETARIAT)
def change(office: Office, cycle: int) -> HttpResponse:
    """Change the draft, or sign a new version."""
    found = office.cycle(cycle)
    signed = found.mandate_signed_at is not None
    if not office.has(Role.AUTHORITY if signed else Role.SECRETARIAT):
        raise Http404
    initial = {
        name: getattr(found, name) for name in ("title", "question", "scope", "promised_answer_days")
    }
    adopted = adopting.last_adopted(found) if signed and adopting_body(found) is not None else None
    if adopted is not None:
        initial["question"] = adopted.terms["question"]  # no other can be signed
    form = MandateForm(office.data, languages=office.languages, signed=signed, initial=initial)

    def done(_made: object) -> HttpResponse:
        office.say(_("The new version is public.") if signed else _("The draft is changed."))
        return office.to("mandate", found.number)

    return act_on(
        office,
        found,
        form=form,
        act=lambda data: _act(office, found, data, signed=signed),
        done=done,
        caution=_caution if signed else None,
        heading=_("Sign a new version of the mandate") if signed else _("Change the draft"),
        submit=_("Go on") if signed else _("Save the draft"),
        back=office.url("mandate", found.number),
    )


def _act(office: Office, cycle: Cycle, data: dict[str, Any], *, signed: bool) -> object:
    if signed:
        return mandates.revise(actor=office.actor, cycle=cycle, **data)
    return mandates.change_draft(actor=office.actor, cycle=cycle, **data)


def _caution(data: dict[str, Any]) -> Caution:
    return Caution(
        title=_("Sign this version?"),
        consequences=[
            _("Everybody sees the version before, this one, the difference and your reasons."),
            _("The version before stays public for good."),
        ],
        submit=_("Sign the new version"),
        facts={_("The question to the citizens"): data["question"], _("Reasons"): data["reasons"]},
    )
