"""How a lottery of the peer differs from ours: level by level for leximin, one number for maximin and Nash.

Nothing is averaged away and nothing is a matter of taste: ours is a list of panels in whole numbers that everybody can
add up, and its certificate bounds every lottery, so also the peer's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from isegoria.lottery import Lottery
from isegoria.proof.certificate import verify_certificate

SAME = 1e-6
"""Two chances closer than this are the same."""
LEVEL = 1e-8
"""Our own chances closer than this are one level."""


def compared(rule: str, lottery: Lottery, other: Mapping[str, float]) -> dict[str, Any]:
    """Return what differs; `other` holds the peer's chance of everybody."""
    mine = {one: float(chance) for one, chance in lottery.chances().items()}
    apart = max(
        max(other[one] for one in kind.ids) - min(other[one] for one in kind.ids) for kind in lottery.types
    )
    found: dict[str, Any] = {
        "smallest": (min(mine.values()), min(other.values())),
        "largest_difference": max(abs(mine[one] - other[one]) for one in mine),
        "peer_equals_apart": apart,
    }
    if rule == "nash":
        return found | {"geometric_mean": (geometric_mean(mine), geometric_mean(other))}
    return found | by_level(lottery, mine, other) if rule == "leximin" else found


def geometric_mean(chances: Mapping[str, float]) -> float:
    """Return the geometric mean of the chances of all who have one."""
    drawn = [chance for chance in chances.values() if chance > 0]
    return math.exp(math.fsum(map(math.log, drawn)) / len(drawn))


def by_level(lottery: Lottery, mine: Mapping[str, float], other: Mapping[str, float]) -> dict[str, Any]:
    """Return how the peer does at each of our levels.

    At each level those are compared who are not held at an earlier one: the smallest of their chances in ours, which is
    the level, and in the peer's. The first level where they are not the same decides, if ours is larger; `peer_gap` is
    how far below the bounds of our certificate the peer's lottery stays, found in fractions.
    """
    people = sorted(mine, key=mine.__getitem__)
    starts = [0] + [i for i in range(1, len(people)) if mine[people[i]] - mine[people[i - 1]] > LEVEL]
    pairs = [(mine[people[start]], min(other[one] for one in people[start:])) for start in starts]
    first = next((number for number, (a, b) in enumerate(pairs) if abs(a - b) > SAME), None)
    worst = max(range(len(pairs)), key=lambda number: pairs[number][0] - pairs[number][1])
    return {
        "levels": len(pairs),
        "first_level_not_the_same": None if first is None else first + 1,
        "there": None if first is None else pairs[first],
        "worst_level": worst + 1,
        "at_worst": pairs[worst],
        "fairer_in_fractions": fairer(lottery, other),
        "peer_gap": peer_gap(lottery, other),
    }


def fairer(lottery: Lottery, other: Mapping[str, float]) -> bool:
    """Return whether ours comes before the peer's for leximin, in fractions and without any tolerance.

    Each panel of ours is checked against the quotas, so that this alone proves that the peer's is not leximin.
    """
    lottery.check(lottery.tickets)
    return sorted(lottery.chances().values()) > sorted(Fraction(chance) for chance in other.values())


def peer_gap(lottery: Lottery, other: Mapping[str, float]) -> float:
    """Return the largest gap that our certificate leaves to the peer's chances, as means of equal persons."""
    if lottery.certificate is None:
        raise ValueError("there is no certificate")
    means = [sum(Fraction(other[one]) for one in kind.ids) / kind.count for kind in lottery.types]
    found = verify_certificate(
        lottery.types, lottery.quotas, lottery.size, means, lottery.certificate, lottery.limits
    )
    return float(found.gap)
