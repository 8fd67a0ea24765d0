"""What allowances ask of the secretariat this morning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from django.utils.translation import ngettext

from isegoria_web.allowances.enums import ClaimStatus, TransferStatus
from isegoria_web.allowances.models import Claim
from isegoria_web.institutions.models import Institution
from isegoria_web.web.backoffice.morning import SECRETARIAT, Task


def money_tasks(institution: Institution) -> Iterator[Task]:
    """Yield what waits for a second person, what can be paid, and files that nobody marked as paid since their day."""
    waiting, payable = set(), set()
    sent: defaultdict[tuple[int, date], int] = defaultdict(int)
    rows = Claim.objects.open().filter(institution=institution).values_list(
        "pk", "status", "member__account__pk", "member__account__erased_at", "transfers__status",
        "transfers__file__number", "transfers__file__execute_on",
    )  # fmt: skip
    for claim, status, account, erased, transfer, file, day in rows:  # one query for the whole page
        if status == ClaimStatus.CLAIMED:
            waiting.add(claim)
        elif status == ClaimStatus.APPROVED and account and erased is None:
            payable.add(claim)
        elif status == ClaimStatus.SENT and transfer == TransferStatus.SENT:
            sent[file, day] += 1
    if waiting:
        text = ngettext(
            "%(count)d claim waits for a second person",
            "%(count)d claims wait for a second person",
            len(waiting),
        )
        yield Task(text % {"count": len(waiting)}, "money", (), SECRETARIAT)
    if payable:
        text = ngettext("Pay %(count)d approved claim", "Pay %(count)d approved claims", len(payable))
        yield Task(text % {"count": len(payable)}, "money", (), SECRETARIAT)
    for (file, day), count in sorted(sent.items()):
        text = ngettext(
            "Mark payment file %(number)d with %(count)d transfer as paid",
            "Mark payment file %(number)d with %(count)d transfers as paid",
            count,
        )
        words = {"number": file, "count": count}
        yield Task(text % words, "payment_file", (file,), SECRETARIAT, when=day)
