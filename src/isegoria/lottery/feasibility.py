"""Can the quotas be met? If not: which of them conflict, and what is the smallest change that helps.

Nothing is relaxed here; the answer is for people, who decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from isegoria.errors import Infeasible
from isegoria.lottery.model import Type
from isegoria.lottery.problem import Problem, Vector, problem_of
from isegoria.pool import Pool, Quota, Quotas
from isegoria.solvers import IntegerProgramme

Flags = npt.NDArray[np.bool_]
MINIMUM, MAXIMUM = "minimum", "maximum"
SEEN = 1e-7
"""A part of a person above this is no rounding: that of the solver is a hundred times smaller."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a quota that takes part in a conflict.

    Attributes
    ----------
    quota
        Whose side it is.
    bound
        `minimum` or `maximum`.
    people
        How many people of the pool have the value.
    """

    quota: Quota
    bound: str
    people: int

    def __str__(self) -> str:
        """Say it in words: `age 16–24 needs 12, the pool has 9`."""
        name = f"{self.quota.feature} {self.quota.value}"
        if self.bound == MAXIMUM:
            return f"{name} may have at most {self.quota.maximum}"
        return f"{name} needs {self.quota.minimum}, the pool has {self.people}"


@dataclass(frozen=True, slots=True)
class Change:
    """One quota before and after a relaxation."""

    before: Quota
    after: Quota

    @property
    def seats(self) -> int:
        """By how many seats both sides together moved."""
        return self.before.minimum - self.after.minimum + self.after.maximum - self.before.maximum

    def __str__(self) -> str:
        """Say it in words: `age 16–24: minimum 9 instead of 12`."""
        parts = [
            f"{name} {getattr(self.after, name)} instead of {getattr(self.before, name)}"
            for name in (MINIMUM, MAXIMUM)
            if getattr(self.after, name) != getattr(self.before, name)
        ]
        return f"{self.before.feature} {self.before.value}: {', '.join(parts)}"


@dataclass(frozen=True, slots=True)
class Feasibility:
    """Whether a panel exists, and what helps if not.

    Attributes
    ----------
    feasible
        Whether at least one panel meets the quotas.
    conflict
        If not: sides of quotas of which none can be left out without ending the conflict.
    smallest
        The relaxation with the fewest seats moved in total, of these the one whose largest move is
        smallest; None if feasible, or if the flexibilities forbid every relaxation that helps.
    evenest
        The relaxation whose largest move is smallest, of these the one with the fewest seats.
    never, always
        Types whose people cannot be drawn at all, or must be in every panel.
    """

    feasible: bool
    conflict: tuple[Side, ...] = ()
    smallest: tuple[Change, ...] | None = None
    evenest: tuple[Change, ...] | None = None
    never: tuple[Type, ...] = ()
    always: tuple[Type, ...] = ()

    @property
    def conflict_in_words(self) -> str:
        """The conflict as one English phrase."""
        return "; ".join(map(str, self.conflict))

    @property
    def smallest_in_words(self) -> str:
        """The smallest relaxation as one English phrase."""
        return "; ".join(map(str, self.smallest or ()))


def relaxed(quotas: Quotas, changes: Iterable[Change]) -> Quotas:
    """Return the quotas after the changes, in the same order."""
    after = {change.before: change.after for change in changes}
    return Quotas(tuple(after.get(row, row) for row in quotas))


def check(pool: Pool, quotas: Quotas, size: int) -> Feasibility:
    """Return whether a panel exists; if not, which quotas conflict and the smallest relaxations.

    Parameters
    ----------
    pool, quotas
        That go together (`Pool.check`).
    size
        Number of members.

    Raises
    ------
    BadInput
        If pool, quotas and size do not go together (`Pool.check`, `Quotas.check`).

    Notes
    -----
    Guarantee: the conflict is minimal (leaving out any side of it, the others can be met together with
    the size); the relaxations respect `min_flex` and `max_flex` and are smallest in their sense.
    """
    pool.check(quotas)
    quotas.check(size, len(pool))
    problem = problem_of(pool, quotas, size)
    if _possible(problem):
        never, always = _forced(problem)
        return Feasibility(feasible=True, never=never, always=always)
    return _conflicting(problem, quotas)


def require_panels(problem: Problem, quotas: Quotas) -> None:
    """Return if at least one panel exists.

    Raises
    ------
    Infeasible
        `quotas_conflict`, or `quotas_conflict_rigid` where the flexibilities forbid every relaxation that
        helps; the parameter `feasibility` holds the answer of `check`.
    """
    if _possible(problem):
        return
    found = _conflicting(problem, quotas)
    raise Infeasible(
        "quotas_conflict_rigid" if found.smallest is None else "quotas_conflict",
        size=problem.size,
        conflict=found.conflict_in_words,
        relaxation=found.smallest_in_words,
        feasibility=found,
    )


def _possible(problem: Problem) -> bool:
    """Ask the relaxation first, because its no is quick and final."""
    return problem.relaxation().solve() is not None and problem.panels().solve() is not None


def _conflicting(problem: Problem, quotas: Quotas) -> Feasibility:
    return Feasibility(
        feasible=False,
        conflict=_Conflict(problem, quotas).smallest(),
        smallest=_relaxation(problem, quotas, even=False),
        evenest=_relaxation(problem, quotas, even=True),
    )


class _Conflict:
    """The deletion filter: leave out one side after another as long as the rest still conflicts."""

    def __init__(self, problem: Problem, quotas: Quotas) -> None:
        self._problem, self._quotas = problem, quotas
        sums = problem.matrix @ problem.counts
        self._people = [int(people) for people in sums]

    def smallest(self) -> tuple[Side, ...]:
        kept = list(self._sides())
        for side in list(kept):
            without = [other for other in kept if other != side]
            if not self._possible_with(without):
                kept = without
        return tuple(self._side(row, bound) for row, bound in sorted(kept, key=self._published))

    def _sides(self) -> Iterator[tuple[int, str]]:
        """Yield the sides that can matter; those that a shortage of people explains come last, to be kept."""
        rows = range(1, 1 + len(self._quotas))
        short = [row for row in rows if self._problem.lower[row] > self._people[row]]
        yield from ((row, MAXIMUM) for row in rows)
        yield from ((row, MINIMUM) for row in rows if row not in short)
        yield from ((row, MINIMUM) for row in short)

    def _published(self, side: tuple[int, str]) -> tuple[int, str]:
        return self._problem.published[side[0]], side[1]

    def _possible_with(self, sides: Sequence[tuple[int, str]]) -> bool:
        lower, upper = np.zeros(len(self._problem.rows)), np.array(self._people, dtype=float)
        limits = slice(1 + len(self._quotas), None)
        upper[limits] = self._problem.upper[limits]
        lower[0] = upper[0] = self._problem.size
        for row, bound in sides:
            if bound == MINIMUM:
                lower[row] = self._problem.lower[row]
            else:
                upper[row] = self._problem.upper[row]
        return _possible(replace(self._problem, lower=lower, upper=upper))

    def _side(self, row: int, bound: str) -> Side:
        return Side(self._quotas.rows[self._problem.published[row] - 1], bound, self._people[row])


def _relaxation(problem: Problem, quotas: Quotas, *, even: bool) -> tuple[Change, ...] | None:
    """Return the changes that help with the fewest seats (or the smallest largest move), or None."""
    programme = _Elastic(problem, quotas)
    moves = programme.solve(even=even)
    if moves is None:
        return None
    changes = []
    for row, (down, up) in enumerate(zip(*moves, strict=True)):
        if down or up:
            quota = quotas.rows[problem.published[row + 1] - 1]
            after = replace(quota, minimum=quota.minimum - int(down), maximum=quota.maximum + int(up))
            changes.append((problem.published[row + 1], Change(quota, after)))
    return tuple(change for _, change in sorted(changes, key=lambda pair: pair[0]))


class _Elastic:
    """Panels that may break each quota by `down` seats below its minimum and `up` seats above its maximum.

    Variables: x (types), down (quotas), up (quotas), and m, at least each of these.
    """

    def __init__(self, problem: Problem, quotas: Quotas) -> None:
        self._problem = problem
        count = len(quotas)
        self._types, self._count = len(problem.types), count
        rows = [quotas.rows[problem.published[row + 1] - 1] for row in range(count)]
        self._down = np.array([float(q.minimum - (q.min_flex or 0)) for q in rows])
        self._up = np.array(
            [
                float(max(problem.size, q.maximum) if q.max_flex is None else q.max_flex) - q.maximum
                for q in rows
            ]
        )

    @cached_property
    def _matrix(self) -> sparse.csr_matrix:
        quotas, one = self._problem.matrix[1 : 1 + self._count], sparse.identity(self._count)
        limits = self._problem.matrix[1 + self._count :]
        hard = [[limits, None, None, None]] if limits.shape[0] else []
        most = sparse.csr_matrix(-np.ones((self._count, 1)))
        return sparse.bmat(
            [
                [self._problem.matrix[:1], None, None, None],
                *hard,
                [quotas, one, None, None],
                [quotas, None, -one, None],
                [None, one, None, most],
                [None, None, one, most],
                [None, np.ones((1, self._count)), np.ones((1, self._count)), None],
            ],
            format="csr",
        )

    def solve(self, *, even: bool) -> tuple[Vector, Vector] | None:
        """Return down and up: smallest in total then in the largest move, or the other way round."""
        total, largest = self._costs(total=-1.0, largest=0.0), self._costs(total=0.0, largest=-1.0)
        first, second = (largest, total) if even else (total, largest)
        found = self._optimum(first, np.inf, np.inf)
        if found is None:
            return None
        best = round(float(-first @ found))
        caps = (np.inf, float(best)) if even else (float(best), np.inf)
        final = self._optimum(second, *caps)
        found = found if final is None else final
        moves = found[self._types : self._types + 2 * self._count]
        return moves[: self._count], moves[self._count :]

    def _costs(self, *, total: float, largest: float) -> Vector:
        return np.concatenate([np.zeros(self._types), np.full(2 * self._count, total), [largest]])

    def _optimum(self, costs: Vector, most_total: float, most_single: float) -> Vector | None:
        count, problem = self._count, self._problem
        quotas, limits = slice(1, 1 + count), slice(1 + count, None)
        below, above = np.full(count, -np.inf), np.full(count, np.inf)
        free = np.zeros(2 * count)
        return IntegerProgramme(
            costs,
            np.zeros(len(costs)),
            np.concatenate([problem.counts, self._down, self._up, [min(most_single, 1e6)]]),
            self._matrix,
            np.concatenate(
                [problem.lower[:1], problem.lower[limits], problem.lower[quotas], *[below] * 3, [-np.inf]]
            ),
            np.concatenate(
                [problem.upper[:1], problem.upper[limits], above, problem.upper[quotas], free, [most_total]]
            ),
        ).solve()


def never_drawn(problem: Problem) -> tuple[int, ...]:
    """Return the types that not even fractions of panels hold."""
    never, _ = _forced_types(problem)
    return tuple(int(t) for t in np.flatnonzero(never))


def _forced(problem: Problem) -> tuple[tuple[Type, ...], tuple[Type, ...]]:
    """Return the types that no panel holds, and those that every panel holds in full."""
    never, always = _forced_types(problem, _whole_groups(problem))
    return _chosen(problem, never), _chosen(problem, always)


def _whole_groups(problem: Problem) -> Vector:
    """Return bounds of the types without those who are drawn together in groups of which no panel holds one.

    The relaxation would draw a part of a group that is larger than the vacant seats.
    """
    high = problem.counts.copy()
    for one in problem.together:
        low = problem.zeros
        low[one.types[0]] = 1.0
        if problem.panels(low).solve() is None:
            high[list(one.types)] = 0.0
    return high


def _forced_types(problem: Problem, high: Vector | None = None) -> tuple[Flags, Flags]:
    """Flag the types that no panel holds, and those that every panel holds in full.

    One programme after another draws as many as it can of the types not yet seen; the last gains nothing.
    """
    programme = problem.relaxation(high=high)
    never = np.ones(len(problem.types), dtype=bool)
    always = np.ones(len(problem.types), dtype=bool)
    for left, sign in ((never, 1.0), (always, -1.0)):
        while left.any():
            programme.change_costs(sign * left.astype(float))
            found = programme.solve()
            if found is None:
                raise ArithmeticError("the relaxation lost its feasibility")
            rest = found.columns if sign > 0 else problem.counts - found.columns
            seen = left & (rest > SEEN)
            if not seen.any():
                break
            left[seen] = False
    return never, always


def _chosen(problem: Problem, wanted: Flags) -> tuple[Type, ...]:
    return tuple(problem.types[int(t)] for t in np.flatnonzero(wanted))
