"""Goldilocks: neither too small nor too large; and the whole curve of what the smallest chance costs the largest.

With ℓ the smallest and z the largest chance among the n people who can be drawn, the rule minimises

    G(ℓ, z) = (n / k) z + γ (k / n) / ℓ.

The pairs (ℓ, z) that lotteries reach, with everything above z and below ℓ, are a convex polygon whose corners are the
**fairness curve**. G is convex, so its minimum is found by going back and forth: the best point of the corners
known so far gives a slope c = γ (k / n) / ℓ², and a linear programme says which corner is farthest in this direction,

    maximise c ℓ - (n / k) z   subject to   n_t ℓ ≤ x_t ≤ n_t z,   lower ≤ A x ≤ upper.

Where no corner is farther, the prices of the programme prove the optimum (`isegoria.proof.certificate`).

Many lotteries have the same ℓ and z; of them the leximin one is taken, so that the chances are unique.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

import numpy as np
from scipy import sparse

from isegoria.lottery.certify import FINER, LARGEST, in_whole_numbers, pressed_by_type
from isegoria.lottery.decompose import Mixture, decompose, least_squares
from isegoria.lottery.exact import IMPROVES, PRECISE
from isegoria.lottery.panels import stack
from isegoria.lottery.problem import Counts, Problem, Vector
from isegoria.lottery.relaxation import PRICED, Level, expected_numbers, leximin_levels
from isegoria.solvers import LinearProgramme, Solution
from isegoria.tolerances import CHANCE

STEPS = 200
"""Corners that the search for the optimum may need; a handful is usual."""
BETTER = 1e-10
"""A corner that improves the objective by less is rounding."""
ROOMS = (0.0, 1e-10, 1e-9, 1e-8)
"""The cap is wider by one of these shares, so that rounding leaves the programme a solution; the tight rows take it back."""
TIGHT, WIDEST = 1e-11, 1e-7
"""Room for rounding in what column generation has fixed: so little at first, so much at most."""
DENOMINATOR = 5_000
"""Corners are simple fractions mostly; the solver's rounding is taken off them."""


@dataclass(frozen=True, slots=True)
class Corner:
    """A point of the fairness curve.

    Attributes
    ----------
    smallest, largest
        Chances, in [0, 1].
    """

    smallest: float
    largest: float


@dataclass(frozen=True, slots=True)
class Proof:
    """Why no lottery lies farther: whole weights by type, and the prices or the panel that bound them.

    Attributes
    ----------
    weights
        Type to weight: positive where the smallest chance presses, negative where the largest does.
    rows
        Whole multipliers of the rows; None where only whole panels can be as good as that.
    best
        With `rows` None: the largest sum of weights of a panel.
    """

    weights: dict[int, int]
    rows: Sequence[int] | None
    best: int


class Farthest(Protocol):
    """Answers which corner lies farthest in a direction."""

    def corner(self, slope: float, price: float) -> tuple[Corner, Proof]:
        """Maximise `slope · smallest - price · largest`."""

    def end(self, *, smallest_first: bool) -> Corner:
        """Return the end of the curve with the largest smallest chance, or with the smallest largest one."""


class OverRelaxation:
    """The corners where fractions of people may be drawn: p_t = ℓ + s_t ≤ z."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        count = len(problem.types)
        self._low, self._high = count, count + 1
        scaled = sparse.csr_matrix(problem.matrix @ sparse.diags(problem.counts))
        ones = np.ones((count, 1))
        matrix = sparse.bmat(
            [
                [scaled, sparse.csr_matrix(scaled.sum(axis=1)), sparse.csr_matrix((scaled.shape[0], 1))],
                [sparse.identity(count), sparse.csr_matrix(ones), sparse.csr_matrix(-ones)],
            ],
            format="csr",
        )
        self._programme = LinearProgramme(
            np.zeros(count + 2),
            np.zeros(count + 2),
            np.ones(count + 2),
            matrix,
            np.concatenate([problem.lower, np.full(count, -np.inf)]),
            np.concatenate([problem.upper, np.zeros(count)]),
        )

    def corner(self, slope: float, price: float) -> tuple[Corner, Proof]:
        """Maximise `slope · smallest - price · largest`."""
        found = self._solve(slope, price)
        rows = in_whole_numbers(found.prices[: len(self._problem.rows)])
        weights = {t: w for t, w in enumerate(pressed_by_type(self._problem, rows)) if w}
        return self._read(found), Proof(weights, [int(value) for value in rows], 0)

    def end(self, *, smallest_first: bool) -> Corner:
        """Return one end of the curve: first one chance as good as can be, then the other."""
        first = self._read(self._solve(1.0, 0.0) if smallest_first else self._solve(0.0, 1.0))
        if smallest_first:
            self._bound(first.smallest - BETTER, 1.0)
            second = self._read(self._solve(0.0, 1.0))
        else:
            self._bound(0.0, first.largest + BETTER)
            second = self._read(self._solve(1.0, 0.0))
        self._bound(0.0, 1.0)
        return (
            Corner(first.smallest, second.largest)
            if smallest_first
            else Corner(second.smallest, first.largest)
        )

    def _bound(self, low: float, high: float) -> None:
        lower, upper = np.zeros(self._high + 1), np.ones(self._high + 1)
        lower[self._low], upper[self._high] = low, high
        self._programme.change_bounds(lower, upper)

    def _solve(self, slope: float, price: float) -> Solution:
        costs = np.zeros(self._high + 1)
        costs[self._low], costs[self._high] = slope, -price
        self._programme.change_costs(costs)
        found = self._programme.solve()
        if found is None:
            raise ArithmeticError("the relaxation lost its feasibility")
        return found

    def _read(self, found: Solution) -> Corner:
        return Corner(_snapped(float(found.columns[self._low])), _snapped(float(found.columns[self._high])))


class OverPanels:
    """The corners that panels themselves reach: column generation, exact and slower.

    Variables ℓ, z and a weight per panel; rows `Σ λ x_t ≥ n_t ℓ` and `Σ λ x_t ≤ n_t z` per type, and `Σ λ = 1`.
    """

    def __init__(self, problem: Problem, panels: Iterable[Counts], cancelled: Callable[[], bool]) -> None:
        self._problem, self._cancelled = problem, cancelled
        self._types = len(problem.types)
        self._known: dict[bytes, Counts] = {}
        self._low, self._high, self._room = 0.0, 1.0, TIGHT
        self._floor = np.zeros(self._types)
        self._pricing = problem.panels()
        n, none = problem.counts[:, None], np.zeros((self._types, 1))
        columns = sparse.csc_matrix(np.block([[-n, none], [none, -n], [np.zeros((1, 2))]]))
        free = np.full(self._types, np.inf)
        self._programme = LinearProgramme(
            np.zeros(2),
            np.zeros(2),
            np.ones(2),
            columns,
            np.concatenate([np.zeros(self._types), -free, [1.0]]),
            np.concatenate([free, np.zeros(self._types), [1.0]]),
        )
        for panel in panels:
            self._add(panel)
        if not self._known:
            found = self._pricing.solve()
            if found is None:
                raise ArithmeticError("the panels vanished")
            self._add(found.astype(np.int64))

    def corner(self, slope: float, price: float) -> tuple[Corner, Proof]:
        """Maximise `slope · smallest - price · largest`."""
        found, weights, best = self._generate(slope, price)
        return self._read(found), Proof(weights, None, best)

    def end(self, *, smallest_first: bool) -> Corner:
        """Return one end of the curve: first one chance as good as can be, then the other."""
        if smallest_first:
            low = self._read(self._generate(1.0, 0.0)[0]).smallest
            self._low = low
            found = Corner(low, self._read(self._generate(0.0, 1.0)[0]).largest)
        else:
            high = self._read(self._generate(0.0, 1.0)[0]).largest
            self._high = high
            found = Corner(self._read(self._generate(1.0, 0.0)[0]).smallest, high)
        self._low, self._high, self._room = 0.0, 1.0, TIGHT
        return found

    def leximin_below(self, largest: float) -> Mixture:
        """Return the leximin lottery among those where nobody's chance exceeds the largest.

        Level by level as in `isegoria.lottery.exact`, with the cap as further rows.
        """
        self._high = largest
        chance = self._floor
        is_open = np.ones(self._types, dtype=bool)
        while is_open.any() and not self._cancelled():
            found, weights, _ = self._generate(1.0, 0.0)
            level = self._read(found).smallest
            fixed = [t for t, weight in weights.items() if weight > 0 and is_open[t]]
            if not fixed:  # the caps hold everybody who is left
                fixed = [int(t) for t in np.flatnonzero(is_open)]
                chance[fixed] = (self._mixed(found) / self._problem.counts)[fixed]
                break
            for t in fixed:
                is_open[t], chance[t] = False, level
                self._programme.change_coefficient(t, 0, 0.0)
        panels, target = tuple(self._known.values()), chance * self._problem.counts
        matrix = stack(panels)
        weights_now = least_squares(matrix, target)
        if np.abs(matrix @ weights_now - target).max() > CHANCE:
            final = self._programme.solve()
            weights_now = np.maximum(final.columns[2:], 0.0) if final is not None else weights_now
        return Mixture(panels, weights_now)

    def _bound(self) -> None:
        """Set the bounds of both chances and of those that are fixed, with as much room as rounding has needed."""
        lower, upper = np.zeros(2 + len(self._known)), np.full(2 + len(self._known), np.inf)
        lower[0], upper[0] = max(0.0, self._low - self._room), 1.0
        upper[1] = min(1.0, self._high + self._room)
        self._programme.change_bounds(lower, upper)
        for t in np.flatnonzero(self._floor):
            floor = self._problem.counts[t] * max(0.0, self._floor[t] - self._room)
            self._programme.change_row_bounds(int(t), floor, np.inf)

    def _add(self, panel: Counts) -> bool:
        """Add a panel; False if it is known."""
        if panel.tobytes() in self._known:
            return False
        self._known[panel.tobytes()] = panel
        filled = np.flatnonzero(panel)
        where = np.concatenate([filled, filled + self._types, [2 * self._types]]).astype(np.int32)
        values = np.concatenate([panel[filled], panel[filled], [1]]).astype(float)
        self._programme.add_column(0.0, 0.0, np.inf, where, values)
        return True

    def _generate(self, slope: float, price: float) -> tuple[Solution, dict[int, int], int]:
        """Add panels until none is better; return the optimum, its weights by type and the best panel's sum."""
        while True:
            costs = np.zeros(2 + len(self._known))
            costs[0], costs[1] = slope, -price
            self._programme.change_costs(costs)
            self._bound()
            found = self._programme.solve()
            if found is None:
                # what is bounded was reached with these panels, so only rounding can stand in the way
                self._room *= 10
                if self._room > WIDEST:
                    raise ArithmeticError("the master programme lost its feasibility")
                continue
            weights = self._weights(found)
            if not weights:
                return found, weights, 0
            best, panel = self._priced(weights)
            mixed = self._mixed(found)
            reached = float(sum(w * mixed[t] for t, w in weights.items()))
            size = sum(abs(w) * float(panel[t]) for t, w in weights.items())
            if best <= reached + IMPROVES * max(size, 1.0) or not self._add(panel) or self._cancelled():
                return found, weights, best

    def _weights(self, found: Solution) -> dict[int, int]:
        """Return the prices of floor and cap of each type, in whole numbers."""
        prices = -found.prices[: self._types] - found.prices[self._types : 2 * self._types]
        prices[np.abs(prices) * self._problem.counts < PRICED] = 0.0
        whole = {t: int(w) for t, w in enumerate(in_whole_numbers(prices, PRECISE)) if w}
        top = max((abs(w) for w in whole.values()), default=0)
        finer = FINER if top * FINER <= LARGEST else 1
        return {t: w * finer for t, w in whole.items()}

    def _priced(self, weights: dict[int, int]) -> tuple[int, Counts]:
        costs = self._problem.zeros
        costs[list(weights)] = list(weights.values())
        self._pricing.change_costs(costs / np.abs(costs).max())
        found = self._pricing.solve()
        if found is None:
            raise ArithmeticError("the panels vanished")
        panel = found.astype(np.int64)
        return sum(w * int(panel[t]) for t, w in weights.items()), panel

    def _mixed(self, found: Solution) -> Vector:
        return np.asarray(stack(tuple(self._known.values())) @ found.columns[2:], dtype=np.float64)

    def _read(self, found: Solution) -> Corner:
        return Corner(_snapped(float(found.columns[0])), _snapped(float(found.columns[1])))


def optimum(problem: Problem, gamma: float, farthest: Farthest) -> tuple[Corner, Proof]:
    """Return the point of the curve where G is smallest, with the proof that no lottery has less.

    Parameters
    ----------
    problem
        Whose every type can be drawn.
    gamma
        Above 0; larger values care more for the smallest chance.
    farthest
        Over the relaxation or over panels.
    """
    people = float(problem.counts.sum())
    price, weight = people / problem.size, gamma * problem.size / people
    slope = weight * price**2  # that of equal chances
    corners = [farthest.corner(slope, price)[0]]
    while (
        corners[-1].smallest <= CHANCE
    ):  # where γ is small, a direction may prefer to leave people without a chance
        slope *= 10
        corners.append(farthest.corner(slope, price)[0])
    for _ in range(STEPS):
        best = _lowest(corners, price, weight)
        slope = weight / best.smallest**2
        corner, proof = farthest.corner(slope, price)
        gain = slope * (corner.smallest - best.smallest) - price * (corner.largest - best.largest)
        if gain <= BETTER * (price + weight / best.smallest):
            return best, proof
        corners.append(corner)
    raise ArithmeticError("the corners of the fairness curve do not end")


def _lowest(corners: Sequence[Corner], price: float, weight: float) -> Corner:
    """Return the lowest point of G on the lower hull of the corners."""
    hull = _hull(corners)
    candidates = [corner for corner in hull if corner.smallest > 0]
    for left, right in itertools.pairwise(hull):
        rise = (right.largest - left.largest) / (right.smallest - left.smallest)
        if rise > 0:
            smallest = math.sqrt(weight / (price * rise))
            if left.smallest < smallest < right.smallest:
                candidates.append(Corner(smallest, left.largest + rise * (smallest - left.smallest)))
    return min(candidates, key=lambda point: price * point.largest + weight / point.smallest)


def _hull(corners: Iterable[Corner]) -> list[Corner]:
    """Return the corners of the convex curve from the left to the right."""
    hull: list[Corner] = []
    for corner in sorted(set(corners), key=lambda one: (one.smallest, one.largest)):
        if hull and corner.smallest - hull[-1].smallest < BETTER:
            continue
        while len(hull) > 1 and _below(hull[-2], corner, hull[-1]):
            hull.pop()
        hull.append(corner)
    return hull


def _below(left: Corner, right: Corner, middle: Corner) -> bool:
    """Return whether the middle corner is no corner: on or above the line between the others."""
    share = (middle.smallest - left.smallest) / (right.smallest - left.smallest)
    return middle.largest >= left.largest + share * (right.largest - left.largest) - BETTER / 10


def corners_of(farthest: Farthest, cancelled: Callable[[], bool]) -> list[Corner]:
    """Return every corner of the fairness curve, by halving: between two corners, ask for the farthest one."""
    ends = (farthest.end(smallest_first=False), farthest.end(smallest_first=True))
    found = list(ends)
    waiting = [ends]
    while waiting and not cancelled():
        left, right = waiting.pop()
        width = right.smallest - left.smallest
        if width < CHANCE:
            continue
        rise = max(0.0, (right.largest - left.largest) / width)
        corner, _ = farthest.corner(rise, 1.0)
        gain = rise * (corner.smallest - left.smallest) - (corner.largest - left.largest)
        if gain > CHANCE and left.smallest + CHANCE < corner.smallest < right.smallest - CHANCE:
            found.append(corner)
            waiting += [(left, corner), (corner, right)]
    return _hull(found)


def mixture_below(
    problem: Problem,
    largest: float,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> Mixture:
    """Return the leximin lottery of the relaxation where nobody's chance exceeds the largest, as panels.

    A cap z on every chance is the same as counts of n_t z people: then the cap is a chance of 1.
    """
    certain = largest > 1 - CHANCE
    levels: list[Level] = []
    for room in ROOMS:
        capped = replace(problem, counts=problem.counts * (1.0 if certain else largest * (1 + room)))
        if capped.relaxation().solve() is not None:
            levels = leximin_levels(capped, cancelled)
            break
    else:
        raise ArithmeticError("nothing lies below the cap")
    return decompose(problem, expected_numbers(capped, levels, certain=certain), progress, cancelled)


def _snapped(value: float) -> float:
    """Return the simple fraction that the solver's number is but for rounding, or the number itself."""
    simple = float(Fraction(value).limit_denominator(DENOMINATOR))
    return simple if abs(simple - value) < CHANCE else value
