from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q

from isegoria_web.accounts.models import User
from isegoria_web.deliberation.querysets import SMALLEST_COUNT
from isegoria_web.followup.enums import AnswerKind, CommitmentStatus, HandoverStep, Position, Satisfaction
from isegoria_web.followup.querysets import (
    AnswerQuerySet,
    CommitmentQuerySet,
    DutyQuerySet,
    HandoverQuerySet,
    LegacyQuerySet,
    VerdictQuerySet,
    VerdictSumQuerySet,
)
from isegoria_web.institutions.models import Body, Cycle, RuleBookVersion
from isegoria_web.membership.models import Member
from isegoria_web.recommendations.models import Recommendation
from isegoria_web.translated import TextsField


class Duty(models.Model):
    """The authority owes a recommendation a first or a final answer by a day, and the rule, in its version, that says so."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="duties")
    kind = models.CharField(max_length=10, choices=AnswerKind.choices, default=AnswerKind.FIRST)
    due_on = models.DateField()
    rule = models.CharField(max_length=120)
    rule_book = models.ForeignKey(RuleBookVersion, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "kind"], name="one_duty_of_each_kind"),
        ]

    def days_left(self, day: date) -> int:
        """Days from this day until the answer is due; negative where it is late."""
        return (self.due_on - day).days

    def days_late(self, day: date) -> int:
        """Days by which the answer is overdue on this day; 0 once it was given, and while it is in time."""
        return 0 if self.answered_at is not None else max(0, -self.days_left(day))


class Reminder(models.Model):
    """That a reminder of a duty was sent, so many days before it is due (-1: on the first late day)."""

    duty = models.ForeignKey(Duty, on_delete=models.CASCADE, related_name="reminders")
    days_before = models.SmallIntegerField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["duty", "days_before"], name="one_reminder_per_step")
        ]


class Answer(models.Model):
    """The authority's answer to a recommendation. A change is a new version, and so is the final answer."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="answers")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=AnswerKind.choices, default=AnswerKind.FIRST)
    position = models.CharField(max_length=20, choices=Position.choices)
    reasons = TextsField(blank=True)
    responsible = models.CharField(max_length=200)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="answers")

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ["recommendation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "number"], name="one_answer_per_number"),
            models.CheckConstraint(
                condition=~Q(position="rejected") | ~Q(reasons={}), name="a_rejection_has_reasons"
            ),
            models.CheckConstraint(
                condition=~Q(kind="final") | Q(number__gt=1), name="a_final_answer_follows_a_first_one"
            ),
        ]


class Commitment(models.Model):
    """A measure that the authority promises in an answer, with its day."""

    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="commitments")
    text = TextsField()
    due_on = models.DateField()  # a final answer can move it; its account keeps the day before
    status = models.CharField(
        max_length=20, choices=CommitmentStatus.choices, default=CommitmentStatus.PROMISED
    )

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]


class Progress(models.Model):
    """What the authority reports on a commitment, between its answers or in a final one."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="progress")
    text = TextsField()
    status = models.CharField(max_length=20, choices=CommitmentStatus.choices)
    reported_at = models.DateTimeField()
    answer = models.ForeignKey(
        Answer, on_delete=models.PROTECT, null=True, blank=True, related_name="accounts"
    )  # the final one that gives this account
    moved_from = models.DateField(null=True, blank=True)
    moved_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["commitment", "reported_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(moved_from__isnull=True, moved_to__isnull=True)
                | Q(moved_from__isnull=False, moved_to__isnull=False),
                name="a_day_is_moved_from_one_to_another",
            ),
        ]


class Verdict(models.Model):
    """What one member thinks of an answer; the public sees the sums."""

    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="verdicts")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="verdicts")
    satisfaction = models.CharField(max_length=20, choices=Satisfaction.choices)
    body = models.ForeignKey(
        Body, on_delete=models.PROTECT, null=True, blank=True, related_name="verdicts"
    )  # for which she spoke; empty: for the members of the cycle

    objects = VerdictQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["answer", "member"], name="one_verdict_per_member"),
            models.CheckConstraint(
                condition=Q(satisfaction__in=Satisfaction.values), name="a_verdict_is_one_of_the_words"
            ),
        ]


class VerdictSum(models.Model):
    """How many members said what of an answer, as it is public: of a body that follows up, or of the members of the cycle."""

    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="verdict_sums")
    body = models.ForeignKey(
        Body, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # empty: the members of the cycle
    satisfied = models.PositiveIntegerField()
    partly = models.PositiveIntegerField()
    not_satisfied = models.PositiveIntegerField()
    published_on = models.DateField()  # no moment: it would tell when somebody spoke

    objects = VerdictSumQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["answer"], condition=Q(body__isnull=True), name="one_sum_of_the_members_per_answer"
            ),
            models.UniqueConstraint(fields=["answer", "body"], name="one_sum_of_a_body_per_answer"),
            models.CheckConstraint(
                condition=Q(satisfied__gte=SMALLEST_COUNT - F("partly") - F("not_satisfied")),
                name="no_sum_of_few_verdicts",
            ),
        ]

    @property
    def counts(self) -> dict[Satisfaction, int]:
        """How many said what."""
        return {each: getattr(self, each.value) for each in Satisfaction}


class Legacy(models.Model):
    """What a member wants the next cohort to know, or the secretariat the cohort that begins; it names nobody."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="legacies")
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="legacies"
    )  # in that cycle; nobody: the secretariat, to the members of that cycle
    text = TextsField()  # Markdown
    written_at = models.DateTimeField()

    objects = LegacyQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "written_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle"],
                condition=Q(member__isnull=True),
                name="one_legacy_of_the_secretariat_per_cycle",
            ),
            models.UniqueConstraint(
                fields=["cycle", "member"],
                condition=Q(member__isnull=False),
                name="one_legacy_of_a_member_per_cycle",
            ),
        ]


class Handover(models.Model):
    """What the members of a cycle get from those before them, as it stood on its day; a later one is a new version."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="handovers")
    number = models.PositiveIntegerField()
    content = models.JSONField()  # texts in all their languages; see `handover_content`
    sha256 = models.CharField(max_length=64)  # of the content
    made_at = models.DateTimeField()

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="one_handover_per_number"),
        ]


class HandoverDocument(models.Model):
    """A handover dossier as it is printed in one language, with its hash."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="documents")
    language = models.CharField(max_length=5)
    document = models.FileField(upload_to="handovers/")
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["handover", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["handover", "language"], name="one_handover_per_language")
        ]


class HandoverConfirmation(models.Model):
    """That a member confirmed to have got and read a handover dossier, and on which day."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="confirmations")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="handover_confirmations")
    confirmed_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "member"], name="one_handover_confirmation_per_member"
            ),
        ]


class HandoverReminder(models.Model):
    """That a member was written to about a handover dossier which she had not confirmed."""

    handover = models.ForeignKey(Handover, on_delete=models.PROTECT, related_name="reminders")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    step = models.CharField(max_length=20, choices=HandoverStep.choices)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "member", "step"], name="one_handover_reminder_per_step"
            ),
        ]
