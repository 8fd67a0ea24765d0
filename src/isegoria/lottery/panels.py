"""Panels one after another that together stay close to given target numbers (error diffusion).

The next panel maximises `Σ_t g_t x_t`, where g_t is how much type t is still owed. The relaxation finds it up to
a few fractions, from the basis of the panel before; swaps of one person against another repair these.
Where swaps fail, the integer programme decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from isegoria.lottery.problem import Counts, Problem, Vector
from isegoria.solvers import LinearProgramme

Index = npt.NDArray[np.int64]
FRACTION = 1e-6
"""A part of a person below this is rounding of the solver."""
CANDIDATES = 120
"""Types looked at on each side of a swap, those with the smallest loss first."""
REST = 6
"""Steps for which a type that was swapped stays where it is."""
REPAIRS = 60
"""Swaps tried before the integer programme is asked."""
_BREACH = 1e6
"""Weight of one seat outside a quota, far above any gain of a swap."""


class PanelSearch:
    """A search for panels between `low` and `high` that keep the given rows.

    Parameters
    ----------
    problem
        With the rows as the panels must keep them.
    low, high
        Shape (types,), whole numbers: bounds of each type.
    """

    def __init__(self, problem: Problem, low: Vector, high: Vector) -> None:
        self._problem = problem
        self._low, self._high = low, high
        self._programme: LinearProgramme = problem.relaxation(low, high)
        self._families = _families(problem)

    def best(self, gain: Vector) -> Counts | None:
        """Return a panel with a large `gain · x`, or None if there is no panel at all."""
        top = np.abs(gain).max(initial=0.0)
        self._programme.change_costs(gain / top if top else gain)
        found = self._programme.solve()
        if found is None:
            return None
        panel = self._rounded(found.columns)
        losses = gain / top if top else gain
        repaired = self._repair(panel, losses - found.prices @ self._problem.matrix)
        return repaired if repaired is not None else self.exact(gain)

    def exact(self, gain: Vector) -> Counts | None:
        """Return a panel with the largest `gain · x`, or None if there is no panel."""
        top = np.abs(gain).max(initial=0.0)
        programme = self._problem.panels(self._low, self._high)
        programme.change_costs(gain / top if top else gain)
        found = programme.solve()
        return None if found is None else found.astype(np.int64)

    def _rounded(self, columns: Vector) -> Counts:
        """Round down, then give the missing seats to the largest fractions."""
        whole = np.floor(columns + FRACTION)
        fraction = columns - whole
        missing = self._problem.size - int(whole.sum())
        if missing > 0:
            room = whole < self._high
            order = np.lexsort((np.arange(len(columns)), -np.where(room, fraction, -np.inf)))
            whole[order[:missing]] += 1
        return whole.astype(np.int64)

    def _repair(self, panel: Counts, reduced: Vector) -> Counts | None:
        """Swap one person against another until every row holds; None if that gets stuck.

        Rows that stay broken weigh more from step to step, and a type that moved rests for a while, so
        that the search leaves dead ends instead of going round in them.
        """
        panel = panel.copy()
        sums = self._problem.matrix @ panel
        weights = np.ones(len(sums))
        rests_until = np.zeros(len(panel), dtype=np.int64)
        for step in range(REPAIRS):
            broken = _outside(sums, self._problem, slice(None))
            if not broken.any():
                return panel
            swap = self._best_swap(panel, sums, reduced, weights, rests_until > step)
            if broken[0] or swap is None:  # swaps keep the size, so they cannot repair it
                return None
            out, into = swap
            panel[out] -= 1
            panel[into] += 1
            sums = self._problem.matrix @ panel
            weights += np.minimum(_outside(sums, self._problem, slice(None)), 1)
            rests_until[list(swap)] = step + REST
        return None

    def _best_swap(
        self, panel: Counts, sums: Vector, reduced: Vector, weights: Vector, resting: npt.NDArray[np.bool_]
    ) -> tuple[int, int] | None:
        """Return the swap after which the weighted breach is smallest, then the smallest loss, if any."""
        outs = _first(np.flatnonzero((panel > self._low) & ~resting), reduced)
        ins = _first(np.flatnonzero((panel < self._high) & ~resting), -reduced)
        if not len(outs) or not len(ins):
            return None
        score = reduced[outs][:, None] - reduced[ins][None, :]
        for family in self._families:
            table = _BREACH * family.change(sums, weights, self._problem)
            score += table[np.ix_(family.codes[outs], family.codes[ins])]
        out, into = divmod(int(np.argmin(score)), len(ins))
        return int(outs[out]), int(ins[into])


class _Family:
    """Rows that no type shares, such as the values of a feature: a swap touches at most two of them."""

    def __init__(self, rows: Sequence[int], problem: Problem) -> None:
        self._rows: Index = np.array(rows)
        self.codes: Index = np.full(len(problem.types), len(rows))
        for code, row in enumerate(rows):
            self.codes[list(problem.rows[row].types)] = code

    def change(self, sums: Vector, weights: Vector, problem: Problem) -> Vector:
        """Return by how much the weighted breach grows, per value leaving and value coming."""
        rows = self._rows
        before = _outside(sums[rows], problem, rows)
        after_out = weights[rows] * (_outside(sums[rows] - 1, problem, rows) - before)
        after_in = weights[rows] * (_outside(sums[rows] + 1, problem, rows) - before)
        table = np.append(after_out, 0.0)[:, None] + np.append(after_in, 0.0)[None, :]
        np.fill_diagonal(table, 0.0)
        return np.asarray(table)


def _outside(sums: Vector, problem: Problem, rows: Index | slice) -> Vector:
    """Return how many seats each row lies outside its bounds."""
    below = np.maximum(problem.lower[rows] - sums, 0)
    return np.asarray(below + np.maximum(sums - problem.upper[rows], 0))


def _first(types: Index, losses: Vector) -> Index:
    """Return the types with the smallest losses, at most `CANDIDATES`."""
    if len(types) <= CANDIDATES:
        return types
    return np.sort(types[np.argpartition(losses[types], CANDIDATES)[:CANDIDATES]])


def _families(problem: Problem) -> list[_Family]:
    """Group the rows after the first (the size, which a swap keeps) into disjoint families."""
    families: list[tuple[list[int], set[int]]] = []
    for row in range(1, len(problem.rows)):
        types = set(problem.rows[row].types)
        for rows, taken in families:
            if not taken & types:
                rows.append(row)
                taken.update(types)
                break
        else:
            families.append(([row], types))
    return [_Family(rows, problem) for rows, _ in families]


def stack(panels: Sequence[Counts]) -> sparse.csc_matrix:
    """Return panels as columns, shape (types, panels)."""
    return sparse.csc_matrix(np.array(panels, dtype=float).T)
