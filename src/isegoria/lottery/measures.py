"""A lottery in a few numbers."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from isegoria.lottery.model import Lottery


@dataclass(frozen=True, slots=True)
class Measures:
    """How equal the chances of a lottery are.

    Attributes
    ----------
    smallest, largest
        Chances, in [0, 1].
    gini
        Of the chances of all people: 0 where all are equal, below 1.
    geometric_mean
        Of the chances of all people; 0 if one of them is.
    """

    smallest: float
    largest: float
    gini: float
    geometric_mean: float


def measures(lottery: Lottery) -> Measures:
    """Return how equal the chances of all people in the pool are."""
    groups = sorted(
        (float(chance), one.count)
        for chance, one in zip(lottery.type_chances(), lottery.types, strict=True)
    )
    return Measures(groups[0][0], groups[-1][0], _gini(groups), _geometric_mean(groups, lottery.people))


@dataclass(frozen=True, slots=True)
class LinkedPeople:
    """People of a lottery whom one kind of link affects.

    Attributes
    ----------
    people
        How many.
    chance
        Their mean chance, in [0, 1].
    """

    people: int
    chance: float


def linked_people(lottery: Lottery) -> tuple[LinkedPeople | None, LinkedPeople | None]:
    """Return how many people are apart from others, by household or link, and how many are drawn together with others.

    None where there is nobody. Who is both counts in both.
    """
    return (
        _linked(lottery, {t for one in lottery.households for t in one.types}),
        _linked(lottery, {t for one in lottery.together for t in one.types}),
    )


def _linked(lottery: Lottery, types: Collection[int]) -> LinkedPeople | None:
    people = sum(lottery.types[t].count for t in types)
    if not people:
        return None
    chances = lottery.type_chances()
    return LinkedPeople(people, float(sum(chances[t] * lottery.types[t].count for t in types) / people))


def gini_of(amounts: Sequence[float]) -> float:
    """Return the Gini coefficient of amounts, at least one above 0: 0 where all are equal, below 1."""
    return _gini([(amount, 1) for amount in sorted(amounts)])


def _gini(groups: Sequence[tuple[float, int]]) -> float:
    """Return the Gini coefficient of pairs of an amount and a number of people, the smallest first."""
    total = math.fsum(amount * count for amount, count in groups)
    people = sum(count for _, count in groups)
    before, weighted = 0, 0.0
    for amount, count in groups:
        ranks = count * before + count * (count + 1) / 2
        weighted += amount * ranks
        before += count
    return max(0.0, 2 * weighted / (people * total) - (people + 1) / people)


def _geometric_mean(groups: list[tuple[float, int]], people: int) -> float:
    if groups[0][0] == 0:
        return 0.0
    return math.exp(math.fsum(count * math.log(chance) for chance, count in groups) / people)


def lorenz(lottery: Lottery) -> list[tuple[float, float]]:
    """Return the Lorenz curve: share of the pool, smallest chances first, and its share of the seats.

    From (0, 0) to (1, 1), one point per type.
    """
    groups = sorted(
        (float(chance), one.count)
        for chance, one in zip(lottery.type_chances(), lottery.types, strict=True)
    )
    total = math.fsum(chance * count for chance, count in groups)
    points, people, seats = [(0.0, 0.0)], 0, 0.0
    for chance, count in groups:
        people += count
        seats += chance * count
        points.append((people / lottery.people, seats / total))
    points[-1] = (1.0, 1.0)
    return points
