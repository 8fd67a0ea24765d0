"""All panels as paths through a graph, so that they can be counted, weighed and drawn without listing them.

The types are gone through one after another; all that matters of the past is the sums of the rows that are not yet
complete: a *state*. A panel's composition is a path; a step that draws x of the n_t people of a type stands for C(n_t, x)
panels of persons. In a class of H households whose members are alike the choice is among the households still free.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from isegoria.errors import IsegoriaError
from isegoria.lottery.problem import Counts, Problem, Vector

LARGEST_GRAPH = 2_000_000
"""States and steps of a graph: a few hundred MB and some ten seconds."""

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Sums = npt.NDArray[np.int16]


class GraphTooLarge(IsegoriaError):
    """There are more states than fit into memory; what needs none of them still works."""


@dataclass(frozen=True, slots=True)
class _Step:
    """The steps of one type: from a state before to a state after by drawing `drawn` people of `free`."""

    before: Index
    after: Index
    drawn: Index
    free: Index
    states: int


class PanelGraph:
    """All compositions of panels as paths through states.

    Parameters
    ----------
    problem
        With its rows and counts.
    low, high
        Shape (types,), whole numbers: bounds of each type; None for none but the counts.
    limit
        The most states and steps.

    Raises
    ------
    GraphTooLarge
        `graph_too_large`, beyond the limit.
    """

    def __init__(
        self,
        problem: Problem,
        low: Vector | None = None,
        high: Vector | None = None,
        *,
        limit: int = LARGEST_GRAPH,
    ) -> None:
        self._problem = problem
        self._low = np.zeros(len(problem.types)) if low is None else low
        self._high = problem.counts if high is None else high
        self._homes = _homes_of(problem)
        self._led = _led_of(problem)
        self.order = _order(problem)
        self._steps = self._pruned(list(self._grown(limit)))
        if not self._steps:
            raise ArithmeticError("the panels vanished")

    def _grown(self, limit: int) -> Iterator[_Step]:
        """Yield the steps type by type, leaving out states from which some row cannot be met any more."""
        rows = self._problem.matrix.toarray().astype(np.int16)[
            :, self.order
        ]  # a panel has less than 32,768 seats
        reach = _Reach(rows, self._high[self.order])
        families = _partitions(rows[: self._problem.first_limit])
        lower, upper = self._problem.lower.astype(np.int64), self._problem.upper.astype(np.int64)
        states = np.zeros((1, len(rows)), dtype=np.int16)
        kept = 0
        for position, t in enumerate(self.order):
            column = rows[:, position]
            free = self._free(int(t), states)
            parts = []
            for drawn in range(int(self._low[t]), int(self._high[t]) + 1):
                able = np.flatnonzero(free >= drawn)
                after = states[able] + np.int16(drawn) * column
                fits = _possible(after, lower, upper, reach, position, families)
                parts.append((able[fits], after[fits], np.full(int(fits.sum()), drawn)))
            before = np.concatenate([part[0] for part in parts])
            after = np.concatenate([part[1] for part in parts])
            drawn_now = np.concatenate([part[2] for part in parts])
            after[:, reach.left[:, position + 1] == 0] = (
                0  # a row that is complete and met no longer matters
            )
            states, where = _distinct(after)
            kept += len(states) + len(before)
            if kept > limit:
                raise GraphTooLarge("graph_too_large", limit=limit)
            choice = drawn_now if int(t) in self._led else free[before]
            yield _Step(before, where, drawn_now, choice, len(states))

    def _free(self, t: int, states: Sums) -> Index:
        """Return among how many people, or households, a state leaves the choice."""
        if t not in self._homes:
            return np.full(len(states), int(self._problem.counts[t]))
        row, households, _ = self._homes[t]
        return np.asarray(households - states[:, row].astype(np.int64))

    def _pruned(self, steps: list[_Step]) -> list[_Step]:
        """Leave out steps into states that lead nowhere."""
        alive = np.ones(1, dtype=bool)
        found = []
        widths = [1, *(step.states for step in steps)]
        for step, width in zip(reversed(steps), reversed(widths[:-1]), strict=True):
            keep = alive[step.after]
            number = np.cumsum(alive) - 1
            before = step.before[keep]
            now = np.zeros(width, dtype=bool)
            now[before] = True
            renumbered = np.cumsum(now) - 1
            found.append(
                _Step(
                    renumbered[before],
                    number[step.after[keep]],
                    step.drawn[keep],
                    step.free[keep],
                    int(alive.sum()),
                )
            )
            alive = now
        return found[::-1]

    # -- counting ---------------------------------------------------------------------------------

    def panels(self) -> int:
        """Return the exact number of panels of persons."""
        return int(self._back([self._ways(p) for p in range(len(self.order))])[0][0])

    def uniform_chances(self) -> tuple[Fraction, ...]:
        """Return the exact chance of a person of each type if every panel is equally likely."""
        ways = [self._ways(position) for position in range(len(self.order))]
        back = self._back(ways)
        total = int(back[0][0])
        reached = np.array([1], dtype=object)
        chances = [Fraction(0)] * len(self.order)
        for position, step in enumerate(self._steps):
            flow = reached[step.before] * ways[position]
            through = flow * back[position + 1][step.after]
            t = int(self.order[position])
            expected = sum(int(d) * int(f) for d, f in zip(step.drawn, through, strict=True))
            chances[t] = Fraction(expected, total * self._problem.types[t].count)
            reached = np.zeros(step.states, dtype=object)
            np.add.at(reached, step.after, flow)
        return tuple(chances)

    def _ways(self, position: int) -> npt.NDArray[np.object_]:
        """Return in how many ways the people of each step can be chosen."""
        step, t = self._steps[position], int(self.order[position])
        alike = self._homes[t][2] if t in self._homes else 1
        return np.array(
            [
                math.comb(int(free), int(drawn)) * alike ** int(drawn)
                for free, drawn in zip(step.free, step.drawn, strict=True)
            ],
            dtype=object,
        )

    def _back(self, ways: Sequence[npt.NDArray[np.object_]]) -> list[npt.NDArray[np.object_]]:
        """Return for every state how many panels lie ahead."""
        found: list[npt.NDArray[np.object_]] = [np.array([1], dtype=object)]
        for step, way in zip(reversed(self._steps), reversed(ways), strict=True):
            ahead = np.zeros(int(step.before.max()) + 1, dtype=object)
            np.add.at(ahead, step.before, way * found[-1][step.after])
            found.append(ahead)
        return found[::-1]

    # -- tilting ----------------------------------------------------------------------------------

    def tilted(self, theta: Floats) -> tuple[float, Floats]:
        """Return log Z(θ) and how many of each type are expected, shape (types,), exactly but for rounding."""
        weights = self._tilts(theta)
        back, total = self._weighed(weights)
        reached: Any = np.ones(1)
        expected = np.zeros(len(self.order))
        for position, step in enumerate(self._steps):
            flow = reached[step.before] * weights[position][0]
            through = flow * back[position + 1][step.after]
            expected[self.order[position]] = (through @ step.drawn) / through.sum()
            reached = np.bincount(step.after, flow, minlength=step.states)
            reached /= reached.max()
        return total, expected

    def sample(self, theta: Floats, count: int, random: np.random.Generator) -> Index:
        """Return compositions drawn from D(P) ∝ exp(Σ θ), shape (count, types)."""
        weights = self._tilts(theta)
        back, _ = self._weighed(weights)
        found = np.zeros((count, len(self.order)), dtype=np.int64)
        at = np.zeros(count, dtype=np.int64)
        for position, step in enumerate(self._steps):
            value = weights[position][0] * back[position + 1][step.after]
            order = np.argsort(step.before, kind="stable")
            ends = np.cumsum(value[order])
            last = np.searchsorted(step.before[order], at, side="right") - 1
            first = np.searchsorted(step.before[order], at, side="left")
            start = np.where(first > 0, ends[first - 1], 0.0)
            point = start + random.random(count) * (ends[last] - start)
            chosen = order[np.clip(np.searchsorted(ends, point, side="right"), first, last)]
            found[:, self.order[position]] = step.drawn[chosen]
            at = step.after[chosen]
        return found

    def _tilts(self, theta: Floats) -> list[tuple[Floats, float]]:
        """Return the weight of every step, scaled, and the logarithm of the scale."""
        found = []
        for position, step in enumerate(self._steps):
            t = int(self.order[position])
            alike = self._homes[t][2] if t in self._homes else 1
            powers = _log_ways(step.free, step.drawn, alike) + theta[t] * step.drawn
            top = float(powers.max())
            found.append((np.exp(powers - top), top))
        return found

    def _weighed(self, weights: Sequence[tuple[Floats, float]]) -> tuple[list[Floats], float]:
        """Return what lies ahead of every state, scaled, and the logarithm of the scale."""
        found, scale = [np.ones(1)], 0.0
        for step, (weight, top) in zip(reversed(self._steps), reversed(weights), strict=True):
            ahead = np.bincount(step.before, weight * found[-1][step.after])
            most = float(ahead.max())
            scale += top + math.log(most)
            found.append(ahead / most)
        return found[::-1], scale


def log_panels(problem: Problem, panel: Counts) -> float:
    """Return the logarithm of the number of panels of persons that a composition stands for."""
    homes, led = _homes_of(problem), _led_of(problem)
    used: dict[int, int] = {}
    total = 0.0
    for t in np.flatnonzero(panel):
        if int(t) in led:
            continue
        drawn, free, alike = int(panel[t]), int(problem.counts[t]), 1
        if int(t) in homes:
            row, households, alike = homes[int(t)]
            free = households - used.get(row, 0)
            used[row] = used.get(row, 0) + drawn
        total += float(_log_ways(np.array([free]), np.array([drawn]), alike)[0])
    return total


def _log_ways(free: Index, drawn: Index, alike: int) -> Floats:
    """Return log C(free, drawn) + drawn log alike."""
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, int(free.max(initial=0)) + 1)))])
    ways = factorials[free] - factorials[drawn] - factorials[free - drawn]
    return np.asarray(ways + drawn * math.log(alike))


def _homes_of(problem: Problem) -> dict[int, tuple[int, int, int]]:
    """Return for each type of a class of households its row, the households, and its people in each."""
    return {
        t: (
            problem.first_limit + number,
            len(home.households),
            int(problem.counts[t]) // len(home.households),
        )
        for number, home in enumerate(problem.households)
        for t in home.types
    }


def _led_of(problem: Problem) -> frozenset[int]:
    """Return the types whose people are chosen with those of another type: where they are drawn together."""
    return frozenset(t for one in problem.together for t in one.types[1:])


def _order(problem: Problem) -> Index:
    """Return the types so that rows are complete as soon as possible: by the values of the widest feature first."""
    features = list(problem.types[0].features)
    values = {name: sorted({one.features[name] for one in problem.types}) for name in features}
    widest = sorted(features, key=lambda name: (-len(values[name]), name))
    keys = [[values[name].index(one.features[name]) for name in widest] for one in problem.types]
    return np.array(sorted(range(len(keys)), key=lambda t: (keys[t], t)), dtype=np.int64)


class _Reach:
    """How far the sum of each row can still move from before each type on; arrays of shape (rows, types + 1).

    Attributes
    ----------
    up, down
        By how much it can rise and fall.
    left
        Their sum: 0 where the row is complete.
    """

    def __init__(self, rows: Sums, high: Vector) -> None:
        coming = rows.astype(np.int64) * high.astype(np.int64)
        self.up, self.down = _from_behind(np.maximum(coming, 0)), _from_behind(np.maximum(-coming, 0))
        self.left = self.up + self.down


def _from_behind(coming: Index) -> Index:
    return np.concatenate(
        [np.cumsum(coming[:, ::-1], axis=1)[:, ::-1], np.zeros((len(coming), 1), dtype=np.int64)], axis=1
    )


def _partitions(rows: Sums) -> list[list[int]]:
    """Return groups of rows that together count everybody exactly once: the features."""
    found: list[list[int]] = []
    group: list[int] = []
    seen = np.zeros(rows.shape[1], dtype=np.int64)
    for row in range(1, len(rows)):
        if np.any(seen & rows[row]):
            group, seen = [], np.zeros_like(seen)
        group.append(row)
        seen = seen + rows[row]
        if np.all(seen == 1):
            found.append(group)
            group, seen = [], np.zeros_like(seen)
    return found


def _possible(
    sums: Sums,
    lower: Index,
    upper: Index,
    reach: _Reach,
    position: int,
    families: Sequence[Sequence[int]],
) -> npt.NDArray[np.bool_]:
    """Flag the states after a type from which every row can still be met."""
    over, up, down = reach.left[:, position] == 0, reach.up[:, position + 1], reach.down[:, position + 1]
    is_open = up > 0
    fits: Any = np.all((sums - down <= upper) | over, axis=1) & np.all((sums + up >= lower) | over, axis=1)
    seats = np.zeros(len(sums)) if over[0] else lower[0] - sums[:, 0]  # row 0 is the size
    for family in families:
        missing = np.maximum(0, lower[family] - sums[:, family]) * is_open[family]
        room = np.minimum(upper[family] - sums[:, family], up[family]) * is_open[family]
        fits &= (missing.sum(axis=1) <= seats) & (room.sum(axis=1) >= seats)
    return np.asarray(fits, dtype=bool)


def _distinct(states: Sums) -> tuple[Sums, Index]:
    """Return the different states, and which of them each one is."""
    narrow = np.ascontiguousarray(states)
    keys = narrow.view(np.dtype((np.void, narrow.dtype.itemsize * narrow.shape[1]))).ravel()
    _, first, where = np.unique(keys, return_index=True, return_inverse=True)
    return states[first], where.ravel()
