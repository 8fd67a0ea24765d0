from __future__ import annotations

import uuid

from django.db import models

from isegoria_web.accounts.models import User
from isegoria_web.ballots.enums import BallotStatus
from isegoria_web.ballots.models import Ballot
from isegoria_web.deliberation.models import Statement
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.models import Member
from isegoria_web.recommendations.enums import (
    AdviceKind,
    AmendmentStatus,
    Origin,
    Purpose,
    RecommendationStatus,
    Uncounted,
)
from isegoria_web.recommendations.querysets import (
    AmendmentQuerySet,
    MinorityOpinionQuerySet,
    RecommendationQuerySet,
)
from isegoria_web.translated import TextsField


class Recommendation(models.Model):
    """What the members ask of the authority. Its text stands in its versions."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="recommendations")
    number = models.PositiveIntegerField()
    status = models.CharField(
        max_length=20, choices=RecommendationStatus.choices, default=RecommendationStatus.DRAFT
    )
    statements = models.ManyToManyField(Statement, related_name="recommendations")  # lineage
    ballot = models.OneToOneField(
        Ballot, on_delete=models.PROTECT, null=True, blank=True, related_name="recommendation"
    )  # on its newest version, which cannot change any more

    parents = models.ManyToManyField("self", symmetrical=False, related_name="children")  # lineage

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="one_recommendation_per_number")
        ]

    @property
    def undecided_for(self) -> Uncounted | None:
        """Which vote was never counted; None unless it stayed undecided."""
        if self.status != RecommendationStatus.NOT_DECIDED or self.ballot is None:
            return None
        open_vote = any(
            each.in_force is None for each in self.ballot.roll_calls.prefetch_related("records")
        )
        if self.ballot.status == BallotStatus.CLOSED:
            return Uncounted.OPEN_VOTE if open_vote else None
        return Uncounted.BOTH if open_vote else Uncounted.BALLOT

    def get_status_display(self) -> str:  # type: ignore[no-redef]  # the plugin has defined what Django would
        """Return its state in the reader's language, as every page shows it."""
        told = self.undecided_for or RecommendationStatus(self.status)
        return str(told.label)


class Version(models.Model):
    """The wording of a recommendation at one moment."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = TextsField()
    text = TextsField()  # Markdown
    reasons = TextsField()
    origin = models.CharField(max_length=20, choices=Origin.choices, default=Origin.DRAFT)
    written_at = models.DateTimeField()
    amendment = models.OneToOneField(
        "Amendment", on_delete=models.PROTECT, null=True, blank=True, related_name="resulting_version"
    )

    class Meta:
        ordering = ["recommendation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "number"], name="one_version_per_number")
        ]


class Amendment(models.Model):
    """A member's proposal to change a version's text."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="amendments")
    proposed_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="amendments")
    text = TextsField()  # the whole new text; the difference is computed
    reasons = models.TextField()
    language = models.CharField(max_length=5)
    proposed_at = models.DateTimeField()
    status = models.CharField(
        max_length=20, choices=AmendmentStatus.choices, default=AmendmentStatus.PROPOSED
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    hands_for = models.PositiveIntegerField(null=True, blank=True)
    hands_against = models.PositiveIntegerField(null=True, blank=True)

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        ordering = ["version", "proposed_at", "pk"]


class MinorityOpinion(models.Model):
    """What those who disagree want to have printed under the recommendation."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, related_name="minority_opinions"
    )
    text = TextsField()
    signatories = models.ManyToManyField(Member, related_name="minority_opinions")
    submitted_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="opinions_submitted"
    )
    submitted_at = models.DateTimeField()

    objects = MinorityOpinionQuerySet.as_manager()


class Report(models.Model):
    """The report of a cycle, handed over to the authority: the clocks start."""

    cycle = models.OneToOneField(Cycle, on_delete=models.PROTECT, related_name="report")
    handed_over_at = models.DateTimeField()
    document = models.FileField(upload_to="reports/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)


class ReportDocument(models.Model):
    """The report as it is printed in one language, with its hash."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="documents")
    language = models.CharField(max_length=5)
    document = models.FileField(upload_to="reports/")
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["report", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "language"], name="one_report_per_language")
        ]


class Advice(models.Model):
    """A note beside the text of a recommendation, never inside it: what the law says, whether it can be done."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="advice")
    version = models.PositiveIntegerField()  # the wording on which it was written
    kind = models.CharField(max_length=20, choices=AdviceKind.choices)
    text = TextsField()  # Markdown
    given_by = models.CharField(max_length=200)  # an office, not a person
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["recommendation", "given_at", "pk"]


class Unfinished(models.Model):
    """What somebody is writing on a recommendation, kept while she types; nobody else reads it."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="unfinished")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="unfinished")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    seen = models.PositiveIntegerField()  # the version with which the writing began
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation", "author", "purpose"], name="one_unfinished_text_per_author"
            )
        ]
