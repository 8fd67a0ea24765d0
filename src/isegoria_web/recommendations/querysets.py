from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Prefetch, Q

from isegoria_web.deliberation.models import Statement
from isegoria_web.moderation.querysets import not_removed, visible
from isegoria_web.recommendations.enums import AmendmentStatus, RecommendationStatus

if TYPE_CHECKING:
    from isegoria_web.membership.models import Member
    from isegoria_web.recommendations.models import (  # noqa: F401
        Amendment,
        MinorityOpinion,
        Recommendation,
    )


_VOTED = (
    RecommendationStatus.BALLOT,
    RecommendationStatus.ADOPTED,
    RecommendationStatus.NOT_ADOPTED,
    RecommendationStatus.NOT_DECIDED,
)


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
        """Those whose box was counted, or in a mixed body whose open vote was confirmed, after a moment."""
        later = Q(ballot__closed_at__gt=moment) | Q(ballot__roll_calls__records__confirmed_at__gt=moment)
        return self.filter(later).distinct()

    def private(self) -> RecommendationQuerySet:
        """Those whose wording has not left the drafting table: drafts, and what went into drafts alone."""
        drafts = self.filter(status=RecommendationStatus.DRAFT)
        out = Q(children__status__in=[*_VOTED]) | Q(children__children__status__in=[*_VOTED])
        replaced = self.filter(status=RecommendationStatus.REPLACED).exclude(out)
        return self.filter(Q(pk__in=drafts.values("pk")) | Q(pk__in=replaced.values("pk")))

    def with_lineage(self) -> RecommendationQuerySet:
        """Each with everything it comes from: versions, amendments, statements, their notes, tables, meetings.

        Five queries, however many recommendations there are. What the authority answered lies in `followup`.
        """
        from isegoria_web.recommendations.models import Amendment, MinorityOpinion

        statements = Statement.objects.visible().with_counts().with_note()
        return self.select_related("cycle__institution", "ballot").prefetch_related(
            Prefetch("versions__amendments", Amendment.objects.visible()),
            Prefetch("statements", statements.order_by("number")),
            Prefetch("minority_opinions", MinorityOpinion.objects.visible()),
            "minority_opinions__signatories",
            "parents__versions",
            "children__versions",
            "advice",
        )


class AmendmentQuerySet(models.QuerySet["Amendment"]):
    def visible(self) -> AmendmentQuerySet:
        """Amendments that others may see."""
        return visible(self, "version__recommendation__cycle")

    def seen_by(self, member: Member) -> AmendmentQuerySet:
        """Those that others may see, and her own."""
        own = self.filter(proposed_by=member).values("pk")
        return self.filter(Q(pk__in=self.visible().values("pk")) | Q(pk__in=own))

    def undecided(self) -> AmendmentQuerySet:
        """Amendments on which the members have not decided; what was taken out waits for nobody."""
        return not_removed(self.filter(status=AmendmentStatus.PROPOSED))


class MinorityOpinionQuerySet(models.QuerySet["MinorityOpinion"]):
    def visible(self) -> MinorityOpinionQuerySet:
        """Minority opinions that are printed."""
        return visible(self, "recommendation__cycle")

    def unreviewed(self) -> MinorityOpinionQuerySet:
        """Minority opinions that are neither printed nor taken out: somebody has to review them."""
        return not_removed(self.exclude(pk__in=self.visible().values("pk")))
