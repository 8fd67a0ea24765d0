"""What happens to bank data at its hour."""

from __future__ import annotations

from datetime import timedelta

from isegoria_web import scheduler
from isegoria_web.accounts.actors import Actor
from isegoria_web.allowances.erasing import erase_due_accounts


@scheduler.due(every=timedelta(hours=6))
def erase_bank_data_whose_day_has_come() -> int:
    """Erase accounts and contents of payment files that are no longer needed; returns how many."""
    return erase_due_accounts(actor=Actor.system())
