"""Leximin where fractions of people may be drawn: an upper bound of every lottery, in a few small programmes.

Level by level, with `x_t = n_t (z + s_t)` for the types that are still open and `x_t = n_t (z_t + s_t)` for those
fixed at an earlier level z_t:

    maximise z   subject to   lower ≤ Σ_t A_rt x_t ≤ upper,   s ≥ 0,   x_t ≤ n_t.

A type whose s_t has a price cannot rise above z in any optimum; it is fixed there. Only the rows of the quotas
matter, so each programme has a few dozen rows whatever the pool; it is changed in place and solved again from
the last basis. The bound `z + s_t ≤ 1` is a row of its own only where it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from isegoria.lottery.problem import Problem, Vector
from isegoria.solvers import LinearProgramme, Solution
from isegoria.tolerances import CHANCE

PRICED = 1e-8
"""The prices of a level's types sum to 1; a smaller one is rounding."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of leximin.

    Attributes
    ----------
    chance
        Of everybody in the types of the level.
    types
        Indices, at least one.
    prices
        Shape (rows,): the multipliers that prove it; see `isegoria.proof.certificate`.
    """

    chance: float
    types: tuple[int, ...]
    prices: Vector


def leximin_levels(problem: Problem, cancelled: Callable[[], bool]) -> list[Level]:
    """Return the levels of leximin over the relaxation, lowest chance first.

    The caller has made sure that a panel exists.
    """
    return _Sequence(problem).run(cancelled)


def expected_numbers(problem: Problem, levels: Sequence[Level], *, certain: bool = True) -> Vector:
    """Return how many of each type are expected, so exactly that the rows which are full stay full.

    With `certain` False a chance of 1 is moved like the others: it stands for a cap, not for certainty.

    The solver leaves errors of 1e-10 in the sums of a thousand chances; the chances of the levels are moved by as
    little until the sums are whole again.
    """
    chances = np.array([level.chance for level in levels])
    belongs = np.zeros((len(problem.types), len(levels)))
    for number, level in enumerate(levels):
        belongs[list(level.types), number] = problem.counts[list(level.types)]
    expected = belongs @ chances
    sums = problem.matrix @ expected
    bounds = np.where(
        np.abs(sums - problem.upper) < np.abs(sums - problem.lower), problem.upper, problem.lower
    )
    full = np.abs(sums - bounds) < CHANCE * problem.size
    movable = chances < (1 - CHANCE if certain else np.inf)
    rows = (problem.matrix @ belongs)[full][:, movable]
    moved, *_ = np.linalg.lstsq(rows, (bounds - sums)[full], rcond=1e-9)
    if np.abs(moved).max(initial=0.0) < CHANCE:
        chances[movable] += moved
    return np.asarray(belongs @ chances)


class _Sequence:
    """The programme of the levels, changed in place."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._types = len(problem.types)
        self._open = np.ones(self._types, dtype=bool)
        self._floor = np.zeros(self._types)
        self._capped: list[int] = []
        scaled = problem.matrix @ sparse.diags(problem.counts)
        self._scaled = sparse.csc_matrix(scaled)
        self._z = self._types
        matrix = sparse.hstack([self._scaled, sparse.csc_matrix(scaled.sum(axis=1))])
        costs = np.zeros(self._types + 1)
        costs[self._z] = 1.0
        self._programme = LinearProgramme(
            costs, np.zeros(self._types + 1), np.ones(self._types + 1), matrix, problem.lower, problem.upper
        )

    def run(self, cancelled: Callable[[], bool]) -> list[Level]:
        levels: list[Level] = []
        while self._open.any() and not cancelled():
            found = self._solve()
            chance = min(found.value, 1.0)
            if chance > 1 - CHANCE:
                levels.append(self._everybody())
                break
            priced = self._open & (-found.reduced[: self._types] > PRICED)
            prices = found.prices[: len(self._problem.rows)]
            levels.append(Level(chance, tuple(int(t) for t in np.flatnonzero(priced)), prices))
            self._fix(priced, chance)
        return levels

    def _everybody(self) -> Level:
        """Return the level of chance 1, which needs no proof but the number of people."""
        rest = tuple(int(t) for t in np.flatnonzero(self._open))
        return Level(1.0, rest, np.zeros(len(self._problem.rows)))

    def _solve(self) -> Solution:
        """Solve, adding the bound `z + s_t ≤ 1` where the answer breaks it."""
        while True:
            found = self._programme.solve()
            if found is None:
                raise ArithmeticError("the relaxation lost its feasibility")
            over = self._open & (found.columns[: self._types] + found.value > 1 + CHANCE)
            broken = [int(t) for t in np.flatnonzero(over) if int(t) not in self._capped]
            if not broken:
                return found
            for t in broken:
                self._programme.add_row(
                    -np.inf, 1.0, np.array([t, self._z], dtype=np.int32), np.array([1.0, 1.0])
                )
                self._capped.append(t)

    def _fix(self, priced: np.ndarray[tuple[int], np.dtype[np.bool_]], chance: float) -> None:
        self._open &= ~priced
        self._floor[priced] = chance
        of_open = self._scaled @ self._open.astype(float)
        held = self._scaled @ np.where(self._open, 0.0, self._floor)
        for row in range(len(self._problem.rows)):
            self._programme.change_coefficient(row, self._z, of_open[row])
            self._programme.change_row_bounds(
                row, self._problem.lower[row] - held[row], self._problem.upper[row] - held[row]
            )
        for position, t in enumerate(self._capped):
            if priced[t]:
                self._programme.change_coefficient(len(self._problem.rows) + position, self._z, 0.0)
        upper = 1 - np.where(self._open, chance, self._floor)
        self._programme.change_bounds(np.zeros(self._types + 1), np.append(upper, 1.0))
