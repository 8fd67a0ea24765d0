"""What a member gets from those before her, and what she leaves to those after her."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from isegoria_web.followup import handing_over, policies
from isegoria_web.followup.handover_words import sections_of
from isegoria_web.followup.models import Handover, Legacy
from isegoria_web.institutions.models import Institution
from isegoria_web.translated import in_language, language_of
from isegoria_web.web.access import required_actor
from isegoria_web.web.handovers import document_of
from isegoria_web.web.members.forms import LONGEST_TEXT, WrittenForm
from isegoria_web.web.members.views import for_members, own_page
from isegoria_web.web.places import Own


class SeenForm(forms.Form):
    """Which version she had before her eyes when she confirmed."""

    seen = forms.IntegerField(min_value=1)


class LegacyForm(WrittenForm):
    text = forms.CharField(
        label=gettext_lazy("What should the next members know?"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy("What worked, what did not, what is left open. Name no persons."),
    )
    field_order = ["text", "language"]


@for_members
@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Show the newest dossier, and take her word that she has read it."""
    found = Handover.objects.newest_of(own.cycle)
    if request.method == "POST":
        handing_over.confirm(actor=required_actor(request), handover=_seen(request, own))
        messages.success(request, _("Thank you. The secretariat sees how many have read it."))
        return redirect(own.address("members:handover", institution.slug))
    return own_page(
        request, "handover", institution, own, handover=found,
        sections=sections_of(found.content) if found else [],
        confirmed=own.member.handover_confirmations.filter(handover=found).first() if found else None,
        may_confirm=found is not None and policies.receiving(required_actor(request), found) is not None,
        documents=found.documents.all() if found else [],
    )  # fmt: skip


@for_members
@require_safe
def document(
    request: HttpRequest,  # noqa: ARG001
    institution: Institution,  # noqa: ARG001
    own: Own,
    number: int,
    language: str,
) -> HttpResponse:
    """Give a dossier as it was printed in one language."""
    return document_of(own.cycle, number, language)


@for_members
@require_http_methods(["GET", "POST"])
def pass_on(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Take what she wants the next cohort to know."""
    written = Legacy.objects.filter(cycle=own.cycle, member=own.member).first()
    form = LegacyForm(request.POST or None, initial=_as_written(written))
    if request.method == "POST" and form.is_valid():
        handing_over.pass_on(
            actor=required_actor(request), cycle=own.cycle,
            text={form.cleaned_data["language"]: form.cleaned_data["text"]},
        )  # fmt: skip
        messages.success(request, _("Your words are kept for the next members."))
        return redirect(own.address("members:pass_on", institution.slug))
    return own_page(request, "pass_on", institution, own, form=form, written=written)


def _seen(request: HttpRequest, own: Own) -> Handover:
    form = SeenForm(request.POST)
    if not form.is_valid():
        raise Http404
    return get_object_or_404(
        Handover.objects.select_related("cycle__institution"),
        cycle=own.cycle, number=form.cleaned_data["seen"],
    )  # fmt: skip


def _as_written(written: Legacy | None) -> dict[str, Any] | None:
    """What she wrote before, to go on with; None where she wrote nothing."""
    if written is None:
        return None
    return {"text": in_language(written.text), "language": language_of(written.text)}
