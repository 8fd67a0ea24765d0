from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count

from isegoria_web.deliberation.querysets import SMALLEST_COUNT
from isegoria_web.followup.enums import Satisfaction

if TYPE_CHECKING:
    from isegoria_web.followup.models import Duty, Verdict  # noqa: F401


class DutyQuerySet(models.QuerySet["Duty"]):
    def still_owed(self) -> DutyQuerySet:
        """Recommendations that wait for their answer."""
        return self.filter(answered_at__isnull=True)

    def overdue_on(self, day: date) -> DutyQuerySet:
        """Which answers are late on this day."""
        return self.still_owed().filter(due_on__lt=day)


class VerdictQuerySet(models.QuerySet["Verdict"]):
    def sums(self) -> dict[Satisfaction, int] | None:
        """How many members said what; None where so few spoke that one could be guessed."""
        given = dict(self.order_by().values_list("satisfaction").annotate(Count("pk")))
        if sum(given.values()) < SMALLEST_COUNT:
            return None
        return {each: given.get(each.value, 0) for each in Satisfaction}
