"""Why is my chance what it is? Which quotas are full, and what one more seat of room would change.

A quota is **full** where every panel of the lottery stands at its minimum or at its maximum. A full maximum keeps seats
from the people whom it counts, a full minimum keeps seats for them.

The **shadow price** of a quota is what one more seat of room would do to the smallest chance. It is found by asking
again: the linear programme of the smallest chance, with this one number changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from isegoria.lottery.conflicts import MAXIMUM, MINIMUM
from isegoria.lottery.forced import never_drawn
from isegoria.lottery.model import Lottery, Type
from isegoria.lottery.nash import without
from isegoria.lottery.problem import Problem, problem_of
from isegoria.pool import Entry, Pool, Quota
from isegoria.solvers import LinearProgramme
from isegoria.tolerances import CHANCE

PRICED = 1e-9
"""A price below this moves no chance that anybody could see."""


@dataclass(frozen=True, slots=True)
class Full:
    """A side of a quota at which every panel of a lottery stands.

    Attributes
    ----------
    quota
        Whose side it is.
    bound
        `minimum` or `maximum`; a quota whose two numbers are equal counts as `maximum` where it holds people down
        (their mean chance is below the panel's share of the pool), else as `minimum`.
    """

    quota: Quota
    bound: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A type with its chance, and the full quotas that count it.

    Attributes
    ----------
    type
        People with the same features.
    chance
        Of each of them, in [0, 1].
    held, lifted
        Full maxima and full minima that count these people.
    """

    type: Type
    chance: float
    held: tuple[Full, ...]
    lifted: tuple[Full, ...]


@dataclass(frozen=True, slots=True)
class ShadowPrice:
    """What one more seat of room in a quota would do.

    Attributes
    ----------
    full
        The side that would be moved by one seat.
    before, after
        The largest smallest chance, without and with the room, in [0, 1]; `after` is an upper bound that panels nearly
        always reach.
    """

    full: Full
    before: float
    after: float


def full_quotas(lottery: Lottery) -> tuple[Full, ...]:
    """Return the sides of quotas at which every panel stands, in the order of the quotas."""
    chances = lottery.type_chances()
    mean = lottery.size / lottery.people
    counts = np.array([one.counts for one in lottery.compositions])
    found = []
    for quota in lottery.quotas:
        inside = [t for t, one in enumerate(lottery.types) if quota.counts(one.features)]
        people = sum(lottery.types[t].count for t in inside)
        if not people:
            continue
        seats = counts[:, inside].sum(axis=1)
        low, high = bool(np.all(seats == quota.minimum)), bool(np.all(seats == quota.maximum))
        expected = sum(float(chances[t]) * lottery.types[t].count for t in inside)
        if high and (not low or expected / people < mean):
            found.append(Full(quota, MAXIMUM))
        elif low:
            found.append(Full(quota, MINIMUM))
    return tuple(found)


def explained_types(lottery: Lottery) -> tuple[Explained, ...]:
    """Return every type with its chance and the full quotas that count it, the smallest chance first."""
    full = full_quotas(lottery)
    found = []
    for one, chance in zip(lottery.types, lottery.type_chances(), strict=True):
        counting = [side for side in full if side.quota.counts(one.features)]
        found.append(
            Explained(
                one,
                float(chance),
                tuple(side for side in counting if side.bound == MAXIMUM),
                tuple(side for side in counting if side.bound == MINIMUM),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.chance, tuple(one.type.features.items()))))


def shadow_prices(lottery: Lottery) -> tuple[ShadowPrice, ...]:
    """Return what one more seat of room in each quota would do to the smallest chance, the largest gain first.

    Parameters
    ----------
    lottery
        Of any objective; the answer is about the best smallest chance that its pool and quotas allow.

    Notes
    -----
    Guarantee: no lottery under the wider quotas gives everybody who can be drawn today more than `after`, and none
    under today's quotas more than `before`. When a quota that is not listed is widened alone, by one seat, the bound
    `before` stays; so it does not matter for the smallest chance where whole panels reach that bound, as they nearly
    always do.
    """
    problem = _of_whoever_can_be_drawn(lottery)
    before, prices = _highest_smallest(problem)
    found = []
    for row, bound in _priced(problem, prices):
        lower, upper = problem.lower.copy(), problem.upper.copy()
        if bound == MAXIMUM:
            upper[row] += 1
        else:
            lower[row] -= 1
        after, _ = _highest_smallest(replace(problem, lower=lower, upper=upper))
        if after > before + CHANCE:
            quota = lottery.quotas.rows[problem.published[row] - 1]
            found.append(ShadowPrice(Full(quota, bound), before, after))
    return tuple(sorted(found, key=lambda one: (-one.after, one.full.quota.feature, one.full.quota.value)))


def _of_whoever_can_be_drawn(lottery: Lottery) -> Problem:
    whole = problem_of_lottery(lottery)
    never = np.zeros(len(whole.types), dtype=bool)
    never[list(never_drawn(whole))] = True
    return without(whole, never)


def _priced(problem: Problem, prices: Sequence[float]) -> Iterator[tuple[int, str]]:
    """Yield the rows of quotas whose price is not 0, and the side that presses; weak duality clears the others."""
    quotas = range(1, problem.first_limit)
    for row in quotas:
        if prices[row] > PRICED:
            yield row, MAXIMUM
        elif prices[row] < -PRICED and problem.lower[row] > 0:
            yield row, MINIMUM


def _highest_smallest(problem: Problem) -> tuple[float, Sequence[float]]:
    """Maximise z with x_t ≥ n_t z over the relaxation; return it with the prices of the rows."""
    count = len(problem.types)
    scaled = (problem.matrix @ problem.counts)[:, None]
    # x_t = n_t z + y_t, so that the types need no rows of their own but where they are drawn with certainty
    programme = LinearProgramme(
        np.append(np.zeros(count), 1.0),
        np.zeros(count + 1),
        np.append(problem.counts, 1.0),
        np.hstack([problem.matrix.toarray(), scaled]),
        problem.lower,
        problem.upper,
    )
    found = programme.solve()
    over = None if found is None else found.columns[:count] + problem.counts * found.value - problem.counts
    while found is not None and over is not None and np.any(over > CHANCE):
        for t in np.flatnonzero(over > CHANCE):
            where = np.array([t, count], dtype=np.int32)
            programme.add_row(-np.inf, problem.counts[t], where, np.array([1.0, problem.counts[t]]))
        found = programme.solve()
        if found is not None:
            over = found.columns[:count] + problem.counts * found.value - problem.counts
    if found is None:
        raise ArithmeticError("the relaxation lost its feasibility")
    return found.value, [float(price) for price in found.prices[: len(problem.rows)]]


def problem_of_lottery(lottery: Lottery) -> Problem:
    """Return the problem that a lottery answers, from its document alone."""
    return problem_of(pool_of(lottery), lottery.quotas, lottery.size)


def pool_of(lottery: Lottery) -> Pool:
    """Return the people of a lottery with the features that its quotas count, and their links.

    Households are among the people who are apart.
    """
    return Pool(
        tuple(Entry(identifier, one.features) for one in lottery.types for identifier in one.ids),
        tuple(ids for one in lottery.households for ids in one.households),
        tuple(ids for one in lottery.together for ids in one.groups),
    )
