"""Measures of a deliberation, each with its source: speaking time, representativeness, change of opinion."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import scipy  # its parts are loaded where they are first used: at a start they cost a second

from isegoria.errors import BadInput

_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Change:
    """How opinions changed: mean of after less before, its interval, and the mean size of changes."""

    net: float
    low: float
    high: float
    gross: float


def gini(amounts: Sequence[float]) -> float:
    """Return how unequally amounts such as speaking seconds are spread: 0 equally, near 1 all to one.

    `G = 2 Σ i x_(i) / (n Σ x) - (n + 1) / n` with the amounts in rising order.

    Raises
    ------
    BadInput
        `measure_input_wrong`, without amounts, with a negative one, or if all are 0.

    Examples
    --------
    >>> gini([1, 1, 1, 1]), gini([0, 0, 0, 4])
    (0.0, 0.75)
    """
    if not amounts or min(amounts) < 0 or sum(amounts) == 0:
        raise BadInput("measure_input_wrong")
    weighted = sum(place * amount for place, amount in enumerate(sorted(amounts), 1))
    return 2 * weighted / (len(amounts) * sum(amounts)) - (len(amounts) + 1) / len(amounts)


def share_gaps(panel: Mapping[str, int], population: Mapping[str, float]) -> dict[str, float]:
    """Return for each value its share of the panel less its share of the population, in [-1, 1].

    Half the sum of their sizes is the share of seats that would have to change hands (dissimilarity).

    Parameters
    ----------
    panel
        Value to members, or to speaking seconds by group.
    population
        Value to share, adding up to 1.

    Raises
    ------
    BadInput
        `measure_input_wrong`, if the panel is empty, has a value that the population lacks, or shares do not add up.
    """
    total = sum(panel.values())
    if total <= 0 or not set(panel) <= set(population) or abs(sum(population.values()) - 1) > 1e-6:  # noqa: PLR2004
        raise BadInput("measure_input_wrong")
    return {value: panel.get(value, 0) / total - share for value, share in population.items()}


def opinion_change(before: Sequence[float], after: Sequence[float]) -> Change:
    """Return the change of the same persons' opinions with its 95 % interval (paired, Student's t).

    Parameters
    ----------
    before, after
        Answers of the same persons in the same order, 2 or more.

    Raises
    ------
    BadInput
        `measure_input_wrong`, if they are not equally many, or fewer than two.

    Notes
    -----
    The interval treats the persons as a sample and their changes as roughly normal; it says nothing about the
    cause of a change, for which those not drawn would have to be asked as well.
    """
    if len(before) != len(after) or len(before) < _FEWEST:
        raise BadInput("measure_input_wrong")
    changes = [late - early for early, late in zip(before, after, strict=True)]
    mean = sum(changes) / len(changes)
    spread = math.sqrt(sum((change - mean) ** 2 for change in changes) / (len(changes) - 1))
    half = float(scipy.stats.t.ppf(0.975, len(changes) - 1)) * spread / math.sqrt(len(changes))
    return Change(mean, mean - half, mean + half, sum(map(abs, changes)) / len(changes))
