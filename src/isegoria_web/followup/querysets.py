from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Exists, F, Max, OuterRef, Q

from isegoria_web.deliberation.querysets import SMALLEST_COUNT
from isegoria_web.followup.enums import SETTLED, AnswerKind, Satisfaction
from isegoria_web.institutions.enums import Stage
from isegoria_web.moderation.querysets import visible

if TYPE_CHECKING:
    from isegoria_web.followup.models import Answer, Commitment, Duty, Handover, Legacy, Verdict, VerdictSum  # noqa: F401
    from isegoria_web.institutions.models import Cycle
    from isegoria_web.membership.models import Member

WORK_IS_OVER = (Stage.ANSWERING, Stage.FOLLOW_UP, Stage.CLOSED)
"""The stages in which the members of a cycle have no work before them any more."""


class DutyQuerySet(models.QuerySet["Duty"]):
    def still_owed(self) -> DutyQuerySet:
        """Recommendations that wait for their answer."""
        return self.filter(answered_at__isnull=True)

    def of_kind(self, kind: AnswerKind) -> DutyQuerySet:
        """Those of first or those of final answers."""
        return self.filter(kind=kind)

    def overdue_on(self, day: date) -> DutyQuerySet:
        """Which answers are late on this day."""
        return self.still_owed().filter(due_on__lt=day)


class AnswerQuerySet(models.QuerySet["Answer"]):
    def newest(self) -> AnswerQuerySet:
        """The version that counts, of each recommendation."""
        newer = self.model._default_manager.filter(  # noqa: SLF001  # of this very model
            recommendation=OuterRef("recommendation"), number__gt=OuterRef("number")
        )
        return self.filter(~Exists(newer))

    def unjudged_by(self, member: Member) -> AnswerQuerySet:
        """Those of which this member has judged no version: she is asked of the first and of the final answer."""
        judged = self.model._default_manager.filter(  # noqa: SLF001  # of this very model
            recommendation=OuterRef("recommendation"), kind=OuterRef("kind"), verdicts__member=member
        )
        return self.filter(~Exists(judged))


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def still_open(self) -> CommitmentQuerySet:
        """Promises that are neither kept nor given up."""
        return self.exclude(status__in=SETTLED)


class VerdictQuerySet(models.QuerySet["Verdict"]):
    def sums_to_publish(self) -> dict[tuple[int, int | None], dict[Satisfaction, int]]:
        """How many said what of each answer, of a body or (None) of the members of its cycle: by the keys of both.

        Left out: of whom so few spoke that one could be guessed.
        """
        given = self.order_by().values_list("answer", "body", "satisfaction").annotate(Count("pk"))
        sums: dict[tuple[int, int | None], dict[Satisfaction, int]] = {}
        for answer, body, satisfaction, count in given:
            sums.setdefault((answer, body), dict.fromkeys(Satisfaction, 0))[Satisfaction(satisfaction)] = (
                count
            )
        return {key: counts for key, counts in sums.items() if sum(counts.values()) >= SMALLEST_COUNT}


class VerdictSumQuerySet(models.QuerySet["VerdictSum"]):
    def by_body(self) -> VerdictSumQuerySet:
        """The sums of the members of the cycle, who come first, and of each body that follows up, with its name."""
        return self.select_related("body").order_by(F("body").asc(nulls_first=True))

    def that_counts(self) -> VerdictSum | None:
        """The sums of the body to which the rule book gives the verdict, where it has any; else of the members of the cycle."""
        return self.order_by(F("body").desc(nulls_last=True)).first()


class LegacyQuerySet(models.QuerySet["Legacy"]):
    def visible(self) -> LegacyQuerySet:
        """Those that others may read."""
        return visible(self)

    def of_members(self) -> LegacyQuerySet:
        """Those that members wrote."""
        return self.filter(member__isnull=False)

    def for_members_of(self, cycle: Cycle) -> LegacyQuerySet:
        """What the members of a cycle are told: by the secretariat, and by the cohort before in each body."""
        before = self.of_members().filter(
            cycle__institution=cycle.institution_id, cycle__number__lt=cycle.number
        )
        newest = before.order_by().values("cycle__body").annotate(newest=Max("cycle__number"))
        cohorts = Q(pk__in=[])
        for row in newest:
            cohorts |= Q(cycle__body=row["cycle__body"], cycle__number=row["newest"])
        secretariat = self.filter(cycle=cycle, member__isnull=True)
        told = secretariat.values("pk"), before.visible().filter(cohorts).values("pk")
        return self.filter(Q(pk__in=told[0]) | Q(pk__in=told[1]))


class HandoverQuerySet(models.QuerySet["Handover"]):
    def newest_of(self, cycle: Cycle) -> Handover | None:
        """The version that counts; None where nothing was handed over."""
        return self.filter(cycle=cycle).order_by("-number").first()

    def to_confirm(self) -> HandoverQuerySet:
        """The newest version in each cycle whose members have work before them."""
        newer = self.model._default_manager.filter(  # noqa: SLF001  # of this very model
            cycle=OuterRef("cycle"), number__gt=OuterRef("number")
        )
        return self.filter(~Exists(newer)).exclude(cycle__stage__in=WORK_IS_OVER)
