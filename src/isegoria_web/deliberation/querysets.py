from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Q

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
        """Each statement with `agree`, `disagree`, `passed` and `reacted`; show them with `counts_of` alone."""
        return self.annotate(
            agree=Count("reactions", filter=Q(reactions__stance=Stance.AGREE)),
            disagree=Count("reactions", filter=Q(reactions__stance=Stance.DISAGREE)),
            passed=Count("reactions", filter=Q(reactions__stance=Stance.PASS)),
            reacted=Count("reactions"),
        )
