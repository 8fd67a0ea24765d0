"""The fairness curve: what a higher smallest chance costs the largest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from isegoria.lottery.feasibility import require_panels
from isegoria.lottery.forced import never_drawn
from isegoria.lottery.goldilocks import Corner, OverPanels, OverRelaxation, corners_of, mixture_below
from isegoria.lottery.nash import covering, without
from isegoria.lottery.problem import Problem, problem_of
from isegoria.pool import Pool, Quotas


def fairness_curve(
    pool: Pool,
    quotas: Quotas,
    size: int,
    progress: Callable[[float], None] = lambda _done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Corner, ...]:
    """Return the corners of the curve of smallest against largest chance, from the flattest lottery to leximin.

    Parameters
    ----------
    pool, quotas, size
        As for `solve`.
    progress
        Called with the share that is done, 0 to 1.
    cancelled
        Asked now and then; where it answers True the corners found so far are given.

    Raises
    ------
    BadInput, Infeasible
        As `solve`.

    Notes
    -----
    Guarantee: on the straight lines between the corners lies, for every smallest chance that a lottery can give to
    all who can be drawn, the least that the largest chance can be. Every corner was reached by a lottery over
    panels, and by duality no lottery lies below the lines, up to 1e-9.

    References
    ----------
    Baharav, Flanigan: Fair, manipulation-robust, and transparent sortition. EC 2024, for the trade.

    Examples
    --------
    >>> from isegoria.testing import NAMED
    >>> named = NAMED[0]
    >>> [(round(c.smallest, 6), round(c.largest, 6)) for c in fairness_curve(named.pool, named.quotas, named.size)]
    [(0.333333, 1.0)]
    """
    pool.check(quotas)
    quotas.check(size, len(pool))
    problem = problem_of(pool, quotas, size)
    require_panels(problem, quotas)
    never = np.zeros(len(problem.types), dtype=bool)
    never[list(never_drawn(problem))] = True
    within = without(problem, never)
    corners = corners_of(OverRelaxation(within), cancelled)
    for number, corner in enumerate(corners):
        found = mixture_below(within, corner.largest, lambda _done: None, cancelled)
        if found.weights is None:
            return tuple(_over_panels(problem, cancelled))
        progress((number + 1) / len(corners))
    return tuple(corners)


def _over_panels(problem: Problem, cancelled: Callable[[], bool]) -> list[Corner]:
    panels, never = covering(problem)
    return corners_of(
        OverPanels(without(problem, never), [panel[~never] for panel in panels], cancelled), cancelled
    )
