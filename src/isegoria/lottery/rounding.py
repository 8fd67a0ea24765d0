"""Equal tickets for a public draw with balls: few whole numbers, and how much fairness that costs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from isegoria.errors import BadInput
from isegoria.lottery.model import Composition, Lottery

MOST_TICKETS = 100_000
MOVES = 400
"""Exchanges of one ticket for another that may follow the first choice."""
POWER = 8
"""The sum of this power of the deviations stands for the largest deviation."""


@dataclass(frozen=True, slots=True)
class Rounded:
    """A lottery with few equal tickets, and what that changed.

    Attributes
    ----------
    lottery
        The tickets of its compositions add up to the number asked for.
    largest_change
        Of a person's chance, in [0, 1].
    smallest_before, smallest_after
        The smallest chance of anybody.
    """

    lottery: Lottery
    largest_change: float
    smallest_before: float
    smallest_after: float


def equal_tickets(lottery: Lottery, tickets: int) -> Rounded:
    """Return the lottery with so many equal tickets, close to the exact one.

    Parameters
    ----------
    lottery
        Exact.
    tickets
        100 to 100,000; three ten-sided dice or balls give 1,000.

    Raises
    ------
    BadInput
        `tickets_out_of_range`.

    Notes
    -----
    Guarantee: every ticket's panel meets the quotas; the changes are measured, not estimated. Tickets are
    chosen one after another, each the composition that is owed most, then exchanged as long as that helps,
    so the change is small but not proved smallest. The certificate stays, and `Lottery.verify` shows the
    loss as its gap.

    References
    ----------
    Flanigan, Kehne, Procaccia: Fair sortition made transparent. NeurIPS 2021, for why little is lost.
    """
    if not 100 <= tickets <= MOST_TICKETS:  # noqa: PLR2004  # the bounds of the docstring
        raise BadInput("tickets_out_of_range", tickets=tickets, most=MOST_TICKETS)
    exact = np.array([float(chance) for chance in lottery.type_chances()])
    chosen = _Choice(lottery, exact, tickets).run()
    compositions = tuple(
        Composition(lottery.compositions[index].counts, own)
        for index, own in sorted(Counter(chosen).items())
    )
    rounded = replace(lottery, compositions=compositions)
    after = np.array([float(chance) for chance in rounded.type_chances()])
    return Rounded(rounded, float(np.abs(after - exact).max()), float(exact.min()), float(after.min()))


class _Choice:
    """The tickets chosen so far; `chances[t, j]` is the chance of type t if composition j is drawn."""

    def __init__(self, lottery: Lottery, exact: npt.NDArray[np.float64], tickets: int) -> None:
        counts = np.array([one.counts for one in lottery.compositions], dtype=float).T
        self._chances = sparse.csc_matrix(counts / np.array([one.count for one in lottery.types])[:, None])
        self._exact, self._tickets = exact, tickets
        self._people = np.array([float(one.count) for one in lottery.types])

    def run(self) -> list[int]:
        """Return the composition of each ticket."""
        weighted = sparse.csr_matrix(self._chances.multiply(self._people[:, None]).T)
        squares = np.asarray(
            self._chances.multiply(self._chances).multiply(self._people[:, None]).sum(axis=0)
        )
        owed = np.zeros(len(self._exact))
        chosen: list[int] = []
        for _ in range(self._tickets):
            owed += self._exact
            index = int(np.argmax(weighted @ owed - squares.ravel() / 2))
            chosen.append(index)
            owed -= self._column(index)
        return self._exchanged(chosen, owed)

    def _column(self, index: int) -> npt.NDArray[np.float64]:
        return np.asarray(self._chances[:, [index]].todense()).ravel()

    def _exchanged(self, chosen: list[int], owed: npt.NDArray[np.float64]) -> list[int]:
        """Exchange one ticket for another as long as the deviations shrink."""
        dense = self._chances.toarray()
        for _ in range(MOVES):
            now = float((np.abs(owed) ** POWER).sum())
            slope = np.sign(owed) * np.abs(owed / (np.abs(owed).max() or 1.0)) ** (POWER - 1)
            pull = slope @ dense
            out = min(set(chosen), key=lambda index: (pull[index], index))
            after = owed + dense[:, out]
            promising = np.argsort(-pull, kind="stable")[:40]
            values = (np.abs(after[:, None] - dense[:, promising]) ** POWER).sum(axis=0)
            best = int(np.argmin(values))
            if values[best] >= now * (1 - 1e-9):
                break
            chosen[chosen.index(out)] = int(promising[best])
            owed = after - dense[:, promising[best]]
        return chosen
