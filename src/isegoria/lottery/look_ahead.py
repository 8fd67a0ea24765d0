"""Rotations ahead: which people may be drawn today so that the seats of the next rotations can still be filled.

Let x^0 be the composition that is drawn now and x^1, …, x^H those of the next H rotations, all from the types of
today's pool. At rotation j the members with later terms stay, and so do the entrants of the cohorts P(j) that have
not left; with s^j of those who stay having a value, the whole body meets its quotas where, for every quota v,

    l_v - s^j_v ≤ Σ_{i in P(j)} (A x^i)_v ≤ u_v - s^j_v,        Σ_i x^i ≤ counts,

and the same for the size and for households. A composition x^0 *has a future* if whole x^1, …, x^H complete it.

Quotas are tightened where a composition of the lottery has no future. First, a bound of a quota moves to the least, or
the most, that a composition with a future can have over the relaxation: this excludes nobody but compositions without
a future. Then an integer programme finds quotas that exclude those found so far, leave a composition with a future,
and are tightened by as few seats as possible; and the compositions of the new lottery are tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import ceil, floor

import numpy as np
from scipy import sparse

from isegoria.lottery.body import Body, Tightened
from isegoria.lottery.problem import Counts, Problem, Vector, problem_of
from isegoria.pool import Pool, Quota, Quotas
from isegoria.solvers import IntegerProgramme, LinearProgramme
from isegoria.tolerances import INTEGRAL


@dataclass(frozen=True, slots=True)
class Step:
    """A rotation ahead.

    Attributes
    ----------
    when
        Its day or number, as it was written.
    staying
        The body with those of today's members who still sit then.
    entrants_stay
        Whether those who are drawn today still sit then.
    """

    when: str
    staying: Body
    entrants_stay: bool = True


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a rotation ahead cannot be filled.

    Attributes
    ----------
    when
        Which one.
    shortages
        The fewest seats by which quotas would have to move: feature, value and words; empty if there are too few people.
    """

    when: str
    shortages: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in words."""
        return "; ".join(self.shortages) or "the pool has too few people"


class Ahead:
    """Today's draw and the rotations ahead, over the types of today's pool.

    Parameters
    ----------
    pool, quotas, size
        Of the vacant seats today.
    today
        The whole body with those who stay today.
    steps
        The rotations ahead in their order.
    """

    def __init__(self, pool: Pool, quotas: Quotas, size: int, today: Body, steps: Sequence[Step]) -> None:
        self._problem: Problem = problem_of(pool, quotas, size)
        self._quotas, self._today, self._steps = quotas, today, tuple(steps)
        self._types = len(self._problem.types)
        self._rows = [quotas.rows[index - 1] for index in self._problem.published[1 : 1 + len(quotas)]]
        """In the order of the problem's rows."""
        self._witnesses: list[tuple[list[Vector], Vector]] = []

    # -- how far ------------------------------------------------------------------------------------
    def reach(self) -> int:
        """Return how many rotations ahead can be filled, one after the other, by the best draws; -1 if not even today's."""
        for horizon in range(len(self._steps) + 1):
            if self._joint(horizon).solve() is None:
                return horizon - 1
        return len(self._steps)

    def obstacle(self, horizon: int) -> Obstacle:
        """Return why the rotation number `horizon` (1 is the next) cannot be filled although those before can."""
        count = len(self._rows)
        matrix, lower, upper, most = self._system(horizon)
        offset = horizon * len(self._problem.rows) + 1
        moves = sparse.lil_matrix((matrix.shape[0], 2 * count))
        for row in range(count):
            moves[offset + row, row], moves[offset + row, count + row] = 1, -1
        costs = np.concatenate([np.zeros(matrix.shape[1]), np.full(2 * count, -1.0)])
        found = IntegerProgramme(
            costs,
            np.zeros(len(costs)),
            np.concatenate([most, np.full(2 * count, float(self._today.size))]),
            sparse.hstack([matrix, moves]),
            lower,
            upper,
        ).solve()
        step = self._steps[horizon - 1]
        if found is None:
            return Obstacle(step.when, ())
        down, up = np.split(found[matrix.shape[1] :].astype(int), 2)
        return Obstacle(
            step.when,
            tuple(
                self._shortage(int(row), int(down[row]), int(up[row])) for row in np.flatnonzero(down + up)
            ),
        )

    def _shortage(self, row: int, down: int, up: int) -> str:
        quota = self._whole(row)
        name = f"{quota.feature} {quota.value}"
        if down:
            return f"{name} needs {quota.minimum}, at most {quota.minimum - down} can be reached"
        return f"{name} may have {quota.maximum}, at least {quota.maximum + up} would sit"

    def _whole(self, row: int) -> Quota:
        """Return the quota of the whole body that belongs to a row."""
        own = self._rows[row]
        return next(q for q in self._today.quotas if (q.feature, q.value) == (own.feature, own.value))

    # -- the bounds that every composition with a future keeps -------------------------------------------
    def necessary(self) -> dict[tuple[str, str], Tightened]:
        """Return the quotas whose bounds every composition with a future keeps beyond what today's draw asks."""
        found: dict[tuple[str, str], Tightened] = {}
        least, most = self._range(0)
        for horizon in range(1, len(self._steps) + 1):
            low, high = self._range(horizon)
            for row, quota in enumerate(self._rows):
                before = (
                    found[quota.feature, quota.value].after
                    if (quota.feature, quota.value) in found
                    else quota
                )
                minimum = int(low[row]) if low[row] > least[row] else before.minimum
                maximum = int(high[row]) if high[row] < most[row] else before.maximum
                if (minimum, maximum) != (before.minimum, before.maximum):
                    after = _within(before, minimum, maximum)
                    found[quota.feature, quota.value] = self._told(row, after, horizon)
            least, most = np.maximum(least, low), np.minimum(most, high)
        return found

    def _told(self, row: int, after: Quota, horizon: int) -> Tightened:
        step, quota = self._steps[horizon - 1], self._rows[row]
        leaving = self._today.sits(quota) - step.staying.sits(quota)
        return Tightened(quota, after, step.when, leaving)

    def _range(self, horizon: int) -> tuple[Vector, Vector]:
        """Return the least and the most of each quota today over the relaxation with `horizon` rotations."""
        matrix, lower, upper, most = self._system(horizon)
        programme = LinearProgramme(
            np.zeros(matrix.shape[1]), np.zeros(matrix.shape[1]), most, matrix, lower, upper
        )
        today = sparse.csr_matrix(self._problem.matrix[1 : 1 + len(self._rows)])
        ends: list[list[int]] = [[], []]
        for row in range(len(self._rows)):
            costs = np.zeros(matrix.shape[1])
            costs[: self._types] = today[row].toarray()[0]
            for sign, own, whole in ((-1.0, ends[0], ceil), (1.0, ends[1], floor)):
                programme.change_costs(sign * costs)
                found = programme.solve()
                if found is None:
                    raise ArithmeticError("the rotations ahead lost their feasibility")
                own.append(whole(sign * found.value + sign * INTEGRAL))
        return np.array(ends[0], dtype=float), np.array(ends[1], dtype=float)

    # -- compositions one by one -----------------------------------------------------------------------
    def without_future(self, compositions: Sequence[Sequence[int]]) -> list[tuple[Counts, int]]:
        """Return the compositions without a future, each with the number of the first rotation it cannot fill."""
        found = []
        for one in compositions:
            counts = np.array(one, dtype=np.int64)
            if not self._witnessed(counts) and not self._completes(counts, len(self._steps)):
                horizon = next(h for h in range(1, len(self._steps) + 1) if not self._completes(counts, h))
                found.append((counts, horizon))
        return found

    def _witnessed(self, counts: Counts) -> bool:
        """Return whether a completion that was found for another composition serves this one too."""
        sums = self._problem.matrix @ counts
        left = self._problem.counts - counts
        return any(
            np.all(used <= left)
            and all(
                np.all(there + step.entrants_stay * sums >= low)
                and np.all(there + step.entrants_stay * sums <= high)
                for there, step, (low, high) in zip(later, self._steps, self._bounds[1:], strict=True)
            )
            for later, used in self._witnesses
        )

    def _completes(self, counts: Counts, horizon: int) -> bool:
        found = self._joint(horizon, counts).solve()
        if found is None:
            return False
        if horizon == len(self._steps):
            cohorts = found.reshape(horizon + 1, self._types)[1:]
            sums = [self._problem.matrix @ cohort for cohort in cohorts]
            later = [np.sum(sums[: number + 1], axis=0) for number in range(horizon)]
            self._witnesses.append((later, cohorts.sum(axis=0)))
        return True

    # -- quotas that exclude compositions ----------------------------------------------------------------
    def tighter(
        self, kept: dict[tuple[str, str], Tightened], excluded: Sequence[tuple[Counts, int]]
    ) -> dict[tuple[str, str], Tightened] | None:
        """Return quotas that exclude some compositions, and those of `kept`, by as few seats as possible; None if none do.

        Variables: x^0 … x^H; for each quota its bounds L and U; for each excluded composition and each of the bounds
        whether it is the one that excludes it.
        """
        count, columns = len(self._rows), self._types * (len(self._steps) + 1)
        matrix, lower, upper, most = self._system(len(self._steps))
        now = [kept[q.feature, q.value].after if (q.feature, q.value) in kept else q for q in self._rows]
        least, widest = self._range(0)
        low = np.maximum(least, [float(q.minimum) for q in now])
        high = np.minimum(widest, [float(q.maximum) for q in now])
        today = sparse.csr_matrix(self._problem.matrix[1 : 1 + count])
        sums = np.unique([today @ counts for counts, _ in excluded], axis=0)
        sums = sums[np.all((sums >= low) & (sums <= high), axis=1)]  # the others are excluded already
        choices = 2 * count * len(sums)
        one = sparse.identity(count)
        later = sparse.csr_matrix((count, columns - self._types))
        rows = [
            sparse.hstack([matrix, sparse.csr_matrix((matrix.shape[0], 2 * count + choices))]),
            # L ≤ A x^0 ≤ U
            sparse.hstack([today, later, -one, 0 * one, sparse.csr_matrix((count, choices))]),
            sparse.hstack([today, later, 0 * one, -one, sparse.csr_matrix((count, choices))]),
        ]
        bounds = [
            (lower, upper),
            (np.zeros(count), np.full(count, np.inf)),
            (np.full(count, -np.inf), np.zeros(count)),
        ]
        for number in range(len(sums)):
            start = columns + 2 * count + 2 * count * number
            block = sparse.lil_matrix((2 * count + 1, columns + 2 * count + choices))
            below, above = np.full(2 * count + 1, -np.inf), np.full(2 * count + 1, np.inf)
            for row in range(count):
                # L ≥ sum + 1 where chosen, else L ≥ low; U ≤ sum - 1 where chosen, else U ≤ high
                block[row, columns + row], block[row, start + row] = 1, -(sums[number][row] + 1 - low[row])
                below[row] = low[row]
                block[count + row, columns + count + row] = 1
                block[count + row, start + count + row] = high[row] - (sums[number][row] - 1)
                above[count + row] = high[row]
            block[2 * count, start : start + 2 * count] = 1
            below[2 * count] = 1
            rows.append(block.tocsr())
            bounds.append((below, above))
        costs = np.concatenate([np.zeros(columns), np.full(count, -1.0), np.ones(count), np.zeros(choices)])
        found = IntegerProgramme(
            costs,
            np.concatenate([np.zeros(columns), low, low, np.zeros(choices)]),
            np.concatenate([most, high, high, np.ones(choices)]),
            sparse.vstack(rows),
            np.concatenate([one for one, _ in bounds]),
            np.concatenate([one for _, one in bounds]),
        ).solve()
        if found is None:
            return None
        new = dict(kept)
        for row, quota in enumerate(self._rows):
            minimum, maximum = (int(found[columns + shift + row]) for shift in (0, count))
            minimum = minimum if minimum > low[row] else now[row].minimum
            maximum = maximum if maximum < high[row] else now[row].maximum
            if (minimum, maximum) != (now[row].minimum, now[row].maximum):
                key = quota.feature, quota.value
                told = self._told(row, _within(now[row], minimum, maximum), excluded[-1][1])
                new[key] = replace(kept[key], after=told.after) if key in kept else told
        return new

    # -- the system --------------------------------------------------------------------------------------
    @cached_property
    def _bounds(self) -> list[tuple[Vector, Vector]]:
        """The bounds of the problem's rows today and at each rotation ahead, for those who are drawn."""
        found = [(self._problem.lower, self._problem.upper)]
        for step in self._steps:
            low, high = self._problem.lower.copy(), self._problem.upper.copy()
            low[0] = high[0] = step.staying.vacant
            for row in range(len(self._rows)):
                whole = self._whole(row)
                there = step.staying.sits(whole)
                low[row + 1], high[row + 1] = max(0, whole.minimum - there), max(0, whole.maximum - there)
            found.append((low, high))
        return found

    @cache  # noqa: B019  # lives as long as one draw
    def _system(self, horizon: int) -> tuple[sparse.csr_matrix, Vector, Vector, Vector]:
        """Return matrix, bounds of rows and bounds of columns over x^0 … x^horizon."""
        own = self._problem.matrix
        blocks = [[own, *[None] * horizon]]
        for number in range(1, horizon + 1):
            first = own if self._steps[number - 1].entrants_stay else None
            blocks.append([first, *[own] * number, *[None] * (horizon - number)])
        blocks.append([sparse.identity(self._types)] * (horizon + 1))
        bounds = self._bounds[: horizon + 1]
        return (
            sparse.bmat(blocks, format="csr"),
            np.concatenate([*(low for low, _ in bounds), np.zeros(self._types)]),
            np.concatenate([*(high for _, high in bounds), self._problem.counts]),
            np.tile(self._problem.counts, horizon + 1),
        )

    def _joint(self, horizon: int, today: Counts | None = None) -> IntegerProgramme:
        """Return the programme of all compositions, today's fixed or free."""
        matrix, lower, upper, most = self._system(horizon)
        least, most = np.zeros(len(most)), most.copy()
        if today is not None:
            least[: self._types] = most[: self._types] = today
        return IntegerProgramme(np.zeros(len(most)), least, most, matrix, lower, upper)


def _within(quota: Quota, minimum: int, maximum: int) -> Quota:
    """Return a quota with tighter bounds, whose flexibilities stay as wide as they were."""
    return replace(quota, minimum=minimum, maximum=maximum)
