"""A member brings a theme for the agenda."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from isegoria_web.consultation import algorithms, services
from isegoria_web.consultation.enums import Channel, ProposerKind
from isegoria_web.consultation.services import LONGEST, Proposal
from isegoria_web.errors import ServiceError
from isegoria_web.institutions.models import Institution
from isegoria_web.web.access import required_actor
from isegoria_web.web.members.views import for_members, own_page
from isegoria_web.web.places import Own


class ThemeForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("The theme in a few words"), max_length=LONGEST["title"])
    explanation = forms.CharField(
        label=gettext_lazy("What is it about?"),
        max_length=LONGEST["explanation"],
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why is it a theme for drawn citizens?"),
        max_length=LONGEST["reason"],
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language in which you write"), choices=settings.LANGUAGES
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()


@for_members
@require_http_methods(["GET", "POST"])
def theme(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Take a member's theme; she needs neither a mail nor signatures."""
    entitled, _rule = algorithms.proposers(institution.rule_books.latest("number"))
    form = ThemeForm(request.POST or None) if ProposerKind.MEMBER in entitled else None
    if form is not None and request.method == "POST" and form.is_valid():
        try:
            made = services.propose(
                actor=required_actor(request), institution=institution, kind=ProposerKind.MEMBER, channel=Channel.WEB,
                proposal=Proposal(**form.cleaned_data, name=""),
            )  # fmt: skip
        except ServiceError as refusal:
            form.add_error(None, [str(refusal.problem), str(refusal.way_out)])
        else:
            messages.success(request, _("Your theme is number %(number)d.") % {"number": made.number})
            return redirect("public:theme", institution.slug, made.number)
    return own_page(request, "theme", institution, own, form=form)
