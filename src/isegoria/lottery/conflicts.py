"""Which quotas conflict: a smallest set of their sides of which none can be left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from isegoria.lottery.problem import Problem, Vector
from isegoria.pool import Quota, Quotas

MINIMUM, MAXIMUM = "minimum", "maximum"


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


def possible(problem: Problem, low: Vector | None = None, high: Vector | None = None) -> bool:
    """Return whether a panel exists, within bounds of the types if they are given.

    Asks the relaxation first, because its no is quick and final.
    """
    return (
        problem.relaxation(low, high).solve() is not None and problem.panels(low, high).solve() is not None
    )


def smallest_conflict(
    problem: Problem, quotas: Quotas, low: Vector | None = None, high: Vector | None = None
) -> tuple[Side, ...]:
    """Return sides of quotas that cannot be met together, none of which can be left out.

    Parameters
    ----------
    problem
        Without a panel, within the bounds.
    quotas
        From which the problem was made.
    low, high
        Bounds of the types, shape (types,); as in the problem if not given.
    """
    return _Conflict(problem, quotas, low, high).smallest()


class _Conflict:
    """The deletion filter: leave out one side after another as long as the rest still conflicts."""

    def __init__(
        self, problem: Problem, quotas: Quotas, low: Vector | None = None, high: Vector | None = None
    ) -> None:
        self._problem, self._quotas, self._low, self._high = problem, quotas, low, high
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
        return possible(replace(self._problem, lower=lower, upper=upper), self._low, self._high)

    def _side(self, row: int, bound: str) -> Side:
        return Side(self._quotas.rows[self._problem.published[row] - 1], bound, self._people[row])
