from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Prefetch

from isegoria_web.deliberation.models import Statement
from isegoria_web.recommendations.enums import RecommendationStatus

if TYPE_CHECKING:
    from isegoria_web.recommendations.models import Recommendation  # noqa: F401


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def adopted(self) -> RecommendationQuerySet:
        """Recommendations to which the members said yes."""
        return self.filter(status=RecommendationStatus.ADOPTED)

    def not_adopted(self) -> RecommendationQuerySet:
        """Recommendations that found no majority."""
        return self.filter(status=RecommendationStatus.NOT_ADOPTED)

    def undecided(self) -> RecommendationQuerySet:
        """Drafts, and recommendations whose box is not counted."""
        return self.filter(status__in=[RecommendationStatus.DRAFT, RecommendationStatus.BALLOT])

    def counted_after(self, moment: datetime) -> RecommendationQuerySet:
        """Recommendations whose box was counted after a moment."""
        return self.filter(ballot__closed_at__gt=moment)

    def with_lineage(self) -> RecommendationQuerySet:
        """Each with everything it comes from: versions, amendments, statements, their notes, tables, meetings.

        Five queries, however many recommendations there are. What the authority answered lies in `followup`.
        """
        statements = Statement.objects.with_counts().select_related("note__table__plan__meeting")
        return self.select_related("cycle__institution", "ballot").prefetch_related(
            "versions__amendments",
            Prefetch("statements", statements.order_by("number")),
            "minority_opinions__signatories",
        )
