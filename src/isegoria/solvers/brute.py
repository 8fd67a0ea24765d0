"""The slow, obvious twin: list every panel, then do what the definition says. For pools of up to 12 people.

Nothing here knows of types, duals, decomposition or rounding, so that agreement means something.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import scipy  # its parts are loaded where they are first used: at a start they cost a second

from isegoria.pool import Entry, Pool, Quotas

LARGEST_POOL = 12
_EQUAL = 1e-8
"""Two chances closer than this are one level; on so small pools levels differ by more than 1e-3."""


def every_panel(pool: Pool, quotas: Quotas, size: int) -> list[tuple[int, ...]]:
    """Return every panel that meets the quotas and the links of the pool, as positions in the pool.

    Raises
    ------
    ValueError
        If the pool has more than 12 people.
    """
    if len(pool) > LARGEST_POOL:
        raise ValueError(f"{len(pool)} people are too many to list every panel")
    people = [entry.features for entry in pool]
    return [
        chosen
        for chosen in itertools.combinations(range(len(people)), size)
        if meets([people[index] for index in chosen], quotas)
        and _linked_as_they_are(pool, [pool.entries[index] for index in chosen])
    ]


def _linked_as_they_are(pool: Pool, members: Sequence[Entry]) -> bool:
    homes = [one.household for one in members if one.household is not None]
    ids = {one.id for one in members}
    return (
        len(homes) == len(set(homes))
        and all(len(ids.intersection(group)) <= 1 for group in pool.apart)
        and all(len(ids.intersection(group)) in {0, len(group)} for group in pool.together)
    )


def meets(members: Sequence[Mapping[str, str]], quotas: Quotas) -> bool:
    """Return whether people with these features meet the quotas."""
    return all(
        quota.minimum <= sum(quota.counts(features) for features in members) <= quota.maximum
        for quota in quotas
    )


def leximin_chances(
    panels: Sequence[tuple[int, ...]], people: int, history: Sequence[float] | None = None
) -> npt.NDArray[np.float64]:
    """Return the chance of each person under the leximin lottery over these panels.

    Level by level: raise the smallest open chance as far as possible; then fix every open person whom no
    lottery with these chances can lift above the level, tested one by one.

    Parameters
    ----------
    panels
        At least one panel, positions in the pool.
    people
        Number of people in the pool.
    history
        Of each person, what is added to the chance before the smallest is looked for; None for nothing.
    """
    contains = np.array([[person in panel for panel in panels] for person in range(people)], dtype=float)
    before = np.zeros(people) if history is None else np.array(history, dtype=float)
    fixed: dict[int, float] = {}
    while len(fixed) < people:
        open_people = [person for person in range(people) if person not in fixed]
        level = _highest_minimum(contains, fixed, open_people, before)
        floor = fixed | dict.fromkeys(open_people, level)
        stuck = [
            person for person in open_people if _highest(contains, floor, person, before) < level + _EQUAL
        ]
        fixed |= dict.fromkeys(stuck, level)
    return np.array([fixed[person] - before[person] for person in range(people)])


def _highest_minimum(
    contains: npt.NDArray[np.float64],
    fixed: Mapping[int, float],
    open_people: Sequence[int],
    before: npt.NDArray[np.float64],
) -> float:
    """Maximise z where each open person has z or more, and each fixed one no less than before."""
    people, panels = contains.shape
    is_open = np.array([float(person in open_people) for person in range(people)])
    floor = np.array([fixed.get(person, 0.0) for person in range(people)])
    return -_minimise(
        np.append(np.zeros(panels), -1.0),
        np.column_stack([-contains, is_open]),
        before - floor + _slack(floor),
    )


def _highest(
    contains: npt.NDArray[np.float64],
    floor: Mapping[int, float],
    person: int,
    before: npt.NDArray[np.float64],
) -> float:
    """Maximise what one person has where nobody falls below the floor."""
    people = len(contains)
    bounds = np.array([floor[other] - before[other] for other in range(people)])
    return float(before[person]) - _minimise(
        np.append(-contains[person], 0.0),
        np.column_stack([-contains, np.zeros(people)]),
        -bounds + _slack(bounds),
    )


def _slack(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Leave room for the rounding of the levels before, so that the next programme stays feasible."""
    return np.full(len(values), _EQUAL / 100)


def _minimise(
    costs: npt.NDArray[np.float64], matrix: npt.NDArray[np.float64], upper: npt.NDArray[np.float64]
) -> float:
    total = np.append(np.ones(len(costs) - 1), 0.0)[None, :]
    found = scipy.optimize.linprog(
        costs, A_ub=matrix, b_ub=upper, A_eq=total, b_eq=[1.0], bounds=(0, None), method="highs"
    )
    if found.status != 0:
        raise ArithmeticError(found.message)
    return float(found.fun)


def smallest_largest_chance(panels: Sequence[tuple[int, ...]], people: int, floor: float) -> float | None:
    """Return how small the largest chance can be if everybody in some panel has at least the floor.

    None if no lottery over these panels gives everybody the floor.
    """
    contains = np.array([[person in panel for panel in panels] for person in range(people)], dtype=float)
    contains = contains[contains.any(axis=1)]
    costs = np.append(np.zeros(len(panels)), 1.0)
    zeros, ones = np.zeros(len(contains)), np.ones(len(contains))
    matrix = np.vstack([np.column_stack([contains, -ones]), np.column_stack([-contains, zeros])])
    found = scipy.optimize.linprog(
        costs,
        A_ub=matrix,
        b_ub=np.concatenate([zeros, -floor * ones]),
        A_eq=np.append(np.ones(len(panels)), 0.0)[None, :],
        b_eq=[1.0],
        bounds=(0, None),
        method="highs",
    )
    return float(found.fun) if found.status == 0 else None


def goldilocks_value(panels: Sequence[tuple[int, ...]], people: int, gamma: float) -> float:
    """Return the smallest value of the Goldilocks objective, by golden section over the smallest chance."""
    drawn = len({person for panel in panels for person in panel})
    mean = len(panels[0]) / drawn

    def value(floor: float) -> float:
        largest = smallest_largest_chance(panels, people, floor)
        return np.inf if largest is None else largest / mean + gamma * mean / floor

    share = (np.sqrt(5) - 1) / 2
    low, high = 1e-6, mean
    left, right = high - share * (high - low), low + share * (high - low)
    at_left, at_right = value(left), value(right)
    for _ in range(45):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - share * (high - low)
            at_left = value(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + share * (high - low)
            at_right = value(right)
    return min(value(low), at_left, at_right, value(high))
