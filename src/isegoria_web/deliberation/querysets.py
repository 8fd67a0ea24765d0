from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Count, IntegerField, Q, Value, When

from isegoria_web.deliberation.enums import Stance

if TYPE_CHECKING:
    from isegoria_web.deliberation.models import Statement  # noqa: F401

SMALLEST_COUNT = 5
"""Counts of fewer reactions are never shown: single members could be guessed."""


class StatementQuerySet(models.QuerySet["Statement"]):
    def still_open(self) -> StatementQuerySet:
        """Statements to which members can react."""
        return self.filter(closed_at__isnull=True)

    def with_counts(self) -> StatementQuerySet:
        """Each statement with `agree`, `disagree`, `passed` and `reacted`, where they may be shown.

        They come of closed statements to which at least five members reacted; of others the three are None and
        `reacted` is 0, so that no page can show what it must not.
        """
        shown = Q(closed_at__isnull=False, all_reactions__gte=SMALLEST_COUNT)
        counted = self.alias(all_reactions=Count("reactions"))
        return counted.annotate(
            agree=_where(shown, _with(Stance.AGREE)),
            disagree=_where(shown, _with(Stance.DISAGREE)),
            passed=_where(shown, _with(Stance.PASS)),
            reacted=_where(shown, Count("reactions"), otherwise=0),
        )


def _with(stance: Stance) -> Count:
    return Count("reactions", filter=Q(reactions__stance=stance))


def _where(condition: Q, count: Count, otherwise: int | None = None) -> Case:
    return Case(When(condition, then=count), default=Value(otherwise), output_field=IntegerField(null=True))
