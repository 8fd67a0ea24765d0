"""Can the quotas be met? If not: which of them conflict, and what is the smallest change that helps.

Nothing is relaxed here; the answer is for people, who decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse

from isegoria.errors import Infeasible
from isegoria.lottery.conflicts import MAXIMUM, MINIMUM, Side, possible, smallest_conflict
from isegoria.lottery.forced import Forced, because, forced_types
from isegoria.lottery.model import Type
from isegoria.lottery.problem import Problem, Vector, problem_of
from isegoria.pool import Pool, Quota, Quotas
from isegoria.solvers import IntegerProgramme


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
    beyond
        Where the flexibilities forbid every relaxation that helps: the smallest one without regard to them.
    never, always
        Types of whom no panel holds anybody, or every panel everybody.
    never_because, always_because
        The same with the quotas that force it, of the first of them.
    """

    feasible: bool
    conflict: tuple[Side, ...] = ()
    smallest: tuple[Change, ...] | None = None
    evenest: tuple[Change, ...] | None = None
    never: tuple[Type, ...] = ()
    always: tuple[Type, ...] = ()
    beyond: tuple[Change, ...] | None = None
    never_because: tuple[Forced, ...] = ()
    always_because: tuple[Forced, ...] = ()

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


def check(pool: Pool, quotas: Quotas, size: int, *, forced: bool = True) -> Feasibility:
    """Return whether a panel exists; if not, which quotas conflict and the smallest relaxations.

    Parameters
    ----------
    pool, quotas
        That go together (`Pool.check`).
    size
        Number of members.
    forced
        Whether to find out also which types are never or always drawn, and by what; it takes most of the time.

    Raises
    ------
    BadInput
        If pool, quotas and size do not go together (`Pool.check`, `Quotas.check`).

    Notes
    -----
    Guarantee: the conflict is minimal (leaving out any side of it, the others can be met together with
    the size); the relaxations respect `min_flex` and `max_flex` and are smallest in their sense; a type is named as never
    or always drawn if and only if all panels agree.
    """
    pool.check(quotas)
    quotas.check(size, len(pool))
    problem = problem_of(pool, quotas, size)
    if possible(problem):
        if not forced:
            return Feasibility(feasible=True)
        never, always = forced_types(problem)
        return Feasibility(
            feasible=True,
            never=tuple(problem.types[t] for t in never),
            always=tuple(problem.types[t] for t in always),
            never_because=because(problem, quotas, never, always=False),
            always_because=because(problem, quotas, always, always=True),
        )
    return _conflicting(problem, quotas)


def require_panels(problem: Problem, quotas: Quotas) -> None:
    """Return if at least one panel exists.

    Raises
    ------
    Infeasible
        `quotas_conflict`, or `quotas_conflict_rigid` where the flexibilities forbid every relaxation that
        helps; the parameter `feasibility` holds the answer of `check`.
    """
    if possible(problem):
        return
    found = _conflicting(problem, quotas)
    raise Infeasible(
        "quotas_conflict_rigid" if found.smallest is None else "quotas_conflict",
        size=problem.size,
        conflict=found.conflict_in_words,
        relaxation=found.smallest_in_words,
        feasibility=found,
    )


def _conflicting(problem: Problem, quotas: Quotas) -> Feasibility:
    smallest = _relaxation(problem, quotas, even=False)
    return Feasibility(
        feasible=False,
        conflict=smallest_conflict(problem, quotas),
        smallest=smallest,
        evenest=_relaxation(problem, quotas, even=True),
        beyond=_beyond(problem, quotas) if smallest is None else None,
    )


def _beyond(problem: Problem, quotas: Quotas) -> tuple[Change, ...] | None:
    """Return the smallest relaxation without regard to flexibilities, which the changed quotas have no longer."""
    free = Quotas(tuple(replace(row, min_flex=None, max_flex=None) for row in quotas))
    row_of = dict(zip(free, quotas, strict=True))
    found = _relaxation(problem, free, even=False)
    return None if found is None else tuple(Change(row_of[one.before], one.after) for one in found)


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
