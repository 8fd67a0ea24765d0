from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Sum

if TYPE_CHECKING:
    from isegoria_web.meetings.models import Turn  # noqa: F401


class TurnQuerySet(models.QuerySet["Turn"]):
    def over(self) -> TurnQuerySet:
        """Turns that have ended."""
        return self.filter(seconds__isnull=False)

    def running(self) -> TurnQuerySet:
        """Whoever speaks now."""
        return self.filter(seconds__isnull=True)

    def spoken(self) -> dict[int, int]:
        """Return the key of each citizen who has spoken, to her seconds."""
        return self._seconds("member")

    def spoken_by_appointees(self) -> dict[int, int]:
        """Return the key of each appointee who has spoken, to her seconds."""
        return self._seconds("appointee")

    def _seconds(self, of: str) -> dict[int, int]:
        found = self.over().exclude(**{of: None}).order_by().values_list(of).annotate(total=Sum("seconds"))
        return dict(found.values_list(of, "total"))
