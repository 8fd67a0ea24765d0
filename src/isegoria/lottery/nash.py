"""Nash: the lottery with the largest product of chances, `Σ_t n_t log π_t`.

Over the relaxation this is a smooth concave programme with a few dozen rows. A primal-dual interior-point method
comes near; then the rows that bind are known, and Newton's method on their prices μ makes the answer exact:
`π_t = min(1, 1 / Σ_r A_rt μ_r)`, so that each chance is read off the prices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from isegoria.lottery.decompose import Mixture
from isegoria.lottery.problem import Counts, Problem, Vector

WIDER = 1e-6
"""Quotas are widened by this in the first phase, so that the interior is never empty; Newton takes it back."""
STEPS = 200
POLISH = 40
NEAR = 1e-13
IMPROVES = 1e-11
"""A panel that raises `Σ x / π` by less than this share of the people brings nothing but rounding."""
CLOSE = 1e-10
"""Mean product of prices and slacks at which the first phase ends; Newton needs no better start."""

Matrix = npt.NDArray[np.float64]


def nash_over_relaxation(problem: Problem) -> Vector:
    """Return how many of each type the optimum over the relaxation holds, where every type can be drawn."""
    return _polished(problem, *_Interior(problem).run())


class _Interior:
    """Minimise `-Σ n log x` with `A x = s`, `lower ≤ s ≤ upper`, `x ≤ n`; multipliers z, v, w of the bounds."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._n = problem.counts
        self._matrix: Matrix = problem.matrix.toarray()
        self._lower, self._upper = problem.lower - WIDER, problem.upper + WIDER
        people = self._n.sum()
        self._x = self._n * min(problem.size / people, 0.9)
        self._s = (self._lower + self._upper) / 2
        self._y = np.zeros(len(self._s))
        self._z = np.full(len(self._n), 1.0)
        self._v = np.full(len(self._s), 1.0)
        self._w = np.full(len(self._s), 1.0)

    def run(self) -> tuple[Vector, npt.NDArray[np.bool_]]:
        """Return the prices of the rows, and which rows bind: those whose price exceeds their slack."""
        for _ in range(STEPS):
            mean = self._mean_product()
            rest = np.abs(self._matrix @ self._x - self._s).max()
            if mean < CLOSE and rest < WIDER:
                break
            self._step(0.15 * mean)
        slack = np.where(self._y > 0, self._upper - self._s, self._s - self._lower)
        return self._y, np.abs(self._y) > slack

    def _mean_product(self) -> float:
        total = self._z @ (self._n - self._x)
        total += self._v @ (self._s - self._lower) + self._w @ (self._upper - self._s)
        return float(total / (len(self._n) + 2 * len(self._s)))

    def _step(self, centre: float) -> None:
        n, x, s = self._n, self._x, self._s
        room, below, above = n - x, s - self._lower, self._upper - s
        curve = n / x**2 + self._z / room
        row_curve = self._v / below + self._w / above
        slope = n / x - self._matrix.T @ self._y - centre / room
        row_slope = self._y + centre / below - centre / above
        scaled = self._matrix / curve
        system = scaled @ self._matrix.T
        system[np.diag_indices_from(system)] += 1 / row_curve
        right = self._matrix @ x - s + scaled @ slope - row_slope / row_curve
        dy = np.linalg.lstsq(system, right, rcond=1e-15)[0]
        dx = (slope - self._matrix.T @ dy) / curve
        ds = (row_slope + dy) / row_curve
        dz = (centre + self._z * dx) / room - self._z
        dv = (centre - self._v * ds) / below - self._v
        dw = (centre + self._w * ds) / above - self._w
        length = min(
            1.0,
            0.99 * min(_room(x, dx), _room(room, -dx), _room(below, ds), _room(above, -ds)),
        )
        price_length = min(1.0, 0.99 * min(_room(self._z, dz), _room(self._v, dv), _room(self._w, dw)))
        self._x, self._s = x + length * dx, s + length * ds
        self._y = self._y + price_length * dy
        self._z, self._v, self._w = (
            self._z + price_length * dz,
            self._v + price_length * dv,
            self._w + price_length * dw,
        )


def _room(value: Vector, step: Vector) -> float:
    """Return how many steps fit before a value becomes 0."""
    down = step < 0
    return float(np.min(-value[down] / step[down], initial=np.inf))


def _polished(problem: Problem, prices: Vector, binds: npt.NDArray[np.bool_]) -> Vector:
    """Solve `A x(μ) = b` on the rows that bind, where x(μ) = n / max(1, A'μ)."""
    binding = np.flatnonzero(binds | (problem.lower == problem.upper))
    rows = problem.matrix[binding].toarray()
    wanted = np.where(prices[binding] > 0, problem.upper[binding], problem.lower[binding])
    found = prices[binding]
    best = problem.counts
    miss = np.inf
    for _ in range(POLISH):
        pressure = rows.T @ found
        free = pressure > 1
        best = problem.counts / np.maximum(pressure, 1.0)
        rest = rows @ best - wanted
        if np.abs(rest).max() >= miss and miss < NEAR * problem.size:
            break
        miss = float(np.abs(rest).max())
        slope = (rows * np.where(free, problem.counts / np.maximum(pressure, 1.0) ** 2, 0.0)) @ rows.T
        found = found + np.linalg.lstsq(slope, rest, rcond=1e-13)[0]
    return np.asarray(best)


def nash_over_panels(problem: Problem, panels: Iterable[Counts], cancelled: Callable[[], bool]) -> Mixture:
    """Return the optimum over panels themselves, where the relaxation promises more than they can keep.

    Column generation: the mixture of the panels known so far is optimised, then the integer programme looks
    for a panel with a larger `Σ_t x_t / π_t` than the mixture has.

    Parameters
    ----------
    problem
        Whose every type can be drawn.
    panels
        To start from; together they hold every type.
    """
    known = {panel.tobytes(): panel for panel in panels}
    pricing = problem.panels()
    while True:
        columns = np.array(list(known.values()), dtype=float).T
        weights = _best_weights(columns, problem.counts)
        pull = problem.counts / (columns @ weights)
        pricing.change_costs(pull / pull.max())
        found = pricing.solve()
        if found is None:
            raise ArithmeticError("the panels vanished")
        better = pull @ found > problem.counts.sum() * (1 + IMPROVES)
        panel = found.astype(np.int64)
        if not better or panel.tobytes() in known or cancelled():
            return Mixture(tuple(known.values()), weights / weights.sum())
        known[panel.tobytes()] = panel


def covering(problem: Problem) -> tuple[list[Counts], npt.NDArray[np.bool_]]:
    """Return panels that hold every type that panels can hold, and flags of the types that they cannot.

    Each panel holds as many of the types still missing as it can.
    """
    missing = np.ones(len(problem.types), dtype=bool)
    programme = problem.panels()
    found: list[Counts] = []
    while missing.any():
        programme.change_costs(missing.astype(float))
        panel = programme.solve()
        if panel is None or not panel[missing].any():
            break
        found.append(panel.astype(np.int64))
        missing &= panel == 0
    return found, missing


def _best_weights(columns: Matrix, counts: Vector) -> Vector:
    """Maximise `Σ_t n_t log (columns λ)_t` with `Σ λ = 1`, λ ≥ 0; multipliers ζ of the bounds."""
    people = counts.sum()
    width = columns.shape[1]
    weights, price, bounds = np.full(width, 1 / width), people, np.full(width, people / width)
    for _ in range(STEPS):
        mean = float(weights @ bounds) / width
        if mean < CLOSE * 1e-4:
            break
        centre = 0.1 * mean
        x = columns @ weights
        system = (columns.T * (counts / x**2)) @ columns
        system[np.diag_indices_from(system)] += bounds / weights
        slope = columns.T @ (counts / x) - price + centre / weights
        both = np.linalg.solve(system, np.column_stack([slope, np.ones(width)]))
        shift = (both[:, 0].sum() + weights.sum() - 1) / both[:, 1].sum()
        step = both[:, 0] - shift * both[:, 1]
        turn = (centre - bounds * step) / weights - bounds
        length = min(1.0, 0.99 * _room(weights, step))
        turned = min(1.0, 0.99 * _room(bounds, turn))
        weights = weights + length * step
        price, bounds = price + turned * shift, bounds + turned * turn
    return np.asarray(weights)


def without(problem: Problem, never: npt.NDArray[np.bool_]) -> Problem:
    """Return the problem without the types that no panel can hold; its types are numbered anew."""
    kept = np.flatnonzero(~never)
    place = {int(t): position for position, t in enumerate(kept)}

    def kept_of(types: Iterable[int]) -> tuple[int, ...]:
        return tuple(place[t] for t in types if t in place)

    rows = tuple(replace(row, types=kept_of(row.types), minus=kept_of(row.minus)) for row in problem.rows)
    return replace(
        problem,
        types=tuple(problem.types[t] for t in kept),
        rows=rows,
        counts=problem.counts[kept],
        matrix=problem.matrix[:, kept],
        households=tuple(replace(one, types=kept_of(one.types)) for one in problem.households),
        # who is drawn together is drawn whole or not at all, so a class stays or goes with all of its types
        together=tuple(
            replace(one, types=types) for one in problem.together if (types := kept_of(one.types))
        ),
    )
