"""Equal chances over several draws: leximin of what people had before and what they get now.

With H_t the sum of the chances that a person of type t had in earlier draws and π_t the chance in this one, the lottery
is leximin in H_t + π_t: whoever had the least so far is lifted first. Not luck is evened out but chances: whether somebody
was drawn does not count, only how likely it was. People with the same features and the same H are a type.

Over the relaxation, level by level, with p_t = π_t and z_t the level of those fixed before:

    maximise z   subject to   lower ≤ Σ_t A_rt n_t p_t ≤ upper,   p_t + H_t ≥ z (open) or z_t (fixed),   0 ≤ p ≤ 1.

A type whose last row has a price is fixed at z. The certificate is that of leximin with H added on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import sparse

from isegoria.errors import BadInput
from isegoria.lottery.certify import (
    in_whole_numbers,
    multipliers,
    pairs,
    pressed_by_type,
    published,
)
from isegoria.lottery.problem import Problem, Vector
from isegoria.lottery.relaxation import PRICED, Level
from isegoria.pool import Pool
from isegoria.proof.certificate import EARLIER, earlier_chance
from isegoria.solvers import LinearProgramme
from isegoria.tolerances import CHANCE


def with_earlier(pool: Pool, earlier: Mapping[str, Fraction]) -> Pool:
    """Return the pool in which everybody has the sum of their earlier chances as the feature `earlier chance`.

    Parameters
    ----------
    earlier
        By id, 0 or more; people who are not named had none. Ids that are not in the pool do not matter.

    Raises
    ------
    BadInput
        `earlier_negative`.

    Examples
    --------
    >>> from isegoria.pool import Entry
    >>> [one.features for one in with_earlier(Pool((Entry("a", {}), Entry("b", {}))), {"a": Fraction(1, 4)})]
    [{'earlier chance': '1/4'}, {'earlier chance': '0'}]
    """
    if any(chance < 0 for chance in earlier.values()):
        raise BadInput("earlier_negative")
    entries = tuple(
        replace(one, features={**one.features, EARLIER: str(earlier.get(one.id, Fraction(0)))})
        for one in pool
    )
    return replace(pool, entries=entries)


def earlier_chances(problem: Problem) -> Vector:
    """Return H, shape (types,)."""
    return np.array([float(earlier_chance(one.features)) for one in problem.types])


def cumulative_levels(problem: Problem, cancelled: Callable[[], bool]) -> list[Level]:
    """Return the levels of cumulative leximin over the relaxation; `Level.chance` is H + π.

    The caller has made sure that a panel exists.
    """
    types, rows = len(problem.types), len(problem.rows)
    before = earlier_chances(problem)
    scaled = problem.matrix @ sparse.diags(problem.counts)
    matrix = sparse.bmat([[scaled, None], [sparse.identity(types), -np.ones((types, 1))]], format="csc")
    programme = LinearProgramme(
        np.append(np.zeros(types), 1.0),
        np.zeros(types + 1),
        np.append(np.ones(types), before.max() + 2.0),  # out of reach, so that only people hold z down
        matrix,
        np.concatenate([problem.lower, -before]),
        np.concatenate([problem.upper, np.full(types, np.inf)]),
    )
    levels: list[Level] = []
    is_open = np.ones(types, dtype=bool)
    while is_open.any() and not cancelled():
        found = programme.solve()
        if found is None:
            raise ArithmeticError("the relaxation lost its feasibility")
        priced = is_open & (-found.prices[rows:] > PRICED)
        if not priced.any():
            raise ArithmeticError("nothing holds the level down")
        levels.append(Level(found.value, tuple(np.flatnonzero(priced).tolist()), found.prices[:rows]))
        for t in np.flatnonzero(priced).tolist():
            programme.change_coefficient(rows + t, types, 0.0)
            programme.change_row_bounds(rows + t, found.value - before[t], np.inf)
        is_open &= ~priced
    return levels


def expected_now(problem: Problem, levels: Sequence[Level]) -> Vector:
    """Return how many of each type are expected, so exactly that the rows which are full stay full.

    As `relaxation.expected_numbers`: levels are moved by the solver's rounding, apart from those with somebody who is
    drawn with certainty or not at all.
    """
    before = earlier_chances(problem)
    values = np.array([level.chance for level in levels])
    belongs = np.zeros((len(problem.types), len(levels)))
    for number, level in enumerate(levels):
        belongs[list(level.types), number] = 1.0
    now = belongs @ values - before
    ends = np.round(now)
    at_end = np.abs(now - ends) < CHANCE
    movable = ~(belongs.T @ at_end > 0)
    now = np.where(at_end, ends, now)
    sums = problem.matrix @ (problem.counts * now)
    upper = np.abs(sums - problem.upper) < np.abs(sums - problem.lower)
    bounds = np.where(upper, problem.upper, problem.lower)
    full = np.abs(sums - bounds) < CHANCE * problem.size
    rows = (problem.matrix @ (belongs * problem.counts[:, None]))[full][:, movable]
    moved, *_ = np.linalg.lstsq(rows, (bounds - sums)[full], rcond=1e-9)
    if np.abs(moved).max(initial=0.0) < CHANCE:
        now += belongs[:, movable] @ moved
    return np.asarray(problem.counts * np.clip(now, 0.0, 1.0))


def cumulative_parts(problem: Problem, levels: Sequence[Level]) -> list[dict[str, Any]]:
    """Return the parts of the certificate for levels that the relaxation reaches."""
    earlier: list[int] = []
    parts: list[dict[str, Any]] = []
    for level in levels:
        parts.append(_part(problem, level, earlier))
        earlier += level.types
    return parts


def _part(problem: Problem, level: Level, earlier: Iterable[int]) -> dict[str, Any]:
    whole = in_whole_numbers(level.prices)
    pressed = pressed_by_type(problem, whole)
    # whoever is held by the number of people alone, at a chance of 1, needs no row
    weights = {t: max(1, pressed[t]) for t in level.types}
    return {
        "weights": pairs(weights),
        "earlier": pairs({t: pressed[t] for t in earlier if pressed[t] > 0}),
        "proof": [{"rows": published(problem, multipliers(whole))}],
    }
