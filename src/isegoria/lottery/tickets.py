"""From weights to tickets: whole numbers that anyone can add up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from isegoria.lottery.problem import Vector

TICKETS = 10**12
"""Tickets of a lottery whose weights are no simple fractions: exact in JSON, and a loss of at most 1e-9."""
DENOMINATOR = 50_000
NEAR = 1e-13


def tickets_of(weights: Vector) -> list[int]:
    """Return whole numbers of tickets in the proportion of the weights; some may be 0.

    Simple fractions are found again and kept exactly; everything else is rounded to a total of 10^12 by largest
    remainders, ties in the order given.

    Parameters
    ----------
    weights
        At least 0, with sum 1.
    """
    simple = _simple(weights)
    return (
        simple if simple is not None else largest_remainders([float(weight) for weight in weights], TICKETS)
    )


def _simple(weights: Vector) -> list[int] | None:
    fractions = [Fraction(float(weight)).limit_denominator(DENOMINATOR) for weight in weights]
    if any(abs(float(f) - weight) > NEAR for f, weight in zip(fractions, weights, strict=True)):
        return None
    total = math.lcm(*(fraction.denominator for fraction in fractions))
    if sum(fractions) != 1 or total > TICKETS:
        return None
    return [int(fraction * total) for fraction in fractions]


def largest_remainders(weights: Sequence[float], total: int) -> list[int]:
    """Return whole numbers with the given total, each a weight's share rounded down or up."""
    exact = [Fraction(weight) for weight in weights]
    scale = Fraction(total) / sum(exact)
    down = [math.floor(weight * scale) for weight in exact]
    rest = np.array([float(weight * scale - whole) for weight, whole in zip(exact, down, strict=True)])
    for index in np.argsort(-rest, kind="stable")[: total - sum(down)]:
        down[int(index)] += 1
    return down
