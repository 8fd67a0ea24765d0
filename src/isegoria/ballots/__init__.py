"""What did we decide? Counting rules, quorum, thresholds, receipts."""

from __future__ import annotations

from isegoria.ballots.choosing import Paper, Shortlist, count_approval, equal_shares, is_justified, ranking
from isegoria.ballots.colleges import College, Together, each_by_itself, weighted
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
    "College",
    "Paper",
    "Result",
    "Shortlist",
    "Together",
    "count_approval",
    "count_yes_no",
    "each_by_itself",
    "equal_shares",
    "is_justified",
    "is_published",
    "list_difference",
    "new_secret",
    "published_list",
    "ranking",
    "receipt",
    "weighted",
]
