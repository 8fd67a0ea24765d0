"""Where a member decides whether she stands in public by name, and by which; nobody else can."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from isegoria_web.errors import Invalid, ServiceError
from isegoria_web.institutions.models import Institution
from isegoria_web.membership import naming
from isegoria_web.membership.models import Member
from isegoria_web.web.access import required_actor
from isegoria_web.web.members.views import for_members, own_page
from isegoria_web.web.naming import name_rule
from isegoria_web.web.places import Own


class PublicNameForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name for the public"),
        max_length=naming.LONGEST,
        strip=False,  # what cannot be seen is refused by name, not cut off
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Your whole name, your first name, or one by which only friends know you."),
    )
    agreed = forms.BooleanField(
        label=gettext_lazy(
            "I want everybody to be able to read this name here and in what others copy from here."
        ),
        error_messages={
            "required": gettext_lazy("Without your agreement nothing is shown. Tick it, or stay a number.")
        },
    )


@for_members
@require_http_methods(["GET", "POST"])
def public_name(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Say how she stands in public and what the rule book says of it, and take the name by which she wishes to."""
    rule = name_rule(own.member.cycle)
    form = PublicNameForm(request.POST or None, initial={"name": own.member.public_name})
    if request.method == "POST" and form.is_valid():
        try:
            naming.show_name(
                actor=required_actor(request), member=own.member, name=form.cleaned_data["name"]
            )
        except ServiceError as refusal:
            field = "name" if isinstance(refusal, Invalid) else None
            form.add_error(field, [str(refusal.problem), str(refusal.way_out)])
        else:
            messages.success(request, _("From now on you stand in public by this name."))
            return redirect(own.address("members:public_name", institution.slug))
    before = Member.objects.filter(user=own.member.user_id, cycle__institution=institution).exclude(
        pk=own.member.pk
    )
    return own_page(
        request, "public_name", institution, own, form=form, rule=rule,
        shown=naming.names_in_public([own.member]).get(own.member.pk, ""),
        before=before.exclude(public_name="").select_related("cycle"),
    )  # fmt: skip


@for_members
@require_POST
def withdraw(request: HttpRequest, institution: Institution, own: Own, cycle: int) -> HttpResponse:
    """Make her a number again in one of the cycles in which she sits or sat."""
    rows = Member.objects.filter(user=own.member.user_id, cycle__institution=institution)
    naming.withdraw_name(actor=required_actor(request), member=get_object_or_404(rows, cycle__number=cycle))
    messages.success(request, _("Your name is deleted. In public you are a number again."))
    return redirect(own.address("members:public_name", institution.slug))
