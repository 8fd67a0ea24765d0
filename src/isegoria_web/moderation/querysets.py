from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from isegoria_web.moderation.enums import ReviewStatus

if TYPE_CHECKING:
    from isegoria_web.institutions.models import Cycle
    from isegoria_web.moderation.models import Review  # noqa: F401

Rows = TypeVar("Rows", bound="models.QuerySet[Any]")


class ReviewQuerySet(models.QuerySet["Review"]):
    def log(self, cycle: Cycle) -> ReviewQuerySet:
        """What everybody may read of a cycle: what was ever taken out, newest first. It holds no text."""
        taken = Q(status=ReviewStatus.REMOVED) | Q(appeal__isnull=False)
        return self.filter(taken, cycle=cycle).select_related("appeal")

    def of(self, author: Any, cycle: Cycle) -> ReviewQuerySet:
        """What became of the contributions of one person in a cycle, with the appeals."""
        return self.filter(author=author, cycle=cycle).select_related("appeal")


def visible(rows: Rows, cycle: str = "cycle") -> Rows:
    """Return the contributions that others may see: none that was taken out, in a strict cycle only reviewed ones.

    Parameters
    ----------
    rows
        Rows with a `public_id`.
    cycle
        The way from a row to its cycle.
    """
    return rows.filter(is_visible(cycle))


def not_removed(rows: Rows) -> Rows:
    """Return the contributions that were not taken out; those that wait for a review are among them."""
    from isegoria_web.moderation.models import Review

    removed = Review.objects.filter(subject=OuterRef("public_id"), status=ReviewStatus.REMOVED)
    return rows.exclude(Exists(removed))


def is_visible(cycle: str = "cycle", subject: str = "public_id") -> Q:
    """Return the condition of `visible`, for rows whose way to the contribution is `subject`."""
    from isegoria_web.moderation.models import Review, Strictness

    reviews = Review.objects.filter(subject=OuterRef(subject))
    published = Q(Exists(reviews.filter(status=ReviewStatus.PUBLISHED)))
    free = ~Q(Exists(Strictness.objects.filter(cycle=OuterRef(cycle))))
    return published | (free & ~Q(Exists(reviews.filter(status=ReviewStatus.REMOVED))))
