from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from isegoria_web.deliberation.models import Statement
from isegoria_web.institutions.models import Cycle
from isegoria_web.membership.models import Member
from isegoria_web.recommendations.enums import AmendmentStatus, BallotStatus, Choice, RecommendationStatus
from isegoria_web.recommendations.querysets import (
    BallotQuerySet,
    CountedPapers,
    PaperQuerySet,
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

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="one_recommendation_per_number")
        ]


class Version(models.Model):
    """The wording of a recommendation at one moment."""

    recommendation = models.ForeignKey(Recommendation, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = TextsField()
    text = TextsField()  # Markdown
    reasons = TextsField()
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

    class Meta:
        ordering = ["version", "proposed_at", "pk"]


class Ballot(models.Model):
    """A secret yes-or-no vote on one recommendation."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recommendation = models.OneToOneField(Recommendation, on_delete=models.PROTECT, related_name="ballot")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="ballots")
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=20, choices=BallotStatus.choices, default=BallotStatus.OPEN)
    roll = models.ManyToManyField(Member, related_name="ballots")  # who sat when it was opened
    eligible = models.PositiveIntegerField()
    quorum = models.CharField(max_length=12, blank=True)
    quorum_rule = models.CharField(max_length=120, blank=True)  # rule id, or "mandate"; empty: no quorum
    threshold = models.CharField(max_length=12)
    more_than = models.BooleanField(default=False)  # passed, not only reached
    abstention = models.CharField(max_length=12)
    threshold_rule = models.CharField(max_length=120)  # rule id, for the page
    yes = models.PositiveIntegerField(null=True, blank=True)
    no = models.PositiveIntegerField(null=True, blank=True)
    abstain = models.PositiveIntegerField(null=True, blank=True)
    wiped_at = models.DateTimeField(null=True, blank=True)  # what its rows left behind was overwritten

    objects = BallotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="ballot_stays_open"),
            models.CheckConstraint(
                condition=Q(
                    status="open",
                    yes__isnull=True,
                    no__isnull=True,
                    abstain__isnull=True,
                    closed_at__isnull=True,
                )
                | Q(
                    status="closed",
                    yes__isnull=False,
                    no__isnull=False,
                    abstain__isnull=False,
                    closed_at__isnull=False,
                ),
                name="no_count_before_the_ballot_closes",
            ),
        ]


class Participation(models.Model):
    """That a member has voted; not how, and not when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ballot = models.ForeignKey(Ballot, on_delete=models.PROTECT, related_name="participations")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="participations")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ballot", "member"], name="one_vote_per_member")]


class Paper(models.Model):
    """A ballot paper in the box: no member, no moment, no order. Its receipt is known to the voter alone.

    `objects` and every relation show the papers of counted ballots only; `in_box` is for casting and counting.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ballot = models.ForeignKey(Ballot, on_delete=models.PROTECT, related_name="papers")
    choice = models.CharField(max_length=10, choices=Choice.choices)
    receipt = models.CharField(max_length=64, unique=True)

    objects = CountedPapers()
    in_box = PaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(choice__in=Choice.values), name="a_paper_says_one_of_the_choices"
            )
        ]


class MinorityOpinion(models.Model):
    """What those who disagree want to have printed under the recommendation."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, related_name="minority_opinions"
    )
    text = TextsField()
    signatories = models.ManyToManyField(Member, related_name="minority_opinions")
    submitted_at = models.DateTimeField()


class Report(models.Model):
    """The report of a cycle, handed over to the authority: the clocks start."""

    cycle = models.OneToOneField(Cycle, on_delete=models.PROTECT, related_name="report")
    handed_over_at = models.DateTimeField()
    document = models.FileField(upload_to="reports/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
