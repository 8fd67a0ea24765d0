"""Which statements unite, which divide, and which are uncertain: shares with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from isegoria.opinions.votes import Votes

Z95 = 1.959963984540054
SMALLEST_CELL = 5
"""Shares of fewer voters are not shown: single persons could be guessed."""
HALF, QUARTER = 0.5, 0.25


class Finding(StrEnum):
    """What the votes on a statement show."""

    UNITES = "unites"
    DIVIDES = "divides"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval.

    Attributes
    ----------
    count, total
        Voters who said so, and all who saw the statement, passes included.
    low, high
        The interval, in [0, 1].
    """

    count: int
    total: int
    low: float
    high: float

    @classmethod
    def of(cls, count: int, total: int) -> Share:
        """Return the share with Wilson's interval.

        References
        ----------
        Wilson, Probable inference, Journal of the American Statistical Association 22 (1927).

        Examples
        --------
        >>> share = Share.of(8, 10)
        >>> round(share.low, 3), round(share.high, 3)
        (0.49, 0.943)
        """
        if total == 0:
            return cls(0, 0, 0.0, 1.0)
        part, square = count / total, Z95**2
        middle = (part + square / (2 * total)) / (1 + square / total)
        half = Z95 * math.sqrt(part * (1 - part) / total + square / (4 * total**2)) / (1 + square / total)
        # Where all or nobody said so, rounding may put an end on the wrong side of the share.
        return cls(count, total, max(0.0, min(part, middle - half)), min(1.0, max(part, middle + half)))

    @property
    def value(self) -> float:
        """The share itself; 0 where nobody voted."""
        return self.count / self.total if self.total else 0.0

    @property
    def surely_most(self) -> bool:
        """Whether the whole interval lies above one half."""
        return self.low > HALF

    @property
    def surely_not_most(self) -> bool:
        """Whether the whole interval lies below one half."""
        return self.high < HALF


@dataclass(frozen=True, slots=True)
class Reading:
    """One statement: how all voted, how each group voted, and what that shows.

    Attributes
    ----------
    statement
        Its id.
    agree, disagree
        Shares of all in the map; None where fewer than five voted.
    groups
        Share of agreement in each group; empty without groups, None where fewer than five of a group voted.
    finding
        Unites: surely more than half of every group agree, or of every group disagree. Divides: surely more
        than half of one group agree and surely fewer of another; without groups, surely a quarter of all
        agree and a quarter disagree. Uncertain: everything else.
    strength
        How clear the finding is, in [0, 1], to sort by.
    """

    statement: str
    agree: Share | None
    disagree: Share | None
    groups: tuple[Share | None, ...]
    finding: Finding
    strength: float

    @property
    def for_it(self) -> bool:
        """Whether more agree than disagree."""
        return (
            self.agree is not None and self.disagree is not None and self.agree.count >= self.disagree.count
        )


def read_statements(votes: Votes, groups: Sequence[npt.NDArray[np.intp]]) -> tuple[Reading, ...]:
    """Return what the votes on each statement show, in the order of the statements.

    Parameters
    ----------
    votes
        Votes of those in the map, on statements that are shown.
    groups
        Rows of each group; none where groups are not shown.

    Notes
    -----
    Each interval holds by itself at 95 %; among a hundred statements some will err. Intervals speak of votes
    as a sample of what all in the map think, so they also apply where everybody voted.
    """
    everybody = votes.counts()
    each = [votes.counts(rows) for rows in groups]
    return tuple(
        _reading(name, everybody[:, index], [counts[:, index] for counts in each])
        for index, name in enumerate(votes.statements)
    )


def _shown(count: int, total: int) -> Share | None:
    return Share.of(int(count), int(total)) if total >= SMALLEST_CELL else None


def _reading(name: str, counts: npt.NDArray[np.int64], groups: Sequence[npt.NDArray[np.int64]]) -> Reading:
    agree, disagree = (_shown(counts[side], counts.sum()) for side in (0, 1))
    by_group = tuple(_shown(group[0], group.sum()) for group in groups)
    against = tuple(_shown(group[1], group.sum()) for group in groups)
    finding, strength = _between_groups(by_group, against) if groups else _among_all(agree, disagree)
    return Reading(name, agree, disagree, by_group, finding, strength)


def _between_groups(
    agree: Sequence[Share | None], disagree: Sequence[Share | None]
) -> tuple[Finding, float]:
    for side in (agree, disagree):
        known = [share for share in side if share is not None]
        if len(known) == len(side) and all(share.surely_most for share in known):
            return Finding.UNITES, min(share.low for share in known)
    known = [share for share in agree if share is not None]
    most = [share for share in known if share.surely_most]
    fewest = [share for share in known if share.surely_not_most]
    if most and fewest:
        return Finding.DIVIDES, max(share.low for share in most) - min(share.high for share in fewest)
    return Finding.UNCERTAIN, 0.0


def _among_all(agree: Share | None, disagree: Share | None) -> tuple[Finding, float]:
    if agree is None or disagree is None:
        return Finding.UNCERTAIN, 0.0
    for share in (agree, disagree):
        if share.surely_most:
            return Finding.UNITES, share.low
    least = min(agree.low, disagree.low)
    return (Finding.DIVIDES, least) if least > QUARTER else (Finding.UNCERTAIN, 0.0)
