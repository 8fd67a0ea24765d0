"""What did we decide? Counting rules, quorum, thresholds, receipts."""

from __future__ import annotations

from isegoria.ballots.counting import Abstention, Base, Choice, Result, count_yes_no
from isegoria.ballots.receipts import (
    is_published,
    list_difference,
    new_secret,
    published_list,
    receipt,
)

__all__ = [
    "Abstention",
    "Base",
    "Choice",
    "Result",
    "count_yes_no",
    "is_published",
    "list_difference",
    "new_secret",
    "published_list",
    "receipt",
]
