from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Exists, Max, OuterRef, Q

from isegoria_web.deliberation.querysets import SMALLEST_COUNT
from isegoria_web.followup.enums import Satisfaction
from isegoria_web.institutions.enums import Stage
from isegoria_web.moderation.querysets import visible
from isegoria_web.translated import Texts

if TYPE_CHECKING:
    from isegoria_web.followup.models import Duty, Handover, Legacy, Verdict  # noqa: F401
    from isegoria_web.institutions.models import Cycle

WORK_IS_OVER = (Stage.ANSWERING, Stage.FOLLOW_UP, Stage.CLOSED)
"""The stages in which the members of a cycle have no work before them any more."""


class DutyQuerySet(models.QuerySet["Duty"]):
    def still_owed(self) -> DutyQuerySet:
        """Recommendations that wait for their answer."""
        return self.filter(answered_at__isnull=True)

    def overdue_on(self, day: date) -> DutyQuerySet:
        """Which answers are late on this day."""
        return self.still_owed().filter(due_on__lt=day)


class VerdictQuerySet(models.QuerySet["Verdict"]):
    def that_count(self) -> VerdictQuerySet:
        """Those of the body to which the rule book gives the verdict, where it has spoken; else of the members of the cycle."""
        of_body = self.filter(body__isnull=False)
        return of_body if of_body.exists() else self.filter(body__isnull=True)

    def sums(self) -> dict[Satisfaction, int] | None:
        """How many members said what; None where so few spoke that one could be guessed."""
        given = dict(self.order_by().values_list("satisfaction").annotate(Count("pk")))
        if sum(given.values()) < SMALLEST_COUNT:
            return None
        return {each: given.get(each.value, 0) for each in Satisfaction}

    def sums_by_body(self) -> list[tuple[Texts | None, dict[Satisfaction, int]]]:
        """The sums of each body that spoke, with its name, and of the members of the cycle (None), who come first.

        Left out: who so few of spoke that one could be guessed.
        """
        given = self.order_by().values_list("body", "body__name", "satisfaction").annotate(Count("pk"))
        names: dict[int | None, Texts | None] = {}
        sums: dict[int | None, dict[Satisfaction, int]] = {}
        for body, name, satisfaction, count in given:
            names[body] = name
            sums.setdefault(body, dict.fromkeys(Satisfaction, 0))[Satisfaction(satisfaction)] = count
        shown = [body for body, counts in sums.items() if sum(counts.values()) >= SMALLEST_COUNT]
        return [(names[body], sums[body]) for body in sorted(shown, key=lambda body: body or 0)]


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
