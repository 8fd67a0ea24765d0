"""What allowances ask of the secretariat this morning."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import ngettext

from isegoria_web.allowances import paying
from isegoria_web.allowances.enums import ClaimStatus
from isegoria_web.allowances.models import Claim
from isegoria_web.institutions.models import Institution
from isegoria_web.web.backoffice.morning import SECRETARIAT, Task


def money_tasks(institution: Institution) -> Iterator[Task]:
    """Yield what waits for a second person, what can be paid, and files that nobody marked as paid since their day."""
    waiting = Claim.objects.filter(institution=institution, status=ClaimStatus.CLAIMED).count()
    if waiting:
        text = ngettext(
            "%(count)d claim waits for a second person",
            "%(count)d claims wait for a second person",
            waiting,
        )
        yield Task(text % {"count": waiting}, "money", (), SECRETARIAT)
    payable = len(paying.payable(institution))
    if payable:
        text = ngettext("Pay %(count)d approved claim", "Pay %(count)d approved claims", payable)
        yield Task(text % {"count": payable}, "money", (), SECRETARIAT)
    for file in institution.payment_files.filter(paid_at__isnull=True).order_by("number"):
        text = ngettext(
            "Mark payment file %(number)d with %(count)d transfer as paid",
            "Mark payment file %(number)d with %(count)d transfers as paid",
            file.transfers_count,
        )
        words = {"number": file.number, "count": file.transfers_count}
        yield Task(text % words, "payment_file", (file.number,), SECRETARIAT, when=file.execute_on)
