"""Certificates in whole numbers, from the prices of the solver: rounded, then checked exactly.

Any multipliers give a valid bound, so rounding costs nothing but sharpness. Prices that are fractions with small
denominators are found again, and then the bound is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from isegoria.lottery.problem import Problem, Vector
from isegoria.lottery.relaxation import Level
from isegoria.proof.canonical import LARGEST_INTEGER
from isegoria.proof.certificate import FORMAT, GOLDILOCKS, NASH, weak_duality
from isegoria.solvers import LinearProgramme, SolverFailure

LARGEST = 10**13
"""Of a rounded multiplier: sums of a few hundred stay below 2^53."""
COARSE = 10**4
"""Of a multiplier that proves a box empty: it is multiplied again."""
DENOMINATOR = 20_000
NEAR = 1e-12
LARGEST_TREE = 4_000
"""Nodes of a proof by cases; beyond, the bound is stated as the solver's word."""
FINER = 720_720
"""Small weights are multiplied by this, so that the fractions among the multipliers of a proof become whole."""
_SMALLEST_FRACTION = 1e-6

Multipliers = list[list[int]]


def certificate(objective: str, levels: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the certificate of a leximin (or maximin) lottery from the parts of its levels."""
    return {"format": FORMAT, "objective": objective, "levels": list(levels)}


def level_of_relaxation(problem: Problem, level: Level, earlier: Iterable[int]) -> dict[str, Any]:
    """Return the part of a certificate for a level that the relaxation reaches."""
    whole = in_whole_numbers(level.prices)
    pressed = pressed_by_type(problem, whole)
    # a chance of 1 needs no more than the number of people
    weights = {t: pressed[t] for t in level.types} if whole.any() else dict.fromkeys(level.types, 1)
    return {
        "weights": pairs(weights),
        "earlier": pairs({t: pressed[t] for t in earlier if pressed[t] > 0}),
        "proof": [{"rows": published(problem, multipliers(whole))}],
    }


def nash_certificate(
    problem: Problem, chances: Sequence[Fraction], never: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the certificate of a Nash lottery.

    Parameters
    ----------
    chances
        Shape (types,), exact.
    never
        The proof that types without a chance can have none.
    """
    largest = max(float(1 / chance) for chance in chances if chance)
    scale = 10 ** max(0, math.floor(math.log10(LARGEST / largest)))
    document: dict[str, Any] = {"format": FORMAT, "objective": NASH, "scale": scale, "never": never}
    pull = {t: round(scale / chance) for t, chance in enumerate(chances) if chance}
    best = scale * sum(problem.types[t].count for t in pull)
    nobody = {t: (0, 0) for t, chance in enumerate(chances) if not chance}
    proof = proof_by_cases(problem, pull, best + best // 10**9, nobody)
    return document | {"proof": proof} | ({} if proof is not None else {"bound": best})


def goldilocks_certificate(
    problem: Problem,
    gamma: Fraction,
    weights: Mapping[int, int],
    rows: Sequence[int] | None,
    best: int,
    never: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the certificate of a Goldilocks lottery.

    Parameters
    ----------
    weights
        By type: positive where the smallest chance presses, negative where the largest does.
    rows
        Multipliers of our rows that prove the weights' bound; None where only panels themselves do.
    best
        With `rows` None: the largest sum of weights of a panel.
    never
        The proof that types without a chance can have none, as `never_part` returns it.
    """
    document = {
        "format": FORMAT,
        "objective": GOLDILOCKS,
        "gamma": [gamma.numerator, gamma.denominator],
        "weights": pairs(weights),
        "never": never,
    }
    if not weights:
        return document | {"proof": []}
    if rows is not None:
        return document | {"proof": [{"rows": published(problem, multipliers(rows))}]}
    nobody = {t: (0, 0) for t, _ in (never or {"weights": ()})["weights"]}
    proof = proof_by_cases(problem, weights, best, nobody)
    return document | {"proof": proof} | ({} if proof is not None else {"bound": best})


def never_part(problem: Problem, never: Sequence[int]) -> dict[str, Any] | None:
    """Return the proof that no panel holds anybody of these types; None if there are none."""
    if not never:
        return None
    weights = dict.fromkeys(never, FINER)
    proof = proof_by_cases(problem, weights, 0)
    part = {"weights": pairs(weights), "proof": proof}
    return part if proof is not None else part | {"bound": 0}


def in_whole_numbers(prices: Vector, largest: int = LARGEST) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Return whole numbers in the proportion of the prices, exactly so where the fractions are simple."""
    top = float(np.abs(prices).max(initial=0.0))
    if top == 0:
        return np.zeros(len(prices), dtype=object)
    simple = [Fraction(float(price)).limit_denominator(DENOMINATOR) for price in prices]
    near = all(
        abs(float(f) - price) <= NEAR * max(top, 1e-3) for f, price in zip(simple, prices, strict=True)
    )
    scale = math.lcm(*(fraction.denominator for fraction in simple))
    if near and scale * top <= largest:
        return np.array([int(fraction * scale) for fraction in simple], dtype=object)
    return np.array([round(float(price) / top * largest) for price in prices], dtype=object)


def multipliers(whole: Iterable[int]) -> Multipliers:
    """Return the pairs of index and value that are not zero."""
    return [[index, int(value)] for index, value in enumerate(whole) if value]


def published(problem: Problem, found: Multipliers) -> Multipliers:
    """Return multipliers of our rows as multipliers of the rows in their published order."""
    return sorted([problem.published[row], value] for row, value in found)


def pairs(weights: Mapping[int, int]) -> Multipliers:
    """Return weights as sorted pairs."""
    return [[t, int(weight)] for t, weight in sorted(weights.items()) if weight]


def pressed_by_type(problem: Problem, whole: Iterable[int]) -> list[int]:
    """Return the sum of the multipliers of the rows of each type."""
    pressed = [0] * len(problem.types)
    for row, value in multipliers(whole):
        for t in problem.rows[row].types:
            pressed[t] += value
        for t in problem.rows[row].minus:
            pressed[t] -= value
    return pressed


def proof_by_cases(
    problem: Problem,
    weights: Mapping[int, int],
    best: int,
    box: Mapping[int, tuple[int, int]] | None = None,
) -> list[dict[str, Any]] | None:
    """Return a tree that proves `Σ weights · x ≤ best` for all panels, or None if it grew too large.

    Parameters
    ----------
    weights
        Whole, by type.
    best
        The largest value that a panel reaches, or what is near enough to it.
    box
        Bounds of some types that hold from the start.
    """
    return _Tree(problem, weights, best).grow(box or {})


def _writable(node: Mapping[str, Any]) -> bool:
    """Return whether every multiplier is small enough for a record."""
    return all(abs(value) <= LARGEST_INTEGER for _, value in node.get("rows", ()))


class _Tree:
    """Branch and bound whose every leaf keeps whole multipliers."""

    def __init__(self, problem: Problem, weights: Mapping[int, int], best: int) -> None:
        self._problem, self._weights = problem, weights
        step = math.gcd(*weights.values())
        self._enough = best // step * step + step - 1
        self._scale = float(max(abs(weight) for weight in weights.values()))
        self._counts = [int(count) for count in problem.counts]
        self._programme: LinearProgramme = problem.relaxation()
        self._programme.change_costs(
            np.array([weights.get(t, 0) / self._scale for t in range(len(self._counts))])
        )
        self._nodes: list[dict[str, Any]] = []

    def grow(self, root: Mapping[int, tuple[int, int]]) -> list[dict[str, Any]] | None:
        """Return the nodes of the tree, or None if there are too many."""
        waiting: list[tuple[int, dict[int, tuple[int, int]]]] = [(0, dict(root))]
        self._nodes.append({})
        while waiting:
            index, box = waiting.pop()
            leaf = self._leaf(box)
            if isinstance(leaf, list):
                self._nodes[index] = {"rows": published(self._problem, leaf)}
                continue
            if leaf is None or len(self._nodes) > LARGEST_TREE:
                return None
            split, at_most = leaf
            low, high = box.get(split, (0, self._counts[split]))
            then, other = len(self._nodes), len(self._nodes) + 1
            self._nodes += [{}, {}]
            self._nodes[index] = {"type": split, "at_most": at_most, "then": then, "else": other}
            waiting += [
                (other, box | {split: (at_most + 1, high)}),
                (then, box | {split: (low, at_most)}),
            ]
        return self._nodes if all(_writable(node) for node in self._nodes) else None

    def _leaf(self, box: Mapping[int, tuple[int, int]]) -> Multipliers | tuple[int, int] | None:
        """Return multipliers that close the box, or where to split it, or None without either."""
        low, high = self._problem.zeros, self._problem.counts.copy()
        for t, (least, most) in box.items():
            low[t], high[t] = least, most
        self._programme.change_bounds(low, high)
        found = self._programme.solve()
        if found is None:
            return self._impossible(box)
        for candidate in self._rounded(found.prices):
            if (
                weak_duality(self._problem.rows, self._counts, self._weights, candidate, box)
                <= self._enough
            ):
                return candidate
        fractions = np.abs(found.columns - np.rint(found.columns))
        split = int(np.argmax(fractions))
        if fractions[split] < _SMALLEST_FRACTION:
            return next(iter(self._rounded(found.prices)))
        return split, math.floor(found.columns[split])

    def _rounded(self, prices: Vector) -> list[Multipliers]:
        """Return the prices in the scale of the weights."""
        return [multipliers(round(float(price) * self._scale) for price in prices)]

    def _impossible(self, box: Mapping[int, tuple[int, int]]) -> Multipliers | None:
        """Return multipliers that prove that the box holds no panel."""
        try:
            ray = in_whole_numbers(self._programme.infeasibility_prices(), COARSE)
        except SolverFailure:
            return None
        for sign in (1, -1):
            direction = multipliers(sign * ray)
            empty = weak_duality(self._problem.rows, self._counts, {}, direction, box)
            if empty < 0:
                total = sum(max(0, weight) * self._counts[t] for t, weight in self._weights.items())
                times = (
                    math.ceil((total - min(0, self._enough)) / -empty) + 1
                )  # what is sought may be negative
                return [[row, value * times] for row, value in direction]
        return None
