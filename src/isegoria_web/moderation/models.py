from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import models
from django.db.models import Q

from isegoria_web.accounts.models import User
from isegoria_web.institutions.models import Cycle
from isegoria_web.moderation.enums import Ground, Kind, ReviewStatus
from isegoria_web.moderation.querysets import ReviewQuerySet


@dataclass(frozen=True)
class Contribution:
    """Something that somebody wrote, wherever it is kept: what a moderator reads, and where it belongs."""

    kind: Kind
    subject: uuid.UUID
    cycle: Cycle
    text: str
    language: str
    author: User | None
    number: int | None = None


class Strictness(models.Model):
    """In this cycle nothing that was not reviewed is visible, by any route."""

    cycle = models.OneToOneField(Cycle, on_delete=models.PROTECT, related_name="strictness")
    since = models.DateTimeField()


class Review(models.Model):
    """What a moderator decided about a contribution. The text itself is not here."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    subject = models.UUIDField(unique=True)
    number = models.PositiveIntegerField(null=True, blank=True)
    author = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="reviews_of_hers"
    )
    status = models.CharField(max_length=20, choices=ReviewStatus.choices)
    ground = models.CharField(max_length=20, choices=Ground.choices, blank=True)
    reason = models.TextField(blank=True)  # for the author alone: it may quote what was taken out
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reviews")
    decided_at = models.DateTimeField()

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", "-decided_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="removed") | (~Q(ground="") & ~Q(reason="")),
                name="what_is_taken_out_has_a_ground_and_a_reason",
            )
        ]


class Appeal(models.Model):
    """What an author says against a decision, once; somebody else than who decided decides it."""

    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="appeal")
    text = models.TextField()
    raised_at = models.DateTimeField()
    upheld = models.BooleanField(null=True, blank=True)
    answer = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="appeals_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["raised_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True)
                | (Q(upheld__isnull=False) & Q(decided_by__isnull=False) & ~Q(answer="")),
                name="a_decided_appeal_has_an_outcome_and_an_answer",
            )
        ]
