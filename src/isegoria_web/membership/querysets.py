from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from isegoria_web.membership.enums import EndReason, TermStatus

if TYPE_CHECKING:
    from isegoria_web.membership.models import Term  # noqa: F401


class TermQuerySet(models.QuerySet["Term"]):
    def held(self) -> TermQuerySet:
        """Seats that were taken, also if they were left since."""
        return self.exclude(status=TermStatus.OFFERED).exclude(end_reason=EndReason.DECLINED)

    def sitting_on(self, day: date) -> TermQuerySet:
        """Who sat on this day, whatever has happened since; who declined the offer of a seat never sat."""
        return self.held().filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)
