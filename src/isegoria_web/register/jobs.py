"""What happens to registers at its hour."""

from __future__ import annotations

from datetime import timedelta

from isegoria_web import clock, scheduler
from isegoria_web.accounts.actors import Actor
from isegoria_web.register.models import Extract
from isegoria_web.register.services import erase_extract


@scheduler.due(every=timedelta(hours=1))
def erase_due_extracts() -> int:
    """Erase every extract whose date has come, and return how many there were."""
    due = [
        extract
        for extract in Extract.objects.filter(erased_at__isnull=True).select_related("institution")
        if extract.erase_on <= clock.today(extract.institution.time_zone)
    ]
    for extract in due:
        erase_extract(actor=Actor.system(), extract=extract)
    return len(due)
