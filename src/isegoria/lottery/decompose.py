"""Write target numbers as a mixture of panels, or find the direction that proves that there is none.

Panels are collected by error diffusion; then weights λ ≥ 0 with `Σ_j λ_j x^(j) = target` are looked for, first near
equal weights, then by non-negative least squares. What is left over, r, is a direction: a panel with
`r · x > r · target` brings the mixture nearer, and where no panel has that, r separates the target from all panels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt
import scipy  # its parts are loaded where they are first used: at a start they cost a second
from scipy import linalg, sparse
from scipy.sparse import linalg as sparse_linalg

from isegoria.lottery.panels import PanelSearch, stack
from isegoria.lottery.problem import Counts, Problem, Vector
from isegoria.tolerances import CHANCE

EXACT = 1e-11
"""A mixture that misses every target number by less than this is the target: the rest is rounding."""
SMALL = 60
"""Up to this many types the exact least squares come first: they give few panels with simple weights."""
LARGE = 300
PATIENCE = 4
"""With more free types than that, so often further panels are tried before the slow least squares."""
FIRST = 1.15
"""Panels per type before the first attempt at weights."""
MORE = 0.2
"""Further panels per type after each failed attempt."""
BLOCK = 500
"""Rows of the normal equations made at a time, to keep memory small."""
DENSE = 3_000
"""Up to this many types the normal equations are factored; beyond, least squares by iteration are quicker."""
ROUNDS = 40
"""Attempts at weights; each adds panels on the side where the target is missed."""
STEPS = 700
"""Of iterated least squares, at a time."""
REFINED = 3
TINY = 1e-30
RIDGES = (1e-12, 1e-10, 1e-8)
"""Keep the normal equations solvable where rows repeat each other: the first that does. Refinements take it out."""
REFINEMENTS = 8
AHEAD = 10.0
"""How far the diffusion runs ahead in the direction in which the target was missed, in people of the type that was
missed most: enough for a few panels there."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """Panels with weights, or without if their mixture cannot be the target.

    Attributes
    ----------
    panels
        Different from one another.
    weights
        Shape (panels,), at least 0, sum 1; None if the target is no mixture of panels.
    """

    panels: tuple[Counts, ...]
    weights: Vector | None


def decompose(
    problem: Problem, target: Vector, progress: Callable[[float], None], cancelled: Callable[[], bool]
) -> Mixture:
    """Return a mixture of panels whose mean is the target, if there is one.

    Parameters
    ----------
    target
        Shape (types,): a point of the relaxation.
    """
    kept = _keeping_tight_rows(problem, target)
    boxes = [(np.floor(target + CHANCE), np.ceil(target - CHANCE)), _wide_box(problem, target)]
    if np.array_equal(boxes[0], boxes[1]):
        boxes = boxes[1:]
    collected: dict[bytes, Counts] = {}
    for low, high in boxes:
        found = _Mixing(kept, target, PanelSearch(kept, low, high), collected).run(progress, cancelled)
        if found is not None:
            return found
    return Mixture(tuple(collected.values()), None)


def _keeping_tight_rows(problem: Problem, target: Vector) -> Problem:
    """Return the problem where rows that the target fills are equalities: so they are in every panel."""
    sums = problem.matrix @ target
    lower = np.where(sums > problem.upper - CHANCE, problem.upper, problem.lower)
    upper = np.where(sums < problem.lower + CHANCE, problem.lower, problem.upper)
    return replace(problem, lower=lower, upper=upper)


def _wide_box(problem: Problem, target: Vector) -> tuple[Vector, Vector]:
    """Return bounds that only fix the types with chance 0 or 1."""
    low = np.where(target > problem.counts - CHANCE, problem.counts, 0.0)
    return low, np.where(target < CHANCE, 0.0, problem.counts)


class _Mixing:
    """The state of one search for a mixture."""

    def __init__(
        self, problem: Problem, target: Vector, search: PanelSearch, collected: dict[bytes, Counts]
    ) -> None:
        self._problem, self._target, self._search = problem, target, search
        self._free = int(np.sum(np.abs(target - np.rint(target)) > CHANCE))
        self._panels = collected
        self._owed = target.copy()

    def run(self, progress: Callable[[float], None], cancelled: Callable[[], bool]) -> Mixture | None:
        """Return the mixture, or None if the target is outside of these panels."""
        if not self._diffuse(int(FIRST * self._free) + 8, progress, cancelled):
            return None
        more = int(MORE * self._free) + 2
        for turn in range(ROUNDS):
            panels = tuple(self._panels.values())
            matrix = stack(panels)
            weights = _near_equal(matrix, self._target) if self._free > SMALL else None
            if weights is None and self._free > LARGE and turn < PATIENCE:
                if not self._diffuse(more, progress, cancelled):
                    return None
                continue
            weights = least_squares(matrix, self._target) if weights is None else weights
            rest = self._target - matrix @ weights
            if np.abs(rest).max() < EXACT:
                return Mixture(panels, self._publishable(matrix, weights))
            progress(turn / ROUNDS)
            if not self._nearer(rest) or not self._diffuse(more, lambda _done: None, cancelled):
                return None
        return None

    def _diffuse(
        self, count: int, progress: Callable[[float], None], cancelled: Callable[[], bool]
    ) -> bool:
        """Collect so many panels, each the one that is owed most; False if there is no panel at all."""
        for number in range(count):
            panel = self._search.next(self._owed, self._target)
            if panel is None or cancelled():
                return False
            self._keep(panel)
            self._owed += self._target - panel
            progress(number / count)
        return True

    def _keep(self, panel: Counts) -> bool:
        new = _key(panel) not in self._panels
        self._panels[_key(panel)] = panel
        return new

    def _nearer(self, rest: Vector) -> bool:
        """Add a panel on the far side of the target and turn there; False if no panel lies there."""
        direction = rest / np.abs(rest).max()
        reached = float(direction @ self._target)
        panel = self._search.best(direction)
        if panel is None or float(direction @ panel) <= reached + CHANCE or not self._keep(panel):
            panel = self._search.exact(direction)
            if panel is None or float(direction @ panel) <= reached + CHANCE or not self._keep(panel):
                return False
        self._owed = AHEAD * direction + self._target - panel
        return True

    def _publishable(self, matrix: sparse.csc_matrix, weights: Vector) -> Vector:
        """Return weights of not too many panels: at most two per type and sixty."""
        if np.count_nonzero(weights) <= 2 * len(self._target) + 60:
            return weights
        fewer = least_squares(matrix, self._target)
        return fewer if np.abs(matrix @ fewer - self._target).max() < EXACT else weights


def _key(panel: Counts) -> bytes:
    """Return what tells a panel from all others, in few bytes."""
    return hashlib.blake2b(panel.tobytes(), digest_size=16).digest()


def _near_equal(matrix: sparse.csc_matrix, target: Vector) -> Vector | None:
    """Return exact weights near to equal ones, giving up panels that would need a negative weight.

    None if too few panels are left to reach the target.
    """
    rows = sparse.csr_matrix(sparse.vstack([matrix, np.ones((1, matrix.shape[1]))]))
    wanted = np.append(target, 1.0)
    kept = np.arange(matrix.shape[1])
    weights = np.full(len(kept), 1 / len(kept))
    while len(kept):
        part = rows[:, kept]
        corrected = _corrected(part, weights, wanted)
        if corrected is None or np.abs(part @ corrected - wanted).max() > EXACT:
            return None
        if corrected.min() >= 0:
            found = np.zeros(matrix.shape[1])
            found[kept] = corrected
            return found
        kept, weights = kept[corrected > 0], corrected[corrected > 0]
    return None


def _corrected(rows: sparse.csr_matrix, weights: Vector, wanted: Vector) -> Vector | None:
    """Return the nearest weights (relative to their size) whose mixture is wanted, of either sign."""
    if rows.shape[0] > DENSE:
        return _iterated(rows, weights, wanted)
    scaled = sparse.csr_matrix(rows.multiply(weights[None, :]))
    solve = _dense_solver(scaled, rows)
    if solve is None:
        return None
    for _ in range(REFINEMENTS):
        rest = wanted - rows @ weights
        if np.abs(rest).max() < EXACT / 1000:
            break
        weights = weights + scaled.T @ solve(rest)
    return weights


def _dense_solver(scaled: sparse.csr_matrix, rows: sparse.csr_matrix) -> Callable[[Vector], Vector] | None:
    """Return a solver of the normal equations by factors; None if rounding makes them singular."""
    transposed = sparse.csc_matrix(rows.T)
    gram = np.vstack(
        [(scaled[start : start + BLOCK] @ transposed).toarray() for start in range(0, rows.shape[0], BLOCK)]
    )
    diagonal, mean = gram.diagonal().copy(), np.trace(gram) / len(gram)
    for ridge in RIDGES:
        np.fill_diagonal(gram, diagonal + ridge * mean)
        try:
            factor = linalg.cho_factor(gram, lower=True, check_finite=False)
        except linalg.LinAlgError:
            continue
        return partial(linalg.cho_solve, factor, check_finite=False)
    return None


def _iterated(rows: sparse.csr_matrix, weights: Vector, wanted: Vector) -> Vector:
    """Return the same by least squares step by step, which needs no normal equations."""
    root = np.sqrt(weights)
    scale = 1 / np.sqrt(np.maximum(np.asarray(rows.multiply(rows) @ weights).ravel(), TINY))
    scaled = sparse.csr_matrix(sparse.diags(scale) @ rows @ sparse.diags(root))
    transposed = sparse.csr_matrix(scaled.T)
    operator = sparse_linalg.LinearOperator(
        scaled.shape, matvec=lambda v: scaled @ v, rmatvec=lambda v: transposed @ v, dtype=float
    )
    for _ in range(REFINED):
        rest = wanted - rows @ weights
        if np.abs(rest).max() < EXACT / 10:
            break
        step = sparse_linalg.lsmr(operator, scale * rest, atol=1e-13, btol=1e-13, conlim=0, maxiter=STEPS)[
            0
        ]
        weights = weights + root * step
    return weights


def least_squares(matrix: sparse.csc_matrix, target: Vector) -> Vector:
    """Return the weights of at most types + 1 panels that come nearest to the target."""
    rows = sparse.vstack([matrix, np.ones((1, matrix.shape[1]))]).toarray()
    wanted = np.append(target, 1.0)
    weights, _ = scipy.optimize.nnls(rows, wanted, maxiter=30 * matrix.shape[1] + 300)
    support = np.flatnonzero(weights > 0)
    polished, *_ = np.linalg.lstsq(rows[:, support], wanted, rcond=None)
    if polished.min(initial=0) >= 0 and _misses(rows[:, support], polished, wanted) < _misses(
        rows, weights, wanted
    ):
        weights[support] = polished
    return np.asarray(weights)


def _misses(rows: npt.NDArray[np.float64], weights: Vector, wanted: Vector) -> float:
    return float(np.abs(rows @ weights - wanted).max())
