"""The fairest lottery that the quotas allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

import isegoria
from isegoria.errors import BadInput, IsegoriaError
from isegoria.lottery import goldilocks
from isegoria.lottery.certify import (
    certificate,
    goldilocks_certificate,
    level_of_relaxation,
    nash_certificate,
    never_part,
)
from isegoria.lottery.cumulative import (
    cumulative_levels,
    cumulative_parts,
    earlier_chances,
    expected_now,
)
from isegoria.lottery.decompose import Mixture, decompose
from isegoria.lottery.diversimax import DIVERSIMAX, diversimax
from isegoria.lottery.exact import leximin_over_panels
from isegoria.lottery.feasibility import require_panels
from isegoria.lottery.forced import never_drawn
from isegoria.lottery.legacy import LEGACY, legacy
from isegoria.lottery.model import Composition, Lottery
from isegoria.lottery.nash import covering, nash_over_panels, nash_over_relaxation, without
from isegoria.lottery.problem import Counts, Problem, problem_of
from isegoria.lottery.relaxation import Level, expected_numbers, leximin_levels
from isegoria.lottery.tickets import tickets_of
from isegoria.pool import Pool, Quotas
from isegoria.proof.certificate import CUMULATIVE, GOLDILOCKS, LEXIMIN, MAXIMIN, NASH

OBJECTIVES = (LEXIMIN, MAXIMIN, NASH, GOLDILOCKS, CUMULATIVE, LEGACY, DIVERSIMAX)
"""The last two are for comparison and come without a certificate: they promise nothing about chances."""
COMPUTING = ("highspy", "numpy", "scipy")
Progress = Callable[[str, float], None]
LARGEST_GAMMA = 10**6
Proof = Callable[[Sequence[Fraction]], Mapping[str, Any]]


class Cancelled(IsegoriaError):
    """The caller asked to stop."""


def solve(
    pool: Pool,
    quotas: Quotas,
    size: int,
    objective: str = "leximin",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    *,
    gamma: Fraction = Fraction(1),
) -> Lottery:
    """Return the fairest lottery over all panels that meet the quotas, with the proof that it is.

    Parameters
    ----------
    pool
        The people; of people with the same household at most one is drawn.
    quotas
        On the features of the people.
    size
        Number of members, 1 or more.
    objective
        `leximin` raises the smallest chance as far as possible, then the next smallest, and so on;
        `maximin` asks for the first of these steps only, and the leximin lottery is given as the best of
        its many answers; `nash` maximises the product of the chances of all people who can be drawn;
        `cumulative` is leximin of this chance and those of earlier draws together (`with_earlier`);
        `goldilocks` weighs the smallest chance against the largest (`isegoria.lottery.goldilocks`). For
        comparison, without any promise: `legacy` (`isegoria.lottery.legacy`) and `diversimax`.
    progress
        Called with the name of a phase (`levels`, `panels`, `exact`, `tickets`) and the share of it that
        is done, 0 to 1, never falling within a phase. What it raises stops the work and reaches the caller.
    cancelled
        Asked now and then; the work stops where it answers True.
    gamma
        Of `goldilocks`, above 0: how much the smallest chance counts against the largest.

    Raises
    ------
    BadInput
        If pool, quotas and size do not go together (`Pool.check`, `Quotas.check`), or
        `objective_unknown`, `gamma_out_of_range`.
    Infeasible
        `quotas_conflict`, naming a smallest set of quotas that conflict and what to relax.
    Cancelled
        `cancelled`, if the caller asked for it.

    Notes
    -----
    Guarantee: every composition meets the quotas; people with the same features (and in like households) have the same chance;
    the chances are leximin up to the gaps that `Lottery.verify` proves, about 1e-11. The same pool gives
    the same lottery, whatever the order of rows. Not guaranteed: that another version of the solver finds
    the same compositions, which is why a lottery is published before its seed exists.

    References
    ----------
    Flanigan, Gölz, Gupta, Hennig, Procaccia: Fair algorithms for selecting citizens' assemblies. Nature 596
    (2021), for leximin over panels. Why it is reached over types: `isegoria.lottery.relaxation`, `decompose` and
    `exact`; how it is proved: `isegoria.proof.certificate`.

    Examples
    --------
    >>> from isegoria.testing import NAMED
    >>> named = NAMED[0]
    >>> lottery = solve(named.pool, named.quotas, named.size)
    >>> [str(chance) for chance in lottery.type_chances()], lottery.verify().gap
    (['1/3', '1'], Fraction(0, 1))
    """
    if objective not in OBJECTIVES:
        raise BadInput("objective_unknown", objective=objective, choices=", ".join(OBJECTIVES))
    if not 0 < gamma <= LARGEST_GAMMA:
        raise BadInput("gamma_out_of_range", gamma=str(gamma), most=LARGEST_GAMMA)
    told = _Told(progress, cancelled)
    return replace(_solved(pool, quotas, size, objective, gamma, told), versions=versions())


def versions() -> dict[str, str]:
    """Return the versions of everything that computes a lottery, by name."""
    return {"isegoria": isegoria.__version__} | {name: version(name) for name in COMPUTING}


def _solved(pool: Pool, quotas: Quotas, size: int, objective: str, gamma: Fraction, told: _Told) -> Lottery:
    if objective == LEGACY:
        return legacy(pool, quotas, size, cancelled=told.stop_if_cancelled).lottery
    if objective == DIVERSIMAX:
        return diversimax(pool, quotas, size)
    pool.check(quotas)
    quotas.check(size, len(pool))
    problem = problem_of(pool, quotas, size)
    require_panels(problem, quotas)
    mixture, proof = _found(problem, told, objective, gamma)
    told.tell("tickets", 0.0)
    lottery = Lottery(
        problem.types,
        _compositions(mixture),
        size,
        quotas,
        objective,
        None,
        problem.households,
        together=problem.together,
    )
    lottery = replace(lottery, certificate=proof(lottery.type_chances()))
    told.tell("tickets", 1.0)
    return lottery


def _found(problem: Problem, told: _Told, objective: str, gamma: Fraction) -> tuple[Mixture, Proof]:
    if objective == NASH:
        return _nash(problem, told)
    if objective == CUMULATIVE:
        return _cumulative(problem, told)
    return (
        _goldilocks(problem, told, gamma) if objective == GOLDILOCKS else _leximin(problem, told, objective)
    )


class _Told:
    """What the caller hears, and whether they still want to."""

    def __init__(self, progress: Progress | None, cancelled: Callable[[], bool] | None) -> None:
        self._progress, self._cancelled = progress, cancelled
        self._reached: dict[str, float] = {}

    def tell(self, phase: str, done: float) -> None:
        if self._progress is not None:
            # A search that begins again is no step back for whoever watches.
            self._reached[phase] = max(done, self._reached.get(phase, 0.0))
            self._progress(phase, self._reached[phase])
        self.stop_if_cancelled()

    def stop_if_cancelled(self) -> bool:
        """Raise if the caller cancelled; False otherwise, so that it serves as a question too."""
        if self._cancelled is not None and self._cancelled():
            raise Cancelled("cancelled")
        return False


def _leximin(problem: Problem, told: _Told, objective: str) -> tuple[Mixture, Proof]:
    """Return leximin as a mixture of panels with its certificate: by the relaxation, else over panels."""
    told.tell("levels", 0.0)
    levels = leximin_levels(problem, told.stop_if_cancelled)
    told.tell("levels", 1.0)
    found = decompose(
        problem,
        expected_numbers(problem, levels),
        lambda done: told.tell("panels", done),
        told.stop_if_cancelled,
    )
    if found.weights is not None:
        return found, lambda _chances: certificate(objective, _parts(problem, levels))
    told.tell("exact", 0.0)
    exact = leximin_over_panels(problem, found.panels, told.stop_if_cancelled)
    told.tell("exact", 1.0)
    return exact.mixture, lambda _chances: certificate(objective, exact.levels)


def _cumulative(problem: Problem, told: _Told) -> tuple[Mixture, Proof]:
    """Return leximin of earlier chances and this one, with its certificate: by the relaxation, else over panels."""
    told.tell("levels", 0.0)
    levels = cumulative_levels(problem, told.stop_if_cancelled)
    told.tell("levels", 1.0)
    found = decompose(
        problem,
        expected_now(problem, levels),
        lambda done: told.tell("panels", done),
        told.stop_if_cancelled,
    )
    if found.weights is not None:
        return found, lambda _chances: certificate(CUMULATIVE, cumulative_parts(problem, levels))
    told.tell("exact", 0.0)
    exact = leximin_over_panels(problem, found.panels, told.stop_if_cancelled, earlier_chances(problem))
    told.tell("exact", 1.0)
    return exact.mixture, lambda _chances: certificate(CUMULATIVE, exact.levels)


def _nash(problem: Problem, told: _Told) -> tuple[Mixture, Proof]:
    """Return Nash as a mixture of panels, with its certificate once the exact chances are known."""
    told.tell("levels", 0.0)
    never = np.zeros(len(problem.types), dtype=bool)
    never[list(never_drawn(problem))] = True
    within = without(problem, never)
    target = nash_over_relaxation(within)
    told.tell("levels", 1.0)
    found = decompose(within, target, lambda done: told.tell("panels", done), told.stop_if_cancelled)
    if found.weights is None:
        told.tell("exact", 0.0)
        panels, never = covering(problem)
        narrow = [panel[~never] for panel in panels]
        found = nash_over_panels(without(problem, never), narrow, told.stop_if_cancelled)
        told.tell("exact", 1.0)
    whole = Mixture(tuple(_spread(panel, never) for panel in found.panels), found.weights)
    nobody = [int(t) for t in np.flatnonzero(never)]
    return whole, lambda chances: nash_certificate(problem, chances, never_part(problem, nobody))


def _goldilocks(problem: Problem, told: _Told, gamma: Fraction) -> tuple[Mixture, Proof]:
    """Return Goldilocks as a mixture of panels, with its certificate: by the relaxation, else over panels."""
    told.tell("levels", 0.0)
    never = np.zeros(len(problem.types), dtype=bool)
    never[list(never_drawn(problem))] = True
    within = without(problem, never)
    best, proof = goldilocks.optimum(within, float(gamma), goldilocks.OverRelaxation(within))
    told.tell("levels", 1.0)
    found = goldilocks.mixture_below(
        within, best.largest, lambda done: told.tell("panels", done), told.stop_if_cancelled
    )
    if found.weights is None:
        told.tell("exact", 0.0)
        panels, never = covering(problem)
        within = without(problem, never)
        master = goldilocks.OverPanels(within, [panel[~never] for panel in panels], told.stop_if_cancelled)
        best, proof = goldilocks.optimum(within, float(gamma), master)
        found = master.leximin_below(best.largest)
        told.tell("exact", 1.0)
    kept, nobody = np.flatnonzero(~never).tolist(), np.flatnonzero(never).tolist()
    whole = Mixture(tuple(_spread(panel, never) for panel in found.panels), found.weights)
    weights = {kept[t]: weight for t, weight in proof.weights.items()}
    return whole, lambda _chances: goldilocks_certificate(
        problem, gamma, weights, proof.rows, proof.best, never_part(problem, nobody)
    )


def _spread(panel: Counts, never: npt.NDArray[np.bool_]) -> Counts:
    """Return a panel over all types, with nobody of those that are never drawn."""
    full = np.zeros(len(never), dtype=np.int64)
    full[~never] = panel
    return full


def _parts(problem: Problem, levels: Sequence[Level]) -> list[dict[str, Any]]:
    earlier: list[int] = []
    parts: list[dict[str, Any]] = []
    for level in levels:
        parts.append(level_of_relaxation(problem, level, earlier))
        earlier += level.types
    return parts


def _compositions(mixture: Mixture) -> tuple[Composition, ...]:
    """Return the panels that own a ticket, in the order of their counts."""
    if mixture.weights is None:
        raise BadInput("search_exhausted", detail="no weights")
    tickets = tickets_of(mixture.weights / mixture.weights.sum())
    found = (
        Composition(tuple(panel.tolist()), own)
        for panel, own in zip(mixture.panels, tickets, strict=True)
        if own
    )
    return tuple(sorted(found, key=lambda one: one.counts, reverse=True))
