"""What falls due with rules and foundings: versions and drafts whose day has come, mails about first roles."""

from __future__ import annotations

from datetime import timedelta

from isegoria_web.accounts.actors import Actor
from isegoria_web.institutions import amending, elections, founding
from isegoria_web.scheduler import due


@due(every=timedelta(seconds=20))
def send_welcomes_that_wait() -> int:
    """Send the mails about first roles; returns how many."""
    return founding.send_welcomes()


@due(every=timedelta(hours=6))
def forget_foundings() -> int:
    """Delete drafts of foundings whose day has come; returns how many."""
    return founding.forget_old_drafts()


@due(every=timedelta(minutes=5))
def bring_rule_books_into_force() -> int:
    """Put the rule books into force whose first day has come; returns how many."""
    return amending.bring_into_force(actor=Actor.system())


@due(every=timedelta(minutes=10))
def note_pauses_before_elections() -> int:
    """Tell that a pause before an election has begun; returns how many."""
    return elections.note_pauses(actor=Actor.system())
