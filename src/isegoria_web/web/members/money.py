"""What a member is paid: her claims, her ceilings, her account. Nobody else sees this page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from isegoria_web import clock
from isegoria_web.allowances import algorithms, services
from isegoria_web.allowances.enums import CostKind, Scheme
from isegoria_web.allowances.models import Account, Claim
from isegoria_web.errors import ServiceError
from isegoria_web.institutions.models import Institution
from isegoria_web.web.access import required_actor
from isegoria_web.web.members.views import for_members, own_page
from isegoria_web.web.money_field import EurosField
from isegoria_web.web.places import Own


class AccountForm(forms.Form):
    account = forms.CharField(
        label=gettext_lazy("Account number (IBAN)"),
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    holder = forms.CharField(
        label=gettext_lazy("Name of the account holder"),
        max_length=70,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class DeclarationForm(forms.Form):
    elsewhere_cents = EurosField(
        label=gettext_lazy("Allowances for volunteers from other organisations this year, in euros"),
        min_value=0,
        help_text=gettext_lazy("All of them together, as of today. Nothing? Write 0."),
    )


class CostForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What for?"), widget=forms.RadioSelect)
    day = forms.DateField(
        label=gettext_lazy("On which day?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    cents = EurosField(label=gettext_lazy("How much, in euros?"), min_value=Decimal("0.01"))
    note = forms.CharField(label=gettext_lazy("What was it?"), max_length=200, required=False)
    receipt = forms.FileField(
        label=gettext_lazy("Receipt"), help_text=gettext_lazy("PDF, PNG or JPEG, at most five megabytes.")
    )

    def __init__(self, *args: Any, kinds: list[CostKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
        field.choices = [(kind.value, kind.label) for kind in kinds]
        field.initial = kinds[0].value if kinds else None


@for_members
@require_safe
def overview(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Show her claims, what is left under the ceilings, and what is missing."""
    today = clock.today(institution.time_zone)
    version = own.cycle.rule_book
    scheme = algorithms.scheme_of(version)
    claims = Claim.objects.filter(member__user=own.member.user_id, institution=institution).select_related(
        "meeting"
    )
    return own_page(
        request, "money", institution, own,
        scheme=scheme,
        asks_declaration=scheme == Scheme.VOLUNTEER,
        standing=services.standing_of(own.member, own.cycle, today.year, today),
        claims=claims.order_by("-day", "-number"),
        account=Account.objects.filter(member=own.member, erased_at__isnull=True).first(),
        costs=algorithms.kinds_paid_back(version),
        year=today.year,
    )  # fmt: skip


@for_members
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Take her account."""
    form = AccountForm(request.POST or None)
    return _act(
        request, institution, own, form,
        act=lambda told: services.give_account(actor=required_actor(request), member=own.member, **told),
        heading=_("Where shall we pay you?"),
        lead=_("It is sealed. Only a payment file opens it, and it is erased when it is no longer needed."),
        submit=_("Save the account"), done=_("Your account is saved."),
    )  # fmt: skip


@for_members
@require_http_methods(["GET", "POST"])
def declaration(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Take what she gets elsewhere."""
    year = clock.today(institution.time_zone).year
    form = DeclarationForm(request.POST or None)
    return _act(
        request, institution, own, form,
        act=lambda told: services.declare(actor=required_actor(request), member=own.member, year=year, **told),
        heading=_("What do you get elsewhere in %(year)d?") % {"year": year},
        lead=_("The ceilings of the law count over all organisations. We pay nothing above them, so that you owe no tax."),
        submit=_("Declare this"), done=_("Your declaration is saved."),
    )  # fmt: skip


@for_members
@require_http_methods(["GET", "POST"])
def costs(request: HttpRequest, institution: Institution, own: Own) -> HttpResponse:
    """Take a cost with its receipt."""
    kinds = algorithms.kinds_paid_back(own.cycle.rule_book)
    form = CostForm(request.POST or None, request.FILES or None, kinds=kinds)

    def act(told: dict[str, Any]) -> Claim:
        receipt = told["receipt"].read(services.LARGEST_RECEIPT + 1)
        return services.claim_costs(
            actor=required_actor(request), member=own.member, day=told["day"], kind=CostKind(told["kind"]),
            cents=told["cents"], note=told["note"], receipt=receipt,
        )  # fmt: skip

    return _act(
        request, institution, own, form, act=act, heading=_("Claim a cost"),
        lead=_("For a day on which you were at a meeting, or the day before or after. A second person looks at it."),
        submit=_("Claim it"), done=_("Your claim is in. You see here what becomes of it."),
    )  # fmt: skip


def _act(
    request: HttpRequest,
    institution: Institution,
    own: Own,
    form: forms.Form,
    *,
    act: Any,
    heading: str,
    lead: str,
    submit: str,
    done: str,
) -> HttpResponse:
    status = 200 if request.method != "POST" else 422
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except ServiceError as refusal:
            form.add_error(None, [str(refusal.problem), str(refusal.way_out)])
            status = refusal.status
        else:
            messages.success(request, done)
            return redirect(own.address("members:money", institution.slug))
    return own_page(
        request, "money_form", institution, own, status=status, form=form, heading=heading, lead=lead,
        submit=submit,
    )  # fmt: skip
