"""What happens to a meeting after its end."""

from __future__ import annotations

from datetime import timedelta

from isegoria_web import scheduler
from isegoria_web.meetings import speaking


@scheduler.due(every=timedelta(hours=1))
def forget_speaking_times() -> int:
    """Close meetings that ended a day ago and still hold speaking times of persons, and return how many."""
    return speaking.close_old_meetings()
