"""What did we decide? Counting rules, quorum, thresholds, receipts."""

from __future__ import annotations

from isegoria.ballots.choosing import Paper, Shortlist, count_approval, equal_shares, is_justified, ranking
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
    "Paper",
    "Result",
    "Shortlist",
    "count_approval",
    "count_yes_no",
    "equal_shares",
    "is_justified",
    "is_published",
    "list_difference",
    "new_secret",
    "published_list",
    "ranking",
    "receipt",
]
