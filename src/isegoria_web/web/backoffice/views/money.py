"""Allowances in the office: claims made, decided by a second person, exported, paid, and told to the tax office."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from isegoria_web.accounts.enums import Role
from isegoria_web.allowances import algorithms, paying, services
from isegoria_web.allowances.enums import ClaimStatus, Scheme
from isegoria_web.allowances.models import Claim, Payer, PaymentFile
from isegoria_web.errors import ServiceError
from isegoria_web.web.backoffice.forms.fields import DayField
from isegoria_web.web.backoffice.office import Caution, Office, act_on, decide_on, for_office
from isegoria_web.web.money_field import EurosField
from isegoria_web.web.templatetags.isegoria import euros

READS = ("GET", "HEAD")
FIRST_YEAR = 2000


class ComputeForm(forms.Form):
    """The amount of a day, where the rule book names ceilings alone."""

    def __init__(self, *args: Any, asks: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks:
            self.fields["cents"] = EurosField(
                label=_("Amount of a day, in euros"), min_value=0,
                help_text=_("The rule book names ceilings and no amount; it is published as the institution's own."),
            )  # fmt: skip


class PayerForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the account holder"), max_length=70)
    account = forms.CharField(label=gettext_lazy("Account number (IBAN)"), max_length=50)
    bic = forms.CharField(label=gettext_lazy("Code of the bank (BIC)"), max_length=11, required=False)


class FileForm(forms.Form):
    execute_on = DayField(label=gettext_lazy("Day on which the bank pays"))


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why?"), max_length=300, help_text=gettext_lazy("The member reads it.")
    )


class PaidForm(forms.Form):
    """What came back, if anything did."""

    def __init__(self, *args: Any, claims: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["returned"] = forms.MultipleChoiceField(
            label=_("Which transfers did the bank return?"), choices=[(str(each), _("Claim %d") % each) for each in claims],
            widget=forms.CheckboxSelectMultiple, required=False,
        )  # fmt: skip


class YearForm(forms.Form):
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=FIRST_YEAR, max_value=2200)


@for_office(Role.SECRETARIAT, methods=READS)
def overview(office: Office) -> HttpResponse:
    """Show what waits for a second person, what can be paid, the files, and where to begin."""
    claims = Claim.objects.filter(institution=office.institution).select_related(
        "member__cycle", "member__respondent", "meeting", "made_by"
    )
    waiting = list(claims.filter(status=ClaimStatus.CLAIMED).order_by("day", "number"))
    payable = paying.payable(office.institution)
    approved = claims.filter(status=ClaimStatus.APPROVED).count()
    return office.page(
        "money",
        waiting=[
            (claim, office.actor.user is not None and claim.made_by_id != office.actor.user.pk)
            for claim in waiting
        ],
        payable=len(payable),
        payable_cents=sum(claim.cents for claim in payable),
        without_account=approved - len(payable),
        files=office.institution.payment_files.order_by("-number"),
        payer=Payer.objects.filter(institution=office.institution).first(),
        scheme=algorithms.scheme_of(office.institution.rule_books.latest("number")),
    )


@for_office(Role.SECRETARIAT)
def compute(office: Office) -> HttpResponse:
    """Make claims of the attendances that have none."""
    version = office.institution.rule_books.latest("number")
    paid_by_day = algorithms.scheme_of(version) in {Scheme.VOLUNTEER, Scheme.FEE}
    asks = paid_by_day and algorithms.rate_on(version, office.today()) is None

    def made(found: services.Computed) -> HttpResponse:
        words = {"made": found.made, "cut": found.cut}
        office.say(_("%(made)d claims were made, %(cut)d of them cut by a ceiling.") % words)
        for sentence, numbers in (
            (_("No declaration yet: members %(numbers)s."), found.undeclared),
            (_("A ceiling is reached: members %(numbers)s."), found.stopped),
        ):
            if numbers:
                listed = ", ".join(str(each) for each in sorted(set(numbers)))
                messages.warning(office.request, sentence % {"numbers": listed})
        return office.to("money")

    return act_on(
        office,
        None,
        form=ComputeForm(office.data, asks=asks),
        act=lambda data: services.compute_claims(
            actor=office.actor,
            institution=office.institution,
            own_cents=data.get("cents"),
        ),
        done=made,
        heading=_("Make claims of the attendances"),
        lead=_(
            "Every attendance at a meeting that is over becomes one claim, once. A colleague approves them."
        ),
        submit=_("Make the claims"),
        back=office.url("money"),
    )


@for_office(Role.SECRETARIAT, methods=("POST",))
def approve(office: Office) -> HttpResponse:
    """Approve the claims that were ticked; each that cannot be is named with the reason."""
    ticked = set(office.request.POST.getlist("claim"))
    waiting = Claim.objects.filter(institution=office.institution, status=ClaimStatus.CLAIMED).order_by(
        "number"
    )
    done = 0
    for claim in [each for each in waiting if str(each.number) in ticked]:
        try:
            services.approve(actor=office.actor, claim=claim)
            done += 1
        except ServiceError as refusal:
            words = {"number": claim.number, "problem": refusal.problem}
            messages.warning(office.request, _("Claim %(number)d: %(problem)s") % words)
    office.say(_("%(count)d claims are approved.") % {"count": done})
    return office.to("money")


@for_office(Role.SECRETARIAT)
def refuse(office: Office, claim: UUID) -> HttpResponse:
    """Refuse a claim with a reason."""
    one = get_object_or_404(Claim, institution=office.institution, public_id=claim)

    return act_on(
        office,
        None,
        form=RefuseForm(office.data),
        act=lambda data: services.refuse(actor=office.actor, claim=one, reason=data["reason"]),
        done=office.then(_("The claim is refused; the member reads why."), "money"),
        heading=_("Refuse claim %(number)d") % {"number": one.number},
        submit=_("Refuse the claim"),
        back=office.url("money"),
    )


@for_office(Role.SECRETARIAT, methods=READS)
def receipt(office: Office, claim: UUID) -> HttpResponse:
    """Show the receipt of a cost."""
    one = get_object_or_404(Claim, institution=office.institution, public_id=claim)
    if not one.receipt:
        raise Http404
    with one.receipt.open() as file:
        content = file.read()
    ending = PurePath(str(one.receipt.name)).suffix
    return _download(content, f"claim-{one.number}{ending}", "application/octet-stream")


@for_office(Role.SECRETARIAT)
def payer(office: Office) -> HttpResponse:
    """Enter the account from which is paid."""
    known = Payer.objects.filter(institution=office.institution).first()
    initial = {"name": known.name, "account": known.iban, "bic": known.bic} if known else None

    return act_on(
        office,
        None,
        form=PayerForm(office.data, initial=initial),
        act=lambda data: services.name_payer(actor=office.actor, institution=office.institution, **data),
        done=office.then(_("Payments leave from this account now."), "money"),
        heading=_("From which account is paid?"),
        submit=_("Save the account"),
        back=office.url("money"),
    )


@for_office(Role.SECRETARIAT)
def new_file(office: Office) -> HttpResponse:
    """Make a payment file of every approved claim that can be paid."""
    payable = paying.payable(office.institution)

    def made(file: PaymentFile) -> HttpResponse:
        office.say(_("Payment file %(number)d is ready. Take it to the bank.") % {"number": file.number})
        return office.to("payment_file", file.number)

    return act_on(
        office,
        None,
        form=FileForm(office.data, initial={"execute_on": office.today() + timedelta(days=1)}),
        act=lambda data: paying.make_file(
            actor=office.actor, institution=office.institution, execute_on=data["execute_on"]
        ),
        done=made,
        caution=lambda data: Caution(
            title=_("Make this payment file?"),
            consequences=[
                _("Each of these claims is in this file and in no other."),
                _("The file holds names and account numbers: take it to the bank and keep no copy."),
            ],
            submit=_("Make the file"),
            facts={
                _("Transfers"): len(payable),
                _("Sum"): euros(sum(claim.cents for claim in payable)),
                _("Day of payment"): data["execute_on"],
            },
        ),
        heading=_("Make a payment file"),
        submit=_("Go on"),
        back=office.url("money"),
    )


@for_office(Role.SECRETARIAT)
def payment_file(office: Office, number: int) -> HttpResponse:
    """Show a payment file; mark it as paid, with what came back."""
    file = _file(office, number)
    claims = list(file.transfers.values_list("claim__number", flat=True))

    return act_on(
        office,
        None,
        form=PaidForm(office.data, claims=claims),
        template="payment_file",
        act=lambda data: paying.mark_paid(
            actor=office.actor, file=file, returned=[int(each) for each in data["returned"]]
        ),
        done=office.then(_("The file is marked as paid."), "payment_file", file.number),
        file=file,
        transfers=file.transfers.select_related("claim__member"),
    )


@for_office(Role.SECRETARIAT)
def take_file(office: Office, number: int) -> HttpResponse:
    """Give the payment file for the bank."""
    file = _file(office, number)
    return decide_on(
        office,
        None,
        caution=Caution(
            title=_("Take the payment file?"),
            consequences=[
                _("It holds names and account numbers: take it to the bank and keep no copy."),
                _("The journal says that somebody of the secretariat took it."),
            ],
            submit=_("Take the file"),
            facts={_("Transfers"): file.transfers_count, _("Sum"): euros(file.total_cents)},
            irreversible=False,
        ),
        act=lambda: paying.content_of(actor=office.actor, file=file),
        done=lambda content: _download(content, f"payments-{file.number}.xml", "application/xml"),
        back=office.url("payment_file", file.number),
    )


@for_office(Role.SECRETARIAT)
def year(office: Office) -> HttpResponse:
    """Give the table of what was paid in a year."""
    return act_on(
        office,
        None,
        form=YearForm(office.data, initial={"year": office.today().year}),
        act=lambda data: (
            data["year"],
            paying.year_table(actor=office.actor, institution=office.institution, year=data["year"]),
        ),
        done=lambda made: _download(made[1].encode(), f"paid-{made[0]}.csv", "text/csv; charset=utf-8"),
        heading=_("What was paid in a year"),
        lead=_(
            "One line a claim, with the person and the day: for fiscal forms, and for the list of volunteers."
        ),
        submit=_("Take the table"),
        back=office.url("money"),
    )


def _file(office: Office, number: int) -> PaymentFile:
    return get_object_or_404(
        PaymentFile.objects.select_related("institution"), institution=office.institution, number=number
    )


def _download(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
