"""Panels one after another that together stay close to given target numbers (error diffusion).

The next panel maximises `Σ_t g_t x_t`, where g_t is how much type t is still owed. The relaxation finds it up to
a few fractions, from the basis of the panel before; swaps of one person against another repair these.
Where swaps fail, the integer programme decides. In a pool of many types most panels come from the one before by
`exchanges`; the relaxation then starts a new row of them now and then, because exchanges change no quota's sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from isegoria.lottery.exchanges import Exchanges
from isegoria.lottery.problem import Counts, Problem, Vector
from isegoria.lottery.sifting import Sifting
from isegoria.seeding import generator
from isegoria.solvers import LinearProgramme, Solution

Index = npt.NDArray[np.int64]
FRACTION = 1e-6
"""A part of a person below this is rounding of the solver."""
CANDIDATES = 120
"""Types looked at on each side of a swap, those with the smallest loss first."""
REST = 6
"""Steps for which a type that was swapped stays where it is."""
REPAIRS = 60
"""Swaps tried before the integer programme is asked."""
ATTEMPTS = 6
"""Starts of a repair before the integer programme is asked."""
STUCK = 3
"""Searches in a row without success after which only the integer programme is asked: panels are rare then."""
GOOD_ENOUGH = 0.3
"""The share of the best value that a panel of the diffusion may miss: panels are rare then, and any one helps."""
SHAKE = 0.15
"""By how much the direction changes from start to start, in units of its largest entry."""
NOISE_SEED = bytes(32)
"""Fixed, so that the same pool gives the same lottery; what it finds is checked by other means."""
ROW = 8
"""Panels in a row by exchanges where a quota leaves room: its sum is to vary from panel to panel."""
LARGEST_DENSE = 20_000_000
"""Entries up to which the rows are also kept with their zeros, because columns of them are quicker to take."""
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
        self._units = problem.units
        self._programme: LinearProgramme = problem.relaxation(low, high)
        self._sifting = Sifting(problem, low, high) if Sifting.suits(problem, low, high) else None
        self._rows_of = problem.matrix.T.tocsr()
        small = problem.matrix.shape[0] * problem.matrix.shape[1] <= LARGEST_DENSE
        self._dense = self._rows_of.toarray() if small else None
        self._exchanges = _exchanges_of(problem, low, high)
        quotas = slice(0, problem.first_limit)
        self._fixed = bool(np.array_equal(problem.lower[quotas], problem.upper[quotas]))
        self._last: Counts | None = None
        self._in_row = 0
        self._stuck = 0
        self._noise = generator(NOISE_SEED, "panel-search")

    def next(self, owed: Vector, target: Vector) -> Counts | None:
        """Return the next panel of the diffusion, or None if there is no panel at all.

        Parameters
        ----------
        owed
            Shape (types,): how many of each type should have come by now, less those who came.
        target
            Shape (types,): how many are to come with each panel.
        """
        found = None
        if self._exchanges is not None and self._last is not None and (self._fixed or self._in_row < ROW):
            found = self._exchanges.follow(self._last, owed, target)
        self._in_row = 0 if found is None else self._in_row + 1
        if found is None:
            found = self.best(owed)
        self._last = found
        return found

    def best(self, gain: Vector) -> Counts | None:
        """Return a panel with a large `gain · x`, or None if there is no panel at all.

        Where the repair gets stuck, it starts again from a slightly different direction; the integer
        programme comes last.
        """
        gain = gain / (np.abs(gain).max(initial=0.0) or 1.0)
        for attempt in range(ATTEMPTS if self._stuck < STUCK else 0):
            shaken = gain + attempt * SHAKE * self._noise.normal(size=len(gain)) if attempt else gain
            found = self._start(shaken)
            if found is None:
                return None
            repaired = self._repair(self._rounded(found.columns), found.reduced)
            if repaired is not None:
                self._stuck = 0
                return repaired
        self._stuck += 1
        return self.exact(gain, GOOD_ENOUGH)

    def _start(self, gain: Vector) -> Solution | None:
        """Return an optimum of the relaxation, or nearly so where the pool is large."""
        found = None if self._sifting is None else self._sifting.start(gain)
        if found is not None:
            return found
        self._programme.change_costs(gain)
        return self._programme.solve()

    def exact(self, gain: Vector, share: float = 0.0) -> Counts | None:
        """Return a panel with the largest `gain · x`, or so much of it less, or None if there is no panel."""
        top = np.abs(gain).max(initial=0.0)
        programme = self._problem.panels(self._low, self._high)
        programme.change_costs(gain / top if top else gain)
        found = programme.solve(share)
        return None if found is None else found.astype(np.int64)

    def _rounded(self, columns: Vector) -> Counts:
        """Round down, then give the missing seats to the largest fractions."""
        whole = np.floor(columns + FRACTION)
        fraction = columns - whole
        for one in self._problem.together:  # whole groups, which swaps leave alone
            whole[list(one.types)] = whole[list(one.types)].min()
        missing = self._problem.size - int(whole.sum())
        if missing > 0:
            room = (whole < self._high) & ~self._units
            order = np.lexsort((np.arange(len(columns)), -np.where(room, fraction, -np.inf)))
            filled = order[:missing]
            whole[filled[room[filled]]] += 1
        return whole.astype(np.int64)

    def _repair(self, panel: Counts, reduced: Vector) -> Counts | None:
        """Swap one person against another until every row holds; None if that gets stuck.

        Rows that stay broken weigh more from step to step, and a type that moved rests for a while, so
        that the search leaves dead ends instead of going round in them.
        """
        panel = panel.copy()
        sums = self._problem.matrix @ panel
        weights = np.ones(len(sums))
        rests_until = np.where(self._units, REPAIRS + REST, 0)
        for step in range(REPAIRS):
            broken = _outside(sums, self._problem)
            if not broken.any():
                return panel
            swap = self._best_swap(panel, sums, reduced, weights, rests_until > step)
            if broken[0] or swap is None:  # swaps keep the size, so they cannot repair it
                return None
            out, into = swap
            panel[out] -= 1
            panel[into] += 1
            left, came = self._of(np.array(swap))
            sums = sums + came - left
            weights += np.minimum(_outside(sums, self._problem), 1)
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
        now = _outside(sums, self._problem)
        leaving = weights * (_outside(sums - 1, self._problem) - now)
        coming = weights * (_outside(sums + 1, self._problem) - now)
        rows = np.flatnonzero((leaving != 0) | (coming != 0))
        leaving, coming = leaving[rows], coming[rows]
        of_outs, of_ins = self._of(outs)[:, rows], self._of(ins)[:, rows]
        # a row to which both belong neither loses nor gains
        breach = (of_outs @ leaving)[:, None] + of_ins @ coming - (of_outs * (leaving + coming)) @ of_ins.T
        score = _BREACH * breach + reduced[outs][:, None] - reduced[ins][None, :]
        out, into = divmod(int(np.argmin(score)), len(ins))
        return int(outs[out]), int(ins[into])

    def _of(self, types: Index) -> npt.NDArray[np.float64]:
        """Return which rows count these types, shape (types, rows), zeros and ones."""
        if self._dense is not None:
            return np.asarray(self._dense[types])
        return np.asarray(self._rows_of[types].toarray())


def _outside(sums: Vector, problem: Problem) -> Vector:
    """Return how many seats each row lies outside its bounds."""
    below = np.maximum(problem.lower - sums, 0)
    return np.asarray(below + np.maximum(sums - problem.upper, 0))


def _first(types: Index, losses: Vector) -> Index:
    """Return the types with the smallest losses, at most `CANDIDATES`."""
    if len(types) <= CANDIDATES:
        return types
    return np.sort(types[np.argpartition(losses[types], CANDIDATES)[:CANDIDATES]])


def _exchanges_of(problem: Problem, low: Vector, high: Vector) -> Exchanges | None:
    """Return exchanges that leave every quota as it is, if there are types enough."""
    families = _families(problem, range(1, problem.first_limit))
    return Exchanges(problem, low, high, families) if Exchanges.suits(low, high, families) else None


def _families(problem: Problem, chosen: Iterable[int]) -> Index:
    """Group rows into families of which no two share a type, such as the values of a feature.

    Returned is the place of each type's row in each family, shape (families, types).
    """
    found: list[Index] = []
    for row in chosen:
        types = list(problem.rows[row].types)
        own = next((codes for codes in found if not codes[types].any()), None)
        if own is None:
            own = np.zeros(len(problem.types), dtype=np.int64)
            found.append(own)
        own[types] = own.max() + 1
    return np.array(found)


def stack(panels: Sequence[Counts]) -> sparse.csc_matrix:
    """Return panels as columns, shape (types, panels)."""
    filled = [np.flatnonzero(panel) for panel in panels]
    starts = np.cumsum([0, *(len(where) for where in filled)])
    values = [panel[where] for panel, where in zip(panels, filled, strict=True)]
    return sparse.csc_matrix(
        (np.concatenate(values).astype(float), np.concatenate(filled), starts),
        shape=(len(panels[0]), len(panels)),
    )
