from __future__ import annotations

import hashlib
import uuid

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models

from isegoria_web.institutions.enums import ElectionKind, Level, ProposalStatus, Stage, Status
from isegoria_web.institutions.querysets import CycleQuerySet
from isegoria_web.journal.models import Chain
from isegoria_web.translated import TextsField

USUAL_ZONE = "Europe/Brussels"
"""Where a rule book names no time zone."""


class Authority(models.Model):
    """The public authority that founds an institution and must answer it."""

    slug = models.SlugField(unique=True)
    name = TextsField()
    level = models.CharField(max_length=20, choices=Level.choices)


class Institution(models.Model):
    """A standing body of citizens with its rule book."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="institutions")
    slug = models.SlugField(unique=True)
    name = TextsField()
    summary = TextsField()
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PROPOSED)
    languages = models.JSONField(default=list)
    time_zone = models.CharField(max_length=50, default=USUAL_ZONE)
    accent = models.CharField(
        max_length=7, default="#1f4e79", validators=[RegexValidator(r"^#[0-9a-f]{6}$")]
    )
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    is_demonstration = models.BooleanField(default=False)
    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, related_name="institution")
    founded_on = models.DateField()


class StatusChange(models.Model):
    """That an institution was suspended, renewed, abolished …: since when, why, and by which rule; public for ever."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="status_changes")
    number = models.PositiveIntegerField()
    verb = models.CharField(max_length=20)
    before = models.CharField(max_length=20, choices=Status.choices)
    after = models.CharField(max_length=20, choices=Status.choices)
    reasons = TextsField()
    rule = models.CharField(max_length=120, blank=True)  # empty: no rule asks, the authority decided
    rule_book = models.ForeignKey(
        "RuleBookVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    until = models.DateField(null=True, blank=True)  # the day from which it is to work again
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["institution", "number"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="one_status_change_per_number"),
            models.CheckConstraint(condition=~models.Q(reasons={}), name="a_changed_status_says_why"),
            models.CheckConstraint(
                condition=models.Q(rule="") | models.Q(rule_book__isnull=False),
                name="a_rule_is_named_with_its_version",
            ),
        ]


class Funding(models.Model):
    """From which budget line an institution is paid, how much a year and for which years; public, and never rewritten.

    A later row takes the place of an earlier one.
    """

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="funding")
    number = models.PositiveIntegerField()
    line = models.CharField(max_length=200)  # as the budget names it
    source = models.CharField(max_length=200)  # who pays
    euros_a_year = models.PositiveBigIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)  # the last day; empty: until another line is named
    named_at = models.DateTimeField()

    class Meta:
        ordering = ["institution", "number"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="one_funding_per_number"),
            models.CheckConstraint(
                condition=~models.Q(line="") & ~models.Q(source=""), name="a_funding_names_line_and_source"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="a_funding_ends_after_it_begins",
            ),
        ]


class Election(models.Model):
    """A day of election that the rule book may keep a pause before; public, with who published the day."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="elections")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=ElectionKind.choices)
    held_on = models.DateField()
    source = models.CharField(max_length=300)  # where the day is published
    entered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)  # entered wrongly, or moved to another day
    pause_noted_at = models.DateTimeField(
        null=True, blank=True
    )  # when the journal said that the pause began

    class Meta:
        ordering = ["institution", "held_on", "number"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="one_election_per_number"),
            models.UniqueConstraint(
                fields=["institution", "kind", "held_on"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="an_election_is_entered_once",
            ),
            models.CheckConstraint(condition=~models.Q(source=""), name="an_election_has_its_source"),
        ]


class RuleBookVersion(models.Model):
    """The rule book as adopted, word for word; what was decided under a version stays under it."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="rule_books")
    number = models.PositiveIntegerField()
    identifier = models.CharField(max_length=60)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    legal_basis = models.TextField(blank=True)
    valid_from = models.DateField()
    adopted_at = models.DateTimeField()

    class Meta:
        ordering = ["institution", "number"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="one_rule_book_per_number")
        ]


class RuleBookProposal(models.Model):
    """A version that the secretariat proposes; public from the first moment, with what became of it."""

    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="rule_book_proposals"
    )
    number = models.PositiveIntegerField()
    before = models.ForeignKey(RuleBookVersion, on_delete=models.PROTECT, related_name="proposals")
    follows = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="followers"
    )  # the last version that waited for its day when this one was proposed; empty: it changes what was in force
    text = models.TextField()
    reasons = TextsField()
    proposed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=ProposalStatus.choices, default=ProposalStatus.OPEN)
    answer = TextsField(blank=True)  # why the authority declined, or withdrew what it had adopted
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["institution", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "number"], name="one_rule_book_proposal_per_number"
            ),
            models.UniqueConstraint(
                fields=["institution"],
                condition=models.Q(status="open"),
                name="one_open_rule_book_proposal",
            ),
            models.UniqueConstraint(
                fields=["follows"],
                condition=models.Q(status__in=["awaited", "adopted"]),
                name="one_rule_book_follows_another",
            ),
            models.UniqueConstraint(
                fields=["institution"],
                condition=models.Q(status="awaited", follows__isnull=True),
                name="one_rule_book_is_the_next",
            ),
            models.CheckConstraint(
                condition=models.Q(status="open", decided_at__isnull=True)
                | models.Q(~models.Q(status="open"), decided_at__isnull=False),
                name="a_decided_proposal_has_its_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=["declined", "revoked"]) | ~models.Q(answer={}),
                name="who_declines_or_revokes_says_why",
            ),
        ]

    @property
    def changed_text(self) -> str:
        """The rule book that it changes: what will hold before it, or what was in force."""
        return self.before.text if self.follows is None else self.follows.text

    @property
    def sha256(self) -> str:
        """The hash of the proposed text, which the journal names."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Body(models.Model):
    """A council or an assembly of the institution."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="bodies")
    key = models.SlugField()
    name = TextsField()
    size_min = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    size_max = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    mandate_months = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["institution", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "key"], name="one_body_per_key"),
            models.CheckConstraint(
                condition=models.Q(size_min__gte=1, size_max__gte=models.F("size_min")),
                name="body_size_is_a_range",
            ),
        ]


class Founding(models.Model):
    """An institution that somebody is about to found, as far as the form is filled in; deleted on its day."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="foundings")
    bundled = models.CharField(
        max_length=60, blank=True
    )  # the rule book it begins with; empty: an own file
    original = models.TextField()
    details = models.JSONField(default=dict, blank=True)
    changes = models.JSONField(default=dict, blank=True)  # of rules, by id
    starts_on = models.DateField()  # the first letters, for the calendar
    elections = models.JSONField(default=list, blank=True)
    people = models.JSONField(default=dict, blank=True)  # who is invited; emptied when it is founded
    funding = models.JSONField(default=dict, blank=True)  # who pays, as far as it is known
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    institution = models.OneToOneField(
        Institution, on_delete=models.CASCADE, null=True, blank=True, related_name="founding"
    )

    class Meta:
        ordering = ["-begun_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(institution__isnull=True) | models.Q(details={}, people={}),
                name="what_is_founded_keeps_no_draft",
            ),
        ]


class Welcome(models.Model):
    """A mail that tells somebody of her first role in a new institution; deleted when the mail server took it."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="welcomes")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="welcomes")
    role = models.CharField(max_length=20)
    tries = models.PositiveSmallIntegerField(default=0)
    try_after = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "user", "role"], name="one_welcome_per_role")
        ]


class Cycle(models.Model):
    """From a mandate to the authority's answers and the follow-up."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="cycles")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="cycles")
    rule_book = models.ForeignKey(RuleBookVersion, on_delete=models.PROTECT, related_name="cycles")
    number = models.PositiveIntegerField()
    title = TextsField()
    question = TextsField()
    scope = TextsField(blank=True)
    panel_size = models.PositiveIntegerField()
    alternates = models.PositiveIntegerField(default=0)
    quorum_share = models.CharField(max_length=12, blank=True)  # "2/3"; empty: none was set
    promised_answer_days = models.PositiveIntegerField(null=True, blank=True)
    stage = models.CharField(max_length=20, choices=Stage.choices, default=Stage.MANDATE)
    opened_at = models.DateTimeField()
    mandate_signed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    broken_off_from = models.CharField(
        max_length=20, choices=Stage.choices, blank=True, default=""
    )  # the stage at which it was broken off; empty: it was not
    broken_off_reasons = TextsField(blank=True)

    objects = CycleQuerySet.as_manager()

    class Meta:
        ordering = ["institution", "number"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="one_cycle_per_number"),
            models.CheckConstraint(
                condition=models.Q(broken_off_from="")
                | models.Q(models.Q(stage="closed"), ~models.Q(broken_off_reasons={})),
                name="a_broken_off_cycle_is_closed_and_says_why",
            ),
            models.CheckConstraint(condition=models.Q(panel_size__gte=1), name="panel_has_seats"),
        ]


class MandateVersion(models.Model):
    """The mandate of a cycle as the authority signed it; a later version changes it in public, with reasons."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="mandates")
    number = models.PositiveIntegerField()
    title = TextsField()
    question = TextsField()
    scope = TextsField(blank=True)
    promised_answer_days = models.PositiveIntegerField(null=True, blank=True)
    reasons = TextsField(blank=True)  # of a change
    sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="one_mandate_per_number"),
            models.CheckConstraint(
                condition=models.Q(number=1) | ~models.Q(reasons={}), name="a_changed_mandate_says_why"
            ),
        ]


class Milestone(models.Model):
    """A dated point of a cycle's calendar: planned by the rule book, reached or not."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="milestones")
    stage = models.CharField(max_length=20, choices=Stage.choices)
    planned_on = models.DateField(null=True, blank=True)
    reached_at = models.DateTimeField(null=True, blank=True)
    rule = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["cycle", "pk"]
        constraints = [models.UniqueConstraint(fields=["cycle", "stage"], name="one_milestone_per_stage")]
