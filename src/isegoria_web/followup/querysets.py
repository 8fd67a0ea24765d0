from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from isegoria_web.followup.models import Duty  # noqa: F401


class DutyQuerySet(models.QuerySet["Duty"]):
    def overdue_on(self, day: date) -> DutyQuerySet:
        """Which answers are late on this day."""
        return self.filter(answered_at__isnull=True, due_on__lt=day)
