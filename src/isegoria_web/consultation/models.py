from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from isegoria_web.accounts.models import User
from isegoria_web.ballots.models import Ballot, Resolution
from isegoria_web.consultation.enums import Channel, PendingKind, ProposerKind, ThemeStatus
from isegoria_web.consultation.querysets import ThemeQuerySet
from isegoria_web.institutions.models import Cycle, Institution, RuleBookVersion
from isegoria_web.translated import TextsField


class Theme(models.Model):
    """A theme that somebody proposes for the agenda, with the verdict, its support, and what became of it.

    What was decided stands beside the id of the rule that decided it, under the version of the rule book in force
    when the theme came in.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="themes")
    rule_book = models.ForeignKey(RuleBookVersion, on_delete=models.PROTECT, related_name="themes")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=ProposerKind.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    title = models.CharField(max_length=150)
    explanation = models.TextField()
    reason = models.TextField()
    language = models.CharField(max_length=5)
    public_proposer = models.CharField(max_length=150, blank=True)  # of an association or authority
    again = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="handed_in_again"
    )
    status = models.CharField(max_length=20, choices=ThemeStatus.choices, default=ThemeStatus.WAITING)
    proposed_at = models.DateTimeField()
    verdict_due_on = models.DateField(null=True, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    verdict_rule = models.CharField(max_length=120, blank=True)  # empty: the statute is silent
    verdict_reasons = TextsField(blank=True)
    resolution = models.OneToOneField(
        Resolution, on_delete=models.PROTECT, null=True, blank=True, related_name="judged_theme"
    )  # of the body that judged; empty: the secretariat did
    text_withheld = models.BooleanField(default=False)  # it names a person, or is punishable
    threshold = models.PositiveIntegerField(default=0)
    threshold_rule = models.CharField(max_length=120, blank=True)
    collects_until = models.DateField(null=True, blank=True)  # the last day to sign
    collects_rule = models.CharField(max_length=120, blank=True)
    signed = models.PositiveIntegerField(default=0)  # stays when those who signed are erased
    supported_at = models.DateTimeField(null=True, blank=True)
    erase_on = models.DateField(null=True, blank=True)
    erase_rule = models.CharField(max_length=120, blank=True)  # empty: the setting of the site
    erased_at = models.DateTimeField(null=True, blank=True)
    chosen_at = models.DateTimeField(null=True, blank=True)
    chosen_rule = models.CharField(max_length=120, blank=True)
    chosen_reasons = TextsField(blank=True)
    cycle = models.OneToOneField(
        Cycle, on_delete=models.PROTECT, null=True, blank=True, related_name="theme"
    )

    objects = ThemeQuerySet.as_manager()

    class Meta:
        ordering = ["institution", "number"]
        constraints = [
            models.UniqueConstraint(fields=["institution", "number"], name="one_theme_per_number"),
            models.CheckConstraint(
                condition=~Q(status="refused") | (Q(judged_at__isnull=False) & ~Q(verdict_reasons={})),
                name="a_refusal_has_its_reasons",
            ),
            models.CheckConstraint(
                condition=~Q(status="collecting") | Q(collects_until__isnull=False),
                name="signatures_have_a_last_day",
            ),
            models.CheckConstraint(
                condition=~Q(status="chosen") | Q(chosen_at__isnull=False), name="a_choice_has_its_moment"
            ),
        ]


class Proposer(models.Model):
    """Who brought a theme and how to reach her; erased together with those who signed."""

    theme = models.OneToOneField(Theme, on_delete=models.CASCADE, related_name="proposer")
    name = models.CharField(max_length=150)
    email = models.EmailField(blank=True)


class Pending(models.Model):
    """What somebody typed and has not confirmed by the link in her mail; deleted after seven days."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="pending")
    theme = models.ForeignKey(
        Theme, on_delete=models.CASCADE, null=True, blank=True, related_name="pending"
    )
    kind = models.CharField(max_length=20, choices=PendingKind.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    address_key = models.CharField(max_length=64, db_index=True)
    told = models.JSONField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="proposal", theme__isnull=True) | Q(kind="signature", theme__isnull=False),
                name="a_signature_has_its_theme",
            )
        ]


class Signature(models.Model):
    """That one person supports a theme. Who she is stands apart, and both are erased on their date.

    `key` is a keyed hash of who she is, for this theme alone: a second signature of hers is found, and nobody can
    see from it what else she signed.
    """

    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="signatures")
    key = models.CharField(max_length=64)
    address_key = models.CharField(max_length=64, blank=True)  # of the mail address; empty on paper
    channel = models.CharField(max_length=10, choices=Channel.choices)
    signed_on = models.DateField()
    entered_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["theme", "key"], name="one_signature_per_person"),
        ]


class Signatory(models.Model):
    """Who gave a signature: what an authority needs to check a list of signatures, and nothing more."""

    signature = models.OneToOneField(Signature, on_delete=models.CASCADE, related_name="signatory")
    name = models.CharField(max_length=150)
    birth_date = models.DateField()
    postcode = models.CharField(max_length=12)
    email = models.EmailField(blank=True)


class Knock(models.Model):
    """A form that was sent, remembered for an hour as a keyed hash of where it came from: floods are slowed."""

    source = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)


class AgendaChoice(models.Model):
    """A secret ballot in which the members who are entitled choose between themes."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="agenda_choices")
    ballot = models.OneToOneField(Ballot, on_delete=models.PROTECT, related_name="agenda_choice")
    rule = models.CharField(max_length=120)  # that entitles them


class AgendaOption(models.Model):
    """A theme in a choice, under the key of its option on the ballot."""

    choice = models.ForeignKey(AgendaChoice, on_delete=models.PROTECT, related_name="options")
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="agenda_options")
    key = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["choice", "theme"], name="a_theme_stands_once_on_a_ballot"),
            models.UniqueConstraint(fields=["choice", "key"], name="one_theme_per_option"),
        ]
