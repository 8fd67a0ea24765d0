from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from isegoria_web.accounts.models import User
from isegoria_web.allowances.enums import ClaimStatus, CostKind, Scheme, TransferStatus
from isegoria_web.allowances.querysets import ClaimQuerySet
from isegoria_web.institutions.models import Institution, RuleBookVersion
from isegoria_web.meetings.models import Meeting
from isegoria_web.membership.models import Member


class Payer(models.Model):
    """The institution's own account, from which is paid."""

    institution = models.OneToOneField(Institution, on_delete=models.PROTECT, related_name="payer")
    name = models.CharField(max_length=70)
    iban = models.CharField(max_length=34)
    bic = models.CharField(max_length=11, blank=True)


class Account(models.Model):
    """Where a member is paid: number and holder sealed, erased on their date."""

    member = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="account")
    sealed = models.TextField(blank=True)
    tail = models.CharField(max_length=4, blank=True)  # so that she recognises it
    given_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)


class Declaration(models.Model):
    """What a member says she gets elsewhere in a year under the same ceilings; the newest counts."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="declarations")
    year = models.PositiveIntegerField()
    elsewhere_cents = models.PositiveIntegerField()
    declared_at = models.DateTimeField()

    class Meta:
        ordering = ["member", "year", "pk"]


class Claim(models.Model):
    """What a member is to get, for a meeting or for a cost, with the rule it rests on."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="claims")
    number = models.PositiveIntegerField()
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="claims")
    rule_book = models.ForeignKey(RuleBookVersion, on_delete=models.PROTECT, related_name="claims")
    scheme = models.CharField(max_length=20, choices=Scheme.choices)
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, blank=True, related_name="claims"
    )
    per = models.CharField(max_length=10, blank=True)  # half_day, day, meeting; empty for costs
    cost = models.CharField(max_length=20, choices=CostKind.choices, blank=True)
    note = models.CharField(max_length=200, blank=True)
    receipt = models.FileField(upload_to="receipts/", blank=True)
    day = models.DateField()
    due_cents = models.PositiveIntegerField()  # before the ceilings
    cents = models.PositiveIntegerField()
    rule = models.CharField(max_length=120, blank=True)  # empty: the institution's own amount
    cut_rule = models.CharField(max_length=120, blank=True)  # the ceiling that cut it
    status = models.CharField(max_length=20, choices=ClaimStatus.choices, default=ClaimStatus.CLAIMED)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    refusal = models.CharField(max_length=300, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["institution", "number"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="one_claim_per_number"),
            models.UniqueConstraint(
                fields=["member", "meeting"], condition=~Q(scheme="costs"), name="a_meeting_is_paid_once"
            ),
            models.UniqueConstraint(
                fields=["member", "day"], condition=Q(per="day"), name="a_day_is_paid_once"
            ),
            models.CheckConstraint(
                condition=Q(cents__gte=1, due_cents__gte=F("cents")),
                name="a_claim_is_no_more_than_what_is_due",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("made_by")),
                name="a_claim_is_decided_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "sent", "paid", "refused"])
                | Q(decided_by__isnull=False),
                name="nothing_is_paid_undecided",
            ),
        ]


class PaymentFile(models.Model):
    """A file of transfers for the bank; its contents are sealed and erased on their date, its sums stay."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="payment_files")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    execute_on = models.DateField()
    transfers_count = models.PositiveIntegerField()
    total_cents = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    sealed = models.TextField(blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["institution", "number"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="one_payment_file_per_number")
        ]


class Transfer(models.Model):
    """A claim in a payment file; in no other, unless the bank returned it."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="transfers")
    file = models.ForeignKey(PaymentFile, on_delete=models.PROTECT, related_name="transfers")
    end_to_end = models.CharField(max_length=35, unique=True)
    cents = models.PositiveIntegerField()
    status = models.CharField(max_length=20, choices=TransferStatus.choices, default=TransferStatus.SENT)

    class Meta:
        ordering = ["file", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(status__in=["sent", "paid"]), name="a_claim_is_paid_once"
            )
        ]
