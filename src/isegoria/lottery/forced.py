"""Who can never be drawn and who always is, and which quotas force it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isegoria.errors import SHOWN_AT_ONCE
from isegoria.lottery.conflicts import Side, smallest_conflict
from isegoria.lottery.model import Type
from isegoria.lottery.problem import Problem, Vector
from isegoria.pool import Quotas

Flags = npt.NDArray[np.bool_]
SEEN = 1e-7
"""A part of a person above this is no rounding: that of the solver is a hundred times smaller."""


@dataclass(frozen=True, slots=True)
class Forced:
    """People whose chance the quotas force to be zero, or one.

    Attributes
    ----------
    type
        Of the people.
    sides
        Sides of quotas that force it together, none of which can be left out; empty where links and size alone do.
    """

    type: Type
    sides: tuple[Side, ...]

    def __str__(self) -> str:
        """Say it in words: `age 16–24, sex f (3 people): sex f may have at most 0`."""
        own = ", ".join(f"{feature} {value}" for feature, value in self.type.features.items())
        count = "1 person" if self.type.count == 1 else f"{self.type.count} people"
        reason = "; ".join(map(str, self.sides)) or "the links between people and the size of the panel"
        return f"{own} ({count}): {reason}"


def forced_types(problem: Problem) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the types of whom no panel holds anybody, and those of whom every panel holds everybody.

    The relaxation says first for whom it is out of the question; panels decide about the others.
    """
    never, always = _forced_types(problem, _whole_groups(problem))
    _look_among_panels(problem, never, sign=1.0)
    _look_among_panels(problem, always, sign=-1.0)
    return _numbers(never), _numbers(always)


def because(problem: Problem, quotas: Quotas, types: Sequence[int], *, always: bool) -> tuple[Forced, ...]:
    """Return for each of the first types which quotas force that nobody, or everybody, of it is drawn."""
    return tuple(
        Forced(problem.types[t], _sides(problem, quotas, t, always=always)) for t in types[:SHOWN_AT_ONCE]
    )


def _sides(problem: Problem, quotas: Quotas, t: int, *, always: bool) -> tuple[Side, ...]:
    low, high = problem.zeros, problem.counts.copy()
    if always:
        high[t] -= 1
    else:
        low[t] = 1
    return smallest_conflict(problem, quotas, low, high)


def _look_among_panels(problem: Problem, found: Flags, sign: float) -> None:
    """Flag the types too that the relaxation leaves open but no panel does, in place."""
    open_types = ~found
    programme = problem.panels()
    while open_types.any():
        programme.change_costs(sign * open_types.astype(float))
        panel = programme.solve()
        if panel is None:
            raise ArithmeticError("the problem lost its panels")
        seen = open_types & ((panel if sign > 0 else problem.counts - panel) > SEEN)
        if not seen.any():
            found |= open_types
            return
        open_types &= ~seen


def _numbers(flags: Flags) -> tuple[int, ...]:
    return tuple(int(t) for t in np.flatnonzero(flags))


def never_drawn(problem: Problem) -> tuple[int, ...]:
    """Return the types that not even fractions of panels hold."""
    never, _ = _forced_types(problem)
    return tuple(int(t) for t in np.flatnonzero(never))


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
