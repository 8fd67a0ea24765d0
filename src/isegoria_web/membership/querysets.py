from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from isegoria_web.membership.enums import TermStatus

if TYPE_CHECKING:
    from isegoria_web.membership.models import Term  # noqa: F401


class TermQuerySet(models.QuerySet["Term"]):
    def sitting_on(self, day: date) -> TermQuerySet:
        """Who sat on this day, whatever has happened since."""
        return self.exclude(status=TermStatus.OFFERED).filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day
        )
