"""Somebody's chance over several draws: how often to be drawn is expected, and how likely it is at all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from isegoria.lottery.measures import gini_of
from isegoria.lottery.model import Lottery


@dataclass(frozen=True, slots=True)
class OverTime:
    """One person over several draws.

    Attributes
    ----------
    draws
        In how many of the pools the person was.
    expected
        The sum of the chances: how many times the person is drawn on average. The cumulative chance.
    at_least_once
        The chance to be drawn at least once, in [0, 1].
    """

    draws: int
    expected: Fraction
    at_least_once: Fraction


@dataclass(frozen=True, slots=True)
class Group:
    """People with a value of a feature, over several draws: how many, and their means."""

    feature: str
    value: str
    people: int
    expected: float
    at_least_once: float


def over_time(draws: Sequence[Mapping[str, Fraction]]) -> dict[str, OverTime]:
    """Return everybody's chances over several draws, by id in canonical order.

    Parameters
    ----------
    draws
        For each draw the chance of everybody in its pool, in [0, 1]. Ids are the same person in all of them.

    Notes
    -----
    Guarantee: `expected` is exact whatever the lots are. `at_least_once` is exact for lots that do not depend on each
    other, which fresh public randomness makes them; a member who is left out of later pools has no chance there.

    Examples
    --------
    >>> both = over_time([{"a": Fraction(1, 2), "b": Fraction(1, 4)}, {"a": Fraction(1, 2)}])
    >>> [(one, str(found.expected), str(found.at_least_once)) for one, found in both.items()]
    [('a', '1', '3/4'), ('b', '1/4', '1/4')]
    """
    found: dict[str, OverTime] = {}
    for person in sorted({one for draw in draws for one in draw}):
        own = [draw[person] for draw in draws if person in draw]
        never = math.prod((1 - chance for chance in own), start=Fraction(1))
        found[person] = OverTime(len(own), sum(own, Fraction(0)), 1 - never)
    return found


def gini_after_each(draws: Sequence[Mapping[str, Fraction]]) -> tuple[float, ...]:
    """Return after each draw how unequal the cumulative chances of all people are who were in some pool by then.

    0 where all are equal, below 1.
    """
    so_far = (over_time(draws[: number + 1]) for number in range(len(draws)))
    return tuple(gini_of([float(one.expected) for one in people.values()]) for people in so_far)


def by_value(lotteries: Sequence[Lottery], people: Mapping[str, OverTime]) -> tuple[Group, ...]:
    """Return the mean chances of the people with each value, as the last pool with each of them knows the value."""
    features = {person: kind.features for one in lotteries for kind in one.types for person in kind.ids}
    known = dict.fromkeys((quota.feature, quota.value) for one in lotteries for quota in one.quotas)
    groups = []
    for feature, value in known:
        own = [people[person] for person, has in features.items() if has.get(feature) == value]
        if own:
            groups.append(
                Group(
                    feature,
                    value,
                    len(own),
                    float(sum(one.expected for one in own) / len(own)),
                    float(sum(one.at_least_once for one in own) / len(own)),
                )
            )
    return tuple(groups)
