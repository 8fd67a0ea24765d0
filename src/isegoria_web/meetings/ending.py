"""When meetings end, for those who must not know this app."""

from __future__ import annotations

from datetime import datetime

from isegoria_web.institutions.models import Cycle
from isegoria_web.meetings.models import Meeting


def ends_at(cycle: Cycle, number: int) -> datetime | None:
    """Return the end of a meeting of a cycle, counted in the order in which they are held; None if none is called."""
    ends = Meeting.objects.filter(cycle=cycle).order_by("starts_at", "pk").values_list("ends_at", flat=True)
    return next(iter(ends[number - 1 : number]), None)
