"""Leximin over panels themselves, for pools where the relaxation promises more than panels can keep.

Column generation over types. The master programme spreads weight over the panels known so far and maximises the
smallest open chance; its prices ask the integer programme for a better panel; without one, the level is done.
Exact and finite, but slower than the relaxation, so that it serves only where that fails: mostly small pools with
many exact quotas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from isegoria.lottery.certify import FINER, LARGEST, in_whole_numbers, pairs, proof_by_cases
from isegoria.lottery.decompose import Mixture, least_squares
from isegoria.lottery.panels import stack
from isegoria.lottery.problem import Counts, Problem, Vector
from isegoria.lottery.relaxation import PRICED
from isegoria.solvers import LinearProgramme, Solution
from isegoria.tolerances import CHANCE

PRECISE = 10**12
"""Of a rounded price: sums over a panel, multiplied in a proof, stay below 2^53."""
IMPROVES = 1e-10
"""A panel whose value exceeds the price of the mixture by less than this share brings nothing but rounding."""


@dataclass(frozen=True, slots=True)
class Exact:
    """Leximin over panels.

    Attributes
    ----------
    mixture
        Of panels, with its weights.
    levels
        Parts of the certificate.
    """

    mixture: Mixture
    levels: tuple[dict[str, Any], ...]


def leximin_over_panels(
    problem: Problem,
    panels: Iterable[Counts],
    cancelled: Callable[[], bool],
    history: Vector | None = None,
) -> Exact:
    """Return leximin over all panels, starting from some.

    Parameters
    ----------
    panels
        To start from; may be none, as long as one exists.
    history
        Shape (types,): what is added to the chance of each type before the smallest is looked for; None for nothing.
    """
    known = list(panels)
    first = None if known else problem.panels().solve()
    start = known if first is None else [first.astype(np.int64)]
    return _Master(problem, start, problem.zeros if history is None else history).run(cancelled)


class _Master:
    """The programme over the panels known so far; rows are the types, then the sum of the weights."""

    def __init__(self, problem: Problem, panels: Iterable[Counts], history: Vector) -> None:
        self._problem, self._history = problem, history
        self._types = len(problem.types)
        self._open = np.ones(self._types, dtype=bool)
        self._chance = np.zeros(self._types)
        self._panels: dict[bytes, Counts] = {}
        self._pricing = problem.panels()
        column = sparse.csc_matrix(np.append(-problem.counts, 0.0)[:, None])
        self._programme = LinearProgramme(
            np.ones(1),
            np.zeros(1),
            np.full(1, np.inf),
            column,
            np.append(-problem.counts * history, 1.0),
            np.append(np.full(self._types, np.inf), 1.0),
        )
        for panel in panels:
            self._add(panel)

    def run(self, cancelled: Callable[[], bool]) -> Exact:
        levels: list[dict[str, Any]] = []
        while self._open.any() and not cancelled():
            levels.append(self._level(cancelled))
        return Exact(self._mixture(), tuple(levels))

    def _mixture(self) -> Mixture:
        """Return simple weights if least squares reach the chances, else those of the last programme."""
        panels = tuple(self._panels.values())
        matrix, target = stack(panels), self._chance * self._problem.counts
        weights = least_squares(matrix, target)
        if np.abs(matrix @ weights - target).max() > CHANCE:
            found = self._programme.solve()
            weights = np.maximum(found.columns[1:], 0.0) if found is not None else weights
        return Mixture(panels, weights)

    def _add(self, panel: Counts) -> bool:
        """Add a panel; False if it is known."""
        if panel.tobytes() in self._panels:
            return False
        self._panels[panel.tobytes()] = panel
        where = np.append(np.flatnonzero(panel), self._types).astype(np.int32)
        self._programme.add_column(0.0, 0.0, np.inf, where, np.append(panel[panel > 0], 1).astype(float))
        return True

    def _level(self, cancelled: Callable[[], bool]) -> dict[str, Any]:
        """Solve one level, fix its types, and return its part of the certificate."""
        while True:
            found = self._programme.solve()
            if found is None:
                raise ArithmeticError("the master programme lost its feasibility")
            weights = self._weights(found)
            best, panel = self._priced(weights)
            reached = sum(w * float(self._mixed(found)[t]) for t, w in weights.items())
            if best <= reached + IMPROVES * max(best, 1) or not self._add(panel) or cancelled():
                return self._close(weights, best)

    def _weights(self, found: Solution) -> dict[int, int]:
        """Return the prices of the types in whole numbers."""
        prices = np.maximum(-found.prices[: self._types], 0.0)
        prices[prices * self._problem.counts < PRICED] = 0.0
        whole = {t: int(w) for t, w in enumerate(in_whole_numbers(prices, PRECISE)) if w}
        finer = FINER if max(whole.values()) * FINER <= LARGEST else 1
        return {t: w * finer for t, w in whole.items()}

    def _priced(self, weights: dict[int, int]) -> tuple[int, Counts]:
        """Return the panel with the largest sum of weights, and that sum."""
        costs = self._problem.zeros
        costs[list(weights)] = list(weights.values())
        self._pricing.change_costs(costs / costs.max())
        found = self._pricing.solve()
        if found is None:
            raise ArithmeticError("the panels vanished")
        panel = found.astype(np.int64)
        return sum(w * int(panel[t]) for t, w in weights.items()), panel

    def _mixed(self, found: Solution) -> Vector:
        """Return how many of each type the mixture holds."""
        shares = found.columns[1:]
        used = [w * p for w, p in zip(shares, self._panels.values(), strict=True) if w]
        return np.asarray(np.sum(used, axis=0), dtype=np.float64)

    def _close(self, weights: dict[int, int], best: int) -> dict[str, Any]:
        now = {t: w for t, w in weights.items() if self._open[t]}
        before = {t: w for t, w in weights.items() if not self._open[t]}
        held = sum(w * self._problem.counts[t] * self._chance[t] for t, w in before.items())
        had = sum(w * self._problem.counts[t] * self._history[t] for t, w in now.items())
        level = (best - held + had) / sum(w * self._problem.counts[t] for t, w in now.items())
        for t in now:
            chance = min(1.0, max(0.0, level - self._history[t]))
            self._open[t] = False
            self._chance[t] = chance
            self._programme.change_coefficient(t, 0, 0.0)
            self._programme.change_row_bounds(t, self._problem.counts[t] * chance, np.inf)
        proof = proof_by_cases(self._problem, weights, best)
        part = {"weights": pairs(now), "earlier": pairs(before), "proof": proof}
        return part if proof is not None else part | {"bound": best}
