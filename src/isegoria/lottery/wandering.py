"""Compositions found by wandering from those of a lottery, where there are too many to count."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from isegoria.lottery.problem import Problem, Vector

WANDER = 3
"""Steps per member from a known composition to another."""
ALONE = 0.3
"""The share of steps in which one person makes room for another instead of two trading values."""
PULL = 0.05
SETTLING = 50
"""After so many compositions the pull back to the wanted numbers has halved its pace."""
TINY = 0.05

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


class _Walk:
    """Compositions found by wandering from those of a lottery: people trade values, or one makes room for another.

    Two who trade a value keep every quota's count. A step is taken with the chance that makes every panel of persons
    equally likely in the long run (Metropolis); what it finds is weighed afterwards, so that nothing rests on it.
    """

    def __init__(self, problem: Problem, low: Vector, high: Vector, random: np.random.Generator) -> None:
        self._problem, self._random = problem, random
        self._low, self._high = low.astype(np.int64), high.astype(np.int64)
        self._rows = problem.matrix.toarray().astype(np.int64)
        linked = [one.types for one in problem.households] + [one.types for one in problem.together]
        in_homes = {t for types in linked for t in types}
        self._features = len(problem.types[0].features)
        self._values = [tuple(one.features.values()) for one in problem.types]
        self._type = {
            values: t for t, values in enumerate(self._values) if t not in in_homes and self._high[t] > 0
        }
        self._lean = np.zeros(len(problem.types))
        self._others = np.array(sorted(self._type.values()), dtype=np.int64)

    def from_(self, panel: Index) -> Index:
        """Return a composition some steps away."""
        now, sums = panel.copy(), self._rows @ panel
        for _ in range(WANDER * self._problem.size):
            change = self._change(now)
            if not change or any(
                not self._low[t] <= now[t] + by <= self._high[t] for t, by in change.items()
            ):
                continue
            moved = sums + sum(by * self._rows[:, t] for t, by in change.items())
            holds = np.all(moved >= self._problem.lower) and np.all(moved <= self._problem.upper)
            if holds and self._random.random() < self._ratio(now, change):
                sums = moved
                for t, by in change.items():
                    now[t] += by
        return now

    def pull(self, missing: Vector, pace: float) -> None:
        """Lean towards the types of which too few have come."""
        self._lean += pace * missing

    def _change(self, now: Index) -> dict[int, int]:
        """Propose who goes and who comes; nothing, where everybody is linked."""
        if not len(self._others):
            return {}
        seated = np.repeat(np.arange(len(now)), now)
        first, second = (int(t) for t in self._random.choice(seated, 2))
        if self._random.random() < ALONE or first == second:
            return _sum_up((first, -1), (int(self._random.choice(self._others)), 1))
        traded = self._random.random(self._features) < 0.5  # noqa: PLR2004  # a coin for every feature
        mixed = [
            tuple(b if trade else a for trade, a, b in zip(traded, one, other, strict=True))
            for one, other in (
                (self._values[first], self._values[second]),
                (self._values[second], self._values[first]),
            )
        ]
        if mixed[0] not in self._type or mixed[1] not in self._type:
            return {}
        return _sum_up((first, -1), (second, -1), (self._type[mixed[0]], 1), (self._type[mixed[1]], 1))

    def _ratio(self, now: Index, change: dict[int, int]) -> float:
        """Return how many times more panels of persons the new composition stands for, leaning included."""
        logs = 0.0
        for t, by in change.items():
            people, old = int(self._problem.counts[t]), int(now[t])
            for seat in range(old, old + by):
                logs += math.log((people - seat) / (seat + 1))
            for seat in range(old + by, old):
                logs -= math.log((people - seat) / (seat + 1))
            logs += by * float(self._lean[t])
        return math.exp(min(0.0, logs))


def _sum_up(*moves: tuple[int, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for t, by in moves:
        found[t] = found.get(t, 0) + by
    return {t: by for t, by in found.items() if by}


def wandered(
    problem: Problem,
    box: tuple[Vector, Vector],
    own: Index,
    start: Floats,
    target: Vector,
    count: int,
    random: np.random.Generator,
    cancelled: Callable[[], bool],
) -> Index:
    """Return compositions near those of a lottery, with a mean near the wanted numbers; shape (compositions, types).

    Parameters
    ----------
    problem
        With the rows as the compositions must keep them.
    box
        Bounds of each type.
    own, start
        Compositions of the lottery and their shares.
    target
        Shape (types,): the wanted numbers. What comes too often is held back in the following walks (Robbins, Monro).
    """
    walk = _Walk(problem, *box, random)
    spread = np.maximum(target * (1 - target / problem.counts), TINY)
    found = []
    for number, at in enumerate(random.choice(len(own), size=count, p=start)):
        if cancelled():
            break
        panel = walk.from_(own[at])
        walk.pull((target - panel) / spread, PULL / (1 + number / SETTLING))
        found.append(panel)
    return np.array(found, dtype=np.int64).reshape(-1, own.shape[1])
