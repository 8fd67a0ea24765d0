"""Equal tickets for a public draw with balls: few whole numbers, and how much fairness that costs.

With c_j tickets for composition j, of m in all, the largest change of a chance is the smallest ε with

    |Σ_j c_j x_tj / (m n_t) - π_t| ≤ ε   for every type t,   Σ_j c_j = m,   c_j whole, at least 0.

Since Σ_j c_j x_tj is a whole number, no choice has an ε below the distance of m n_t π_t from the nearest whole number,
divided by m n_t. Tickets are first chosen one after another; then, unless that already reaches the bound, the integer
programme looks for a better choice among a moderate number of compositions, within so many nodes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import sparse

from isegoria.errors import BadInput
from isegoria.lottery.model import Composition, Lottery
from isegoria.solvers import IntegerProgramme
from isegoria.tolerances import INTEGRAL

MOST_TICKETS = 100_000
MOVES = 400
"""Exchanges of one ticket for another that may follow the first choice."""
MOST_COMPOSITIONS = 400
"""Up to this many the integer programme is asked; with thousands it finds nothing better within its nodes."""
NODES = 300
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
    bound
        No choice of so many tickets among these compositions has a smaller largest change than this.
    """

    lottery: Lottery
    largest_change: float
    smallest_before: float
    smallest_after: float
    bound: float


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
    Guarantee: every ticket's panel meets the quotas; the changes are measured, not estimated; where
    `largest_change` is `bound`, no other choice of tickets is better. Not guaranteed beyond a few hundred
    compositions: that the bound is reached. The certificate stays, and `Lottery.verify` shows the loss as
    its gap.

    References
    ----------
    Flanigan, Kehne, Procaccia: Fair sortition made transparent. NeurIPS 2021, for why little is lost.
    """
    if not 100 <= tickets <= MOST_TICKETS:  # noqa: PLR2004  # the bounds of the docstring
        raise BadInput("tickets_out_of_range", tickets=tickets, most=MOST_TICKETS)
    exact = np.array([float(chance) for chance in lottery.type_chances()])
    bound = _parity(lottery, exact, tickets)
    rounded, change = _with(lottery, exact, Counter(_Choice(lottery, exact, tickets).run()))
    if change > bound + INTEGRAL / tickets and len(lottery.compositions) <= MOST_COMPOSITIONS:
        own, bound = _by_programme(lottery, exact, tickets, bound)
        other, better = _with(lottery, exact, own) if own else (rounded, change)
        if better < change:
            rounded, change = other, better
    smallest = min(float(chance) for chance in rounded.type_chances())
    return Rounded(rounded, change, float(exact.min()), smallest, min(bound, change))


def _with(
    lottery: Lottery, exact: npt.NDArray[np.float64], own: Mapping[int, int]
) -> tuple[Lottery, float]:
    """Return the lottery in which each composition owns so many tickets, and the largest change of a chance."""
    compositions = tuple(
        Composition(lottery.compositions[index].counts, tickets) for index, tickets in sorted(own.items())
    )
    rounded = replace(lottery, compositions=compositions)
    after = np.array([float(chance) for chance in rounded.type_chances()])
    return rounded, float(np.abs(after - exact).max())


def _parity(lottery: Lottery, exact: npt.NDArray[np.float64], tickets: int) -> float:
    """Return the change that no choice avoids, because people times tickets are whole numbers."""
    whole = tickets * np.array([one.count for one in lottery.types])
    return float((np.abs(exact * whole - np.rint(exact * whole)) / whole).max())


def _by_programme(
    lottery: Lottery, exact: npt.NDArray[np.float64], tickets: int, bound: float
) -> tuple[dict[int, int], float]:
    """Return the tickets of each composition by the integer programme, and the bound that it proves."""
    chances = np.array([one.counts for one in lottery.compositions], dtype=float).T
    chances /= tickets * np.array([one.count for one in lottery.types])[:, None]
    types, columns = chances.shape
    ones, none = np.ones((types, 1)), np.full(types, np.inf)
    found, value = IntegerProgramme(
        np.append(np.zeros(columns), -1.0),
        np.append(np.zeros(columns), bound),
        np.append(np.full(columns, float(tickets)), 1.0),
        np.block([[chances, -ones], [chances, ones], [np.ones((1, columns)), np.zeros((1, 1))]]),
        np.concatenate([-none, exact, [tickets]]),
        np.concatenate([exact, none, [tickets]]),
        np.append(np.ones(columns, dtype=bool), False),  # ε is no whole number
    ).approach(NODES)
    own = {} if found is None else {j: int(c) for j, c in enumerate(found[:-1]) if c}
    return own, max(bound, -value)


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
