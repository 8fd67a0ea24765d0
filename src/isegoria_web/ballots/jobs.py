"""What happens to a box after its count, and to a resolution when it is decided."""

from __future__ import annotations

from datetime import timedelta

from isegoria_web import scheduler
from isegoria_web.accounts.actors import Actor
from isegoria_web.ballots import resolutions, services


@scheduler.due(every=timedelta(minutes=10))
def wipe_boxes() -> int:
    """Remove what the rows of closed ballots left in the database's files, and return of how many ballots."""
    return services.wipe_boxes(actor=Actor.system())


@scheduler.due(every=timedelta(minutes=10))
def close_resolutions() -> int:
    """Count what bodies have decided, or were deciding until now; returns how many."""
    return resolutions.close_due(actor=Actor.system())
