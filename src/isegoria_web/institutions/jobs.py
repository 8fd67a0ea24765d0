"""What falls due with foundings: mails about first roles, and drafts whose day has come."""

from __future__ import annotations

from datetime import timedelta

from isegoria_web.institutions import founding
from isegoria_web.scheduler import due


@due(every=timedelta(seconds=20))
def send_welcomes_that_wait() -> int:
    """Send the mails about first roles; returns how many."""
    return founding.send_welcomes()


@due(every=timedelta(hours=6))
def forget_foundings() -> int:
    """Delete drafts of foundings whose day has come; returns how many."""
    return founding.forget_old_drafts()
