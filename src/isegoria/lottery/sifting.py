"""A quick start for a panel of a large pool: only types near the margin go through the linear programme.

The next panel maximises `gain · x`. Its prices μ minimise a convex function of a few dozen variables,

    Σ_t max(0, gain_t - Σ_r A_rt μ_r) + Σ_r max(μ_r upper_r, μ_r lower_r),

whose corners are rounded over a width, so that Newton's method, started from the prices of the panel before, needs
two or three steps. Types far above the margin are in, far below are out; the programme decides about the rest.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isegoria.lottery.problem import Problem, Vector
from isegoria.solvers import LinearProgramme, Solution

WIDTH = 0.1
"""Over which corners are rounded, where the largest gain is 1."""
MARGIN = 600
"""Types that the programme decides about."""
WIDE_MARGIN = 1_800
"""And so many where those did not suffice."""
MOST_ROWS = 80
"""With more rows (classes of households) the whole programme is quicker."""
STEPS = 12
SHORTEST = 1e-3
NEAR = 0.5
"""Seats by which the rows may be missed at the rounded optimum: the programme repairs more than that."""


class Sifting:
    """The quick start for one box, in which every type has at most one person to decide about."""

    def __init__(self, problem: Problem, low: Vector, high: Vector) -> None:
        self._problem, self._low, self._high = problem, low, high
        self._open = np.flatnonzero(high > low)
        self._columns = problem.matrix.tocsc()
        part = self._columns[:, self._open]
        self._rows, self._transposed, self._dense = part, part.T.tocsr(), part.toarray()
        base = problem.matrix @ low
        self._lower = problem.lower - base
        self._width = problem.upper - problem.lower
        self._prices = np.zeros(len(base))

    @staticmethod
    def suits(problem: Problem, low: Vector, high: Vector) -> bool:
        """Return whether there are enough types, and few enough rows, to gain from it."""
        many = np.count_nonzero(high > low) > 2 * MARGIN
        return bool(many and len(problem.rows) <= MOST_ROWS and np.all(high - low <= 1))

    def start(self, gain: Vector) -> Solution | None:
        """Return an optimum where the types far from the margin are settled, or None if that is impossible."""
        margin = self._above_margin(gain[self._open])
        for size in (MARGIN, WIDE_MARGIN):
            if size < len(margin):
                found = self._settled(gain, margin, size)
                if found is not None:
                    return found
        return None

    def _settled(self, gain: Vector, margin: Vector, size: int) -> Solution | None:
        """Let the programme decide about so many types next to the margin."""
        near = np.argpartition(np.abs(margin), size)[:size]
        columns = self._low.copy()
        settled_in = self._open[margin > 0]
        columns[settled_in] = self._high[settled_in]
        chosen = self._open[np.sort(near)]
        columns[chosen] = self._low[chosen]
        sums = self._problem.matrix @ columns
        found = LinearProgramme(
            gain[chosen],
            np.zeros(size),
            np.ones(size),
            self._columns[:, chosen],
            self._problem.lower - sums,
            self._problem.upper - sums,
        ).solve()
        if found is None:
            return None
        columns[chosen] += found.columns
        return Solution(
            float(gain @ columns), columns, found.prices, gain - found.prices @ self._problem.matrix
        )

    def _above_margin(self, gain: Vector) -> Vector:
        """Minimise over the prices, and return how far each open type lies above them."""
        value, slope, margin, inner, bend = self._at(gain, self._prices)
        for _ in range(STEPS):
            if np.abs(slope).max() < NEAR:
                break
            curve = self._dense[:, inner]
            system = curve @ curve.T / (2 * WIDTH)
            system[np.diag_indices_from(system)] += bend
            system[np.diag_indices_from(system)] += 1e-3 * max(1.0, system.trace() / len(system))
            step = -np.linalg.solve(system, slope)
            length = 1.0
            while True:
                trial = self._prices + length * step
                found = self._at(gain, trial)
                if found[0] <= value + 1e-4 * length * float(slope @ step) or length < SHORTEST:
                    break
                length /= 2
            self._prices = trial
            value, slope, margin, inner, bend = found
        return margin

    def _at(
        self, gain: Vector, prices: Vector
    ) -> tuple[float, Vector, Vector, npt.NDArray[np.bool_], Vector]:
        """Return value, slope, margin of each type, which types are near it, and the rows' own bend."""
        margin: Vector = np.asarray(gain - self._transposed @ prices)
        share, part = _ramp(margin), _ramp(prices)
        value = _rounded_hinge(margin).sum() + self._lower @ prices
        value += self._width @ _rounded_hinge(prices)
        slope: Vector = np.asarray(self._lower + self._width * part - self._rows @ share)
        bend = self._width * ((part > 0) & (part < 1)) / (2 * WIDTH)
        return float(value), slope, margin, (share > 0) & (share < 1), bend


def _ramp(value: Vector) -> Vector:
    """Return 0 below the corner, 1 above it, and the straight line between over the width."""
    return np.clip(value / (2 * WIDTH) + 0.5, 0, 1)


def _rounded_hinge(value: Vector) -> Vector:
    """Return the function whose slope is the ramp."""
    middle = (value + WIDTH) ** 2 / (4 * WIDTH)
    return np.where(value > WIDTH, value, np.where(value < -WIDTH, 0.0, middle))
