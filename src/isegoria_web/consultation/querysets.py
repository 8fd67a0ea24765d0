from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from isegoria_web.consultation.enums import ThemeStatus

if TYPE_CHECKING:
    from isegoria_web.consultation.models import Theme


class ThemeQuerySet(models.QuerySet["Theme"]):
    def locked(self, key: int) -> Theme:
        """One theme as it stands now, which nobody else changes until the transaction ends."""
        self.select_for_update().get(pk=key)
        return self.select_related("institution", "rule_book").get(pk=key)

    def waiting(self) -> ThemeQuerySet:
        """Themes without a verdict, the oldest first."""
        return self.filter(status=ThemeStatus.WAITING).order_by("proposed_at", "pk")

    def judged(self) -> ThemeQuerySet:
        """Themes that got a verdict: the public reads their texts."""
        return self.exclude(status=ThemeStatus.WAITING)

    def to_choose(self) -> ThemeQuerySet:
        """Themes that can become the question of a cycle, the most signed first, as they were handed in then."""
        return self.filter(status=ThemeStatus.SUPPORTED).order_by(F("signed").desc(), "number")

    def open_to_sign(self, today: date) -> ThemeQuerySet:
        """Themes that can be signed on this day, also beyond what is needed."""
        collecting = Q(status__in=[ThemeStatus.COLLECTING, ThemeStatus.SUPPORTED])
        return self.filter(collecting, collects_until__gte=today)

    def to_erase(self, today: date) -> ThemeQuerySet:
        """Themes whose signatories are erased on this day or should have been."""
        return self.filter(erase_on__lte=today, erased_at__isnull=True)
