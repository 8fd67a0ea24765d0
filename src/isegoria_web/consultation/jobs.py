"""What happens to themes, links and signatures at their hour."""

from __future__ import annotations

from datetime import timedelta

from isegoria_web import scheduler
from isegoria_web.accounts.actors import Actor
from isegoria_web.consultation import confirming, signing


@scheduler.due(every=timedelta(hours=1))
def close_collections_whose_last_day_is_over() -> int:
    """End collections that found too few signatures; returns how many."""
    return signing.close_overdue(actor=Actor.system())


@scheduler.due(every=timedelta(hours=1))
def erase_signatories_whose_day_has_come() -> int:
    """Erase who signed and who proposed; returns how many people."""
    return signing.erase_due(actor=Actor.system())


@scheduler.due(every=timedelta(hours=1))
def forget_what_nobody_confirmed() -> int:
    """Delete links that nobody used; returns how many."""
    return confirming.forget_unconfirmed()
