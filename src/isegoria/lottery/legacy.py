"""The classic greedy draw of the stratification software in use since 2015, for comparison. No guarantee.

Seat after seat: of all values the most urgent one is taken, with the largest

    (minimum - members so far) / people left with this value;

then one of the people left with this value is drawn, each equally likely. Nobody is left of a value that has reached
its maximum, nor of the household of a member. Of values as urgent one is drawn, and the sampling goes by an order
without names (`isegoria.lottery.unnamed`): what a value is called, or where it stands in a file, favours nobody. Where a
minimum can no longer be met the attempt is thrown away and a new one begins. Nobody computes the chances of this
procedure: they are estimated by repeating it.

Source: the description in Flanigan, Gölz, Gupta, Hennig, Procaccia, Nature 596 (2021), supplementary information 10.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy  # its parts are loaded where they are first used: at a start they cost a second

from isegoria.errors import BadInput, Infeasible
from isegoria.lottery.feasibility import require_panels
from isegoria.lottery.model import Composition, Lottery
from isegoria.lottery.problem import Counts, Problem, problem_of
from isegoria.lottery.unnamed import unnamed
from isegoria.pool import Pool, Quotas
from isegoria.seeding import generator, seed_from_text

LEGACY = "legacy"
SAMPLES = 1_000
MOST_SAMPLES = 100_000
ATTEMPTS = 200
"""Attempts per panel on average, after which the procedure counts as stuck."""
CONFIDENCE = 0.99


@dataclass(frozen=True, slots=True)
class Estimated:
    """A lottery of sampled panels, and between what its chances lie.

    Attributes
    ----------
    lottery
        Each sampled panel is a ticket; without certificate.
    low, high
        Shape (types,): the procedure's chance of each person lies between them with 99 per cent confidence
        (Clopper, Pearson), type by type.
    failed
        Attempts thrown away.
    """

    lottery: Lottery
    low: tuple[float, ...]
    high: tuple[float, ...]
    failed: int


def legacy(
    pool: Pool,
    quotas: Quotas,
    size: int,
    *,
    samples: int = SAMPLES,
    seed: str = LEGACY,
    cancelled: Callable[[], bool] = lambda: False,
) -> Estimated:
    """Return the lottery of so many panels drawn by the classic greedy procedure.

    Parameters
    ----------
    pool, quotas, size
        As for `solve`.
    samples
        1 to 100,000 panels.
    seed
        A text that fixes them.

    Raises
    ------
    BadInput
        As `solve`; `samples_out_of_range`, `seed_empty`.
    Infeasible
        As `solve`; `legacy_stuck`, if panels exist but the procedure hardly ever finds one.

    Notes
    -----
    Guarantee: every panel meets the quotas; equal persons have equal chances; reproduced from the seed,
    whatever people, features and values are called. Not guaranteed: any fairness. Some people may have next to no
    chance where others rules would give them a good one.
    """
    if not 1 <= samples <= MOST_SAMPLES:
        raise BadInput("samples_out_of_range", samples=samples, most=MOST_SAMPLES)
    pool.check(quotas)
    quotas.check(size, len(pool))
    if pool.together:
        raise BadInput("objective_links", objective=LEGACY, links="people who are drawn together")
    problem = problem_of(pool, quotas, size)
    require_panels(problem, quotas)
    nameless, order = unnamed(problem, quotas)
    walk = _Procedure(nameless, generator(seed_from_text(seed), LEGACY))
    found: Counter[tuple[int, ...]] = Counter()
    failed = 0
    while found.total() < samples and not cancelled():
        panel = walk.attempt()
        if panel is None:
            failed += 1
            if failed > ATTEMPTS * (found.total() + 1):
                raise Infeasible("legacy_stuck", attempts=failed, found=found.total())
            continue
        found[tuple(panel[np.argsort(order)].tolist())] += 1
    compositions = tuple(Composition(counts, found[counts]) for counts in sorted(found, reverse=True))
    lottery = Lottery(problem.types, compositions, size, quotas, LEGACY, None, problem.households)
    hits = np.array([float(chance) for chance in lottery.type_chances()]) * samples
    level = (1 - CONFIDENCE) / 2
    low = np.where(hits > 0, scipy.stats.beta.ppf(level, hits, samples - hits + 1), 0.0)
    high = np.where(hits < samples, scipy.stats.beta.ppf(1 - level, hits + 1, samples - hits), 1.0)
    return Estimated(lottery, tuple(map(float, low)), tuple(map(float, high)), failed)


class _Procedure:
    """One attempt after another, over types: who is drawn within a type does not matter for the rest."""

    def __init__(self, problem: Problem, random: np.random.Generator) -> None:
        self._problem, self._random = problem, random
        quotas = slice(1, problem.first_limit)
        self._rows: npt.NDArray[np.int64] = problem.matrix[quotas].toarray().astype(np.int64)
        self._lower, self._upper = problem.lower[quotas], problem.upper[quotas]
        self._types = [np.flatnonzero(row) for row in self._rows]
        self._of_type = [np.flatnonzero(column) for column in self._rows.T]
        self._people = problem.counts.astype(np.int64)
        # who leaves with one person of a type: the person, or everybody of the household
        self._leaving: dict[int, dict[int, int]] = {}
        for home in problem.households:
            everybody = {t: int(problem.counts[t]) // len(home.households) for t in home.types}
            for t in home.types:
                self._leaving.setdefault(t, {}).update(everybody)

    def attempt(self) -> Counts | None:
        """Return a panel, or None if this attempt ended where a minimum can no longer be met."""
        left = self._people.copy()
        around = self._rows @ left
        chosen = np.zeros(len(left), dtype=np.int64)
        have = np.zeros(len(self._rows), dtype=np.int64)
        for closed in np.flatnonzero(self._upper == 0):
            self._close(int(closed), left, around)
        for _ in range(self._problem.size):
            if np.any(around < self._lower - have):
                return None
            urgency = np.where(around > 0, (self._lower - have) / np.maximum(around, 1), -np.inf)
            if urgency.max(initial=-np.inf) == -np.inf:
                return None
            most = np.flatnonzero(urgency == urgency.max())
            row = int(most[0] if len(most) == 1 else self._random.choice(most))
            types = self._types[row]
            ends = np.cumsum(left[types])
            t = int(types[np.searchsorted(ends, self._random.integers(ends[-1]), side="right")])
            chosen[t] += 1
            for other, people in self._leaving.get(t, {t: 1}).items():
                gone = min(people, int(left[other]))  # nobody is left of a type that is closed
                left[other] -= gone
                around[self._of_type[other]] -= gone
            for full in self._of_type[t].tolist():
                have[full] += 1
                if have[full] == self._upper[full]:
                    self._close(full, left, around)
        return chosen if np.all(have >= self._lower) else None

    def _close(self, row: int, left: Counts, around: Counts) -> None:
        """Nobody with this value is drawn any more."""
        types = self._types[row]
        around -= self._rows[:, types] @ left[types]
        left[types] = 0
