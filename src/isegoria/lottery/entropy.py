"""The most random lottery: of all lotteries with the same chances, the one that is hardest to foresee.

Let D be a lottery over panels P of persons. Among all D in which person i has the chance π_i, the entropy
-Σ D(P) log D(P) is largest for D(P) ∝ exp(Σ_{i in P} θ_i) (Azevedo, Gölz 2026). Equal persons have equal θ, so that a
panel's weight depends on its composition x alone, and a composition stands for as many panels as people of each type
can be chosen: Π_t C(n_t, x_t); in a class of H households whose members are alike the choice is among the households
still free.

**Exactly, where they can be counted.** The types are gone through one after another; all that matters of the past is
the sums of the rows that are not yet complete (a *state*). The states form a graph whose paths are the compositions.
One pass through it counts all panels; a pass forward and a pass back give every chance under any θ, and so the exact
gradient of the dual, `log Z(θ) - Σ_t θ_t n_t π_t`. At most `LARGEST_GRAPH` states and steps between them are kept;
beyond, `GraphTooLarge` is raised.

**As a lottery that can be published.** Compositions are drawn from the exact distribution, or by search where the graph
is too large; together with those of the lottery itself they get the weights of the largest entropy that keep every
chance: λ_j ∝ m_j exp(θ · x^(j)), m_j the number of panels of composition j, found by Newton's method on the dual.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy  # its parts are loaded where they are first used: at a start they cost a second

from isegoria.errors import BadInput
from isegoria.lottery.explain import problem_of_lottery
from isegoria.lottery.feasibility import require_panels
from isegoria.lottery.model import Composition, Lottery
from isegoria.lottery.panel_graph import LARGEST_GRAPH, GraphTooLarge, PanelGraph, log_panels
from isegoria.lottery.problem import Problem, Vector, problem_of
from isegoria.lottery.tickets import tickets_of
from isegoria.lottery.wandering import wandered
from isegoria.pool import Pool, Quotas
from isegoria.seeding import generator, seed_from_text

STEEPEST = 40.0
"""The largest |θ|: a chance on the edge of what panels can do would ask for an infinite one."""
NEAR = 1e-7
"""How near the fitted chances come to the wanted ones (largest difference in seats per type)."""
NEWTON = 200
EXACT = 1e-11
"""Weights that miss every wanted number by less than this keep the chances: the rest is rounding."""
COMPOSITIONS = 1_000
PER_TYPE = 5
Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spread:
    """A lottery with the same chances and larger entropy.

    Attributes
    ----------
    lottery
        Its compositions own tickets in the proportion of the weights.
    bits_before, bits
        Entropy of the panel drawn, in bits, before and after.
    most_bits
        Entropy of the most random lottery over all panels with these chances, up to `NEAR` in every chance; None where
        the graph is too large to know.
    """

    lottery: Lottery
    bits_before: float
    bits: float
    most_bits: float | None


def count_panels(pool: Pool, quotas: Quotas, size: int) -> int:
    """Return how many different panels of persons meet the quotas, exactly.

    Raises
    ------
    BadInput, Infeasible
        As `solve`.
    GraphTooLarge
        `graph_too_large`, for pools with too many combinations.

    Examples
    --------
    >>> from isegoria.testing import NAMED
    >>> named = NAMED[0]
    >>> count_panels(named.pool, named.quotas, named.size)  # two of six women, both men
    15
    """
    return PanelGraph(_checked(pool, quotas, size)).panels()


def uniform_chances(pool: Pool, quotas: Quotas, size: int) -> dict[str, Fraction]:
    """Return the exact chance of everybody if every panel is equally likely: the most random lottery of all.

    It promises no fairness: people who fit into few panels are drawn seldom.

    Raises
    ------
    BadInput, Infeasible, GraphTooLarge
        As `count_panels`.

    References
    ----------
    Azevedo, Gölz: Maximally random sortition. arXiv 2604.02712 (2026).
    """
    problem = _checked(pool, quotas, size)
    found = {
        identifier: chance
        for one, chance in zip(problem.types, PanelGraph(problem).uniform_chances(), strict=True)
        for identifier in one.ids
    }
    return dict(sorted(found.items()))


def most_random(
    lottery: Lottery,
    *,
    compositions: int | None = None,
    seed: str = "spread",
    limit: int = LARGEST_GRAPH,
    cancelled: Callable[[], bool] = lambda: False,
) -> Spread:
    """Return a lottery with the same chances whose panels are as hard to foresee as so many compositions allow.

    Parameters
    ----------
    lottery
        Its chances are kept.
    compositions
        How many to draw beside those of the lottery; None for 1,000, or five per type where that is more.
    seed
        A text that fixes the compositions that are drawn.
    limit
        The most states and steps of the graph; 0 goes without.

    Raises
    ------
    BadInput
        `compositions_out_of_range`, `seed_empty`.

    Notes
    -----
    Guarantee: everybody keeps her chance, up to the rounding to 10^12 tickets; the certificate still proves the lottery
    (`Lottery.verify`). The weights are the most random ones over the compositions drawn. Not guaranteed: that these
    compositions are the best choice; `most_bits` says what all panels together could give.

    References
    ----------
    Azevedo, Gölz: Maximally random sortition. arXiv 2604.02712 (2026).
    """
    count = max(COMPOSITIONS, PER_TYPE * len(lottery.types)) if compositions is None else compositions
    if not 0 <= count <= 100 * COMPOSITIONS:
        raise BadInput("compositions_out_of_range", compositions=count, most=100 * COMPOSITIONS)
    random = generator(seed_from_text(seed), "most-random")
    problem = problem_of_lottery(lottery)
    target = np.array(
        [float(c) * one.count for c, one in zip(lottery.type_chances(), lottery.types, strict=True)]
    )
    own = np.array([one.counts for one in lottery.compositions])
    start = np.array([one.tickets / lottery.tickets for one in lottery.compositions])
    narrow, low, high = _face(problem, own)
    most: float | None = None
    try:
        graph = PanelGraph(narrow, low, high, limit=limit)
        theta = _fitted(graph, target)
        total, expected = graph.tilted(theta)
        most = float(total - theta @ expected) / math.log(2)
        drawn = graph.sample(theta, count, random)
    except GraphTooLarge:
        drawn = wandered(narrow, (low, high), own, start, target, count, random, cancelled)
    panels = np.unique(np.vstack([own, drawn]), axis=0)
    ways = np.array([log_panels(problem, panel) for panel in panels])
    weights = _heaviest(panels, ways, target, own, start)
    shares = tickets_of(weights)
    found = tuple(
        Composition(tuple(panel.tolist()), tickets)
        for panel, tickets in zip(panels, shares, strict=True)
        if tickets
    )
    spread = replace(lottery, compositions=tuple(sorted(found, key=lambda one: one.counts, reverse=True)))
    return Spread(spread, entropy_bits(lottery), entropy_bits(spread), most)


def entropy_bits(lottery: Lottery) -> float:
    """Return the entropy of the panel of persons that a lottery draws, in bits."""
    problem = problem_of_lottery(lottery)
    total = 0.0
    for one in lottery.compositions:
        share = one.tickets / lottery.tickets
        total += share * (log_panels(problem, np.array(one.counts)) - math.log(share))
    return total / math.log(2)


def _checked(pool: Pool, quotas: Quotas, size: int) -> Problem:
    pool.check(quotas)
    quotas.check(size, len(pool))
    problem = problem_of(pool, quotas, size)
    require_panels(problem, quotas)
    return problem


def _face(problem: Problem, own: Index) -> tuple[Problem, Vector, Vector]:
    """Return the problem where what all compositions of a lottery share is fixed: full rows, none or all of a type."""
    sums = own @ problem.matrix.T.toarray()
    lower = np.where(np.all(sums == problem.upper, axis=0), problem.upper, problem.lower)
    upper = np.where(np.all(sums == problem.lower, axis=0), problem.lower, problem.upper)
    low = np.where(np.all(own == problem.counts, axis=0), problem.counts, 0.0)
    high = np.where(np.all(own == 0, axis=0), 0.0, problem.counts)
    return replace(problem, lower=lower, upper=upper), low, high


def _fitted(graph: PanelGraph, target: Vector) -> Floats:
    """Return θ whose chances are the wanted ones: the minimum of the dual, with its exact gradient."""

    def dual(theta: Floats) -> tuple[float, Floats]:
        total, expected = graph.tilted(theta)
        return total - float(theta @ target), expected - target

    found = scipy.optimize.minimize(
        dual,
        np.zeros(len(target)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-STEEPEST, STEEPEST)] * len(target),
        options={"maxiter": 2_000, "maxfun": 4_000, "gtol": NEAR, "ftol": 1e-15, "maxcor": 30},
    )
    return np.asarray(found.x, dtype=np.float64)


def _heaviest(panels: Index, ways: Floats, target: Vector, own: Index, start: Floats) -> Floats:
    """Return the weights of the largest entropy whose mean is the target.

    Newton's method on the dual; where the target lies on the edge of the panels, its prices have no end, and what is
    missing is taken from a mixture with the lottery's own weights, which have the mean.
    """
    matrix = panels.T.astype(float)
    theta = np.zeros(len(target))
    weights: Any = _shares(ways)
    for _ in range(NEWTON):
        miss = matrix @ weights - target
        if np.abs(miss).max() < EXACT:
            break
        centred = matrix - (matrix @ weights)[:, None]
        curve = (centred * weights) @ centred.T
        curve[np.diag_indices_from(curve)] += 1e-14 * max(float(np.trace(curve)), 1e-6)
        step = -np.linalg.lstsq(curve, miss, rcond=1e-15)[0]
        theta, weights = _along(matrix, ways, target, theta, step)
    return _mended(matrix, weights, target, panels, own, start)


def _along(
    matrix: Floats, ways: Floats, target: Vector, theta: Floats, step: Floats
) -> tuple[Floats, Floats]:
    """Return the first of shorter and shorter steps that lowers the dual."""

    def dual(at: Floats) -> float:
        powers = ways + at @ matrix
        top = float(powers.max())
        return top + math.log(float(np.exp(powers - top).sum())) - float(at @ target)

    now, length = dual(theta), 1.0
    while dual(theta + length * step) > now + 1e-13 * abs(now) and length > 1e-10:  # noqa: PLR2004  # a tiny step
        length /= 2
    theta = theta + length * step
    return theta, _shares(ways + theta @ matrix)


def _shares(powers: Floats) -> Floats:
    weights = np.exp(powers - powers.max())
    return np.asarray(weights / weights.sum())


def _mended(
    matrix: Floats, weights: Floats, target: Vector, panels: Index, own: Index, start: Floats
) -> Floats:
    """Return weights with exactly the wanted mean: corrected a little, mixed with the lottery's own if need be."""
    index = {panel.tobytes(): j for j, panel in enumerate(panels)}
    base = np.zeros(len(panels))
    for panel, share in zip(own, start, strict=True):
        base[index[panel.tobytes()]] += share
    rows = np.vstack([matrix, np.ones(len(weights))])
    wanted = np.append(target, 1.0)
    for share in (0.0, 1e-6, 1e-4, 1e-2, 0.1, 0.5):
        mixed = (1 - share) * weights + share * base
        for _ in range(3):
            rest = wanted - rows @ mixed
            gram = (rows * mixed) @ rows.T
            mixed = mixed + mixed * (rows.T @ np.linalg.lstsq(gram, rest, rcond=1e-13)[0])
        if mixed.min() >= 0 and np.abs(rows @ mixed - wanted).max() < EXACT:
            return np.asarray(mixed / mixed.sum())
    return base
