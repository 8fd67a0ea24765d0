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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize

from isegoria.errors import BadInput, IsegoriaError
from isegoria.lottery.explain import problem_of_lottery
from isegoria.lottery.feasibility import require_panels
from isegoria.lottery.model import Composition, Lottery
from isegoria.lottery.problem import Counts, Problem, Vector, problem_of
from isegoria.lottery.tickets import tickets_of
from isegoria.pool import Pool, Quotas
from isegoria.seeding import generator, seed_from_text

LARGEST_GRAPH = 2_000_000
"""States and steps of a graph: a few hundred MB and some ten seconds."""
STEEPEST = 40.0
"""The largest |θ|: a chance on the edge of what panels can do would ask for an infinite one."""
NEAR = 1e-7
"""How near the fitted chances come to the wanted ones (largest difference in seats per type)."""
NEWTON = 200
EXACT = 1e-11
"""Weights that miss every wanted number by less than this keep the chances: the rest is rounding."""
COMPOSITIONS = 1_000
PER_TYPE = 5
WANDER = 4
"""Steps per member from a known composition to another, where the graph is too large."""
ALONE = 0.3
"""The share of steps in which one person makes room for another instead of two trading values."""

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Sums = npt.NDArray[np.int16]


class GraphTooLarge(IsegoriaError):
    """There are more states than fit into memory; what needs none of them still works."""


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


@dataclass(frozen=True, slots=True)
class _Step:
    """The steps of one type: from a state before to a state after by drawing `drawn` people of `free`."""

    before: Index
    after: Index
    drawn: Index
    free: Index
    states: int


class PanelGraph:
    """All compositions of panels as paths through states.

    Parameters
    ----------
    problem
        With its rows and counts.
    low, high
        Shape (types,), whole numbers: bounds of each type; None for none but the counts.
    limit
        The most states and steps.

    Raises
    ------
    GraphTooLarge
        `graph_too_large`, beyond the limit.
    """

    def __init__(
        self,
        problem: Problem,
        low: Vector | None = None,
        high: Vector | None = None,
        *,
        limit: int = LARGEST_GRAPH,
    ) -> None:
        self._problem = problem
        self._low = np.zeros(len(problem.types)) if low is None else low
        self._high = problem.counts if high is None else high
        self._homes = _homes_of(problem)
        self.order = _order(problem)
        self._steps = self._pruned(list(self._grown(limit)))
        if not self._steps:
            raise ArithmeticError("the panels vanished")

    def _grown(self, limit: int) -> Iterator[_Step]:
        """Yield the steps type by type, leaving out states from which some row cannot be met any more."""
        rows = self._problem.matrix.toarray().astype(np.int16)[
            :, self.order
        ]  # a panel has less than 32,768 seats
        left = _reach(rows, self._high[self.order])
        families = _partitions(rows)
        lower, upper = self._problem.lower.astype(np.int64), self._problem.upper.astype(np.int64)
        states = np.zeros((1, len(rows)), dtype=np.int16)
        kept = 0
        for position, t in enumerate(self.order):
            column = rows[:, position]
            free = self._free(int(t), states)
            parts = []
            for drawn in range(int(self._low[t]), int(self._high[t]) + 1):
                able = np.flatnonzero(free >= drawn)
                after = states[able] + np.int16(drawn) * column
                fits = _possible(after, lower, upper, left[:, position : position + 2], families)
                parts.append((able[fits], after[fits], np.full(int(fits.sum()), drawn)))
            before = np.concatenate([part[0] for part in parts])
            after = np.concatenate([part[1] for part in parts])
            drawn_now = np.concatenate([part[2] for part in parts])
            after[:, left[:, position + 1] == 0] = 0  # a row that is complete and met no longer matters
            states, where = _distinct(after)
            kept += len(states) + len(before)
            if kept > limit:
                raise GraphTooLarge("graph_too_large", limit=limit)
            yield _Step(before, where, drawn_now, free[before], len(states))

    def _free(self, t: int, states: Sums) -> Index:
        """Return among how many people, or households, a state leaves the choice."""
        if t not in self._homes:
            return np.full(len(states), int(self._problem.counts[t]))
        row, households, _ = self._homes[t]
        return np.asarray(households - states[:, row].astype(np.int64))

    def _pruned(self, steps: list[_Step]) -> list[_Step]:
        """Leave out steps into states that lead nowhere."""
        alive = np.ones(1, dtype=bool)
        found = []
        widths = [1, *(step.states for step in steps)]
        for step, width in zip(reversed(steps), reversed(widths[:-1]), strict=True):
            keep = alive[step.after]
            number = np.cumsum(alive) - 1
            before = step.before[keep]
            now = np.zeros(width, dtype=bool)
            now[before] = True
            renumbered = np.cumsum(now) - 1
            found.append(
                _Step(
                    renumbered[before],
                    number[step.after[keep]],
                    step.drawn[keep],
                    step.free[keep],
                    int(alive.sum()),
                )
            )
            alive = now
        return found[::-1]

    # -- counting ---------------------------------------------------------------------------------

    def panels(self) -> int:
        """Return the exact number of panels of persons."""
        return int(self._back([self._ways(p) for p in range(len(self.order))])[0][0])

    def uniform_chances(self) -> tuple[Fraction, ...]:
        """Return the exact chance of a person of each type if every panel is equally likely."""
        ways = [self._ways(position) for position in range(len(self.order))]
        back = self._back(ways)
        total = int(back[0][0])
        reached = np.array([1], dtype=object)
        chances = [Fraction(0)] * len(self.order)
        for position, step in enumerate(self._steps):
            flow = reached[step.before] * ways[position]
            through = flow * back[position + 1][step.after]
            t = int(self.order[position])
            expected = sum(int(d) * int(f) for d, f in zip(step.drawn, through, strict=True))
            chances[t] = Fraction(expected, total * self._problem.types[t].count)
            reached = np.zeros(step.states, dtype=object)
            np.add.at(reached, step.after, flow)
        return tuple(chances)

    def _ways(self, position: int) -> npt.NDArray[np.object_]:
        """Return in how many ways the people of each step can be chosen."""
        step, t = self._steps[position], int(self.order[position])
        alike = self._homes[t][2] if t in self._homes else 1
        return np.array(
            [
                math.comb(int(free), int(drawn)) * alike ** int(drawn)
                for free, drawn in zip(step.free, step.drawn, strict=True)
            ],
            dtype=object,
        )

    def _back(self, ways: Sequence[npt.NDArray[np.object_]]) -> list[npt.NDArray[np.object_]]:
        """Return for every state how many panels lie ahead."""
        found: list[npt.NDArray[np.object_]] = [np.array([1], dtype=object)]
        for step, way in zip(reversed(self._steps), reversed(ways), strict=True):
            ahead = np.zeros(int(step.before.max()) + 1, dtype=object)
            np.add.at(ahead, step.before, way * found[-1][step.after])
            found.append(ahead)
        return found[::-1]

    # -- tilting ----------------------------------------------------------------------------------

    def tilted(self, theta: Floats) -> tuple[float, Floats]:
        """Return log Z(θ) and how many of each type are expected, shape (types,), exactly but for rounding."""
        weights = self._tilts(theta)
        back, total = self._weighed(weights)
        reached: Any = np.ones(1)
        expected = np.zeros(len(self.order))
        for position, step in enumerate(self._steps):
            flow = reached[step.before] * weights[position][0]
            through = flow * back[position + 1][step.after]
            expected[self.order[position]] = (through @ step.drawn) / through.sum()
            reached = np.bincount(step.after, flow, minlength=step.states)
            reached /= reached.max()
        return total, expected

    def sample(self, theta: Floats, count: int, random: np.random.Generator) -> Index:
        """Return compositions drawn from D(P) ∝ exp(Σ θ), shape (count, types)."""
        weights = self._tilts(theta)
        back, _ = self._weighed(weights)
        found = np.zeros((count, len(self.order)), dtype=np.int64)
        at = np.zeros(count, dtype=np.int64)
        for position, step in enumerate(self._steps):
            value = weights[position][0] * back[position + 1][step.after]
            order = np.argsort(step.before, kind="stable")
            ends = np.cumsum(value[order])
            last = np.searchsorted(step.before[order], at, side="right") - 1
            first = np.searchsorted(step.before[order], at, side="left")
            start = np.where(first > 0, ends[first - 1], 0.0)
            point = start + random.random(count) * (ends[last] - start)
            chosen = order[np.clip(np.searchsorted(ends, point, side="right"), first, last)]
            found[:, self.order[position]] = step.drawn[chosen]
            at = step.after[chosen]
        return found

    def _tilts(self, theta: Floats) -> list[tuple[Floats, float]]:
        """Return the weight of every step, scaled, and the logarithm of the scale."""
        found = []
        for position, step in enumerate(self._steps):
            t = int(self.order[position])
            alike = self._homes[t][2] if t in self._homes else 1
            powers = _log_ways(step.free, step.drawn, alike) + theta[t] * step.drawn
            top = float(powers.max())
            found.append((np.exp(powers - top), top))
        return found

    def _weighed(self, weights: Sequence[tuple[Floats, float]]) -> tuple[list[Floats], float]:
        """Return what lies ahead of every state, scaled, and the logarithm of the scale."""
        found, scale = [np.ones(1)], 0.0
        for step, (weight, top) in zip(reversed(self._steps), reversed(weights), strict=True):
            ahead = np.bincount(step.before, weight * found[-1][step.after])
            most = float(ahead.max())
            scale += top + math.log(most)
            found.append(ahead / most)
        return found[::-1], scale


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
        drawn = _wandered(narrow, (low, high), own, start, count, random, cancelled)
    panels = np.unique(np.vstack([own, drawn]), axis=0)
    ways = np.array([_log_panels(problem, panel) for panel in panels])
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
        total += share * (_log_panels(problem, np.array(one.counts)) - math.log(share))
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

    found = optimize.minimize(
        dual,
        np.zeros(len(target)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-STEEPEST, STEEPEST)] * len(target),
        options={"maxiter": 2_000, "maxfun": 4_000, "gtol": NEAR, "ftol": 1e-15, "maxcor": 30},
    )
    return np.asarray(found.x, dtype=np.float64)


class _Walk:
    """Compositions found by wandering from those of a lottery: people trade values, or one makes room for another.

    Two who trade a value keep every quota's count. A step is taken with the chance that makes every panel of persons
    equally likely in the long run (Metropolis); what it finds is weighed afterwards, so that nothing rests on it.
    """

    def __init__(self, problem: Problem, low: Vector, high: Vector, random: np.random.Generator) -> None:
        self._problem, self._random = problem, random
        self._low, self._high = low.astype(np.int64), high.astype(np.int64)
        self._rows = problem.matrix.toarray().astype(np.int64)
        in_homes = {t for home in problem.households for t in home.types}
        self._features = len(problem.types[0].features)
        self._values = [tuple(one.features.values()) for one in problem.types]
        self._type = {
            values: t for t, values in enumerate(self._values) if t not in in_homes and self._high[t] > 0
        }
        self._others = np.array(sorted(self._type.values()), dtype=np.int64)

    def from_(self, panel: Index) -> Index:
        """Return a composition some steps away."""
        now, sums = panel.copy(), self._rows @ panel
        for _ in range(WANDER * self._problem.size):
            change = self._change(now)
            if change:
                after = now.copy()
                for t, by in change.items():
                    after[t] += by
                moved = sums + sum(by * self._rows[:, t] for t, by in change.items())
                if self._holds(after, moved) and self._random.random() < self._ratio(now, change):
                    now, sums = after, moved
        return now

    def _change(self, now: Index) -> dict[int, int]:
        """Propose who goes and who comes."""
        seated = np.repeat(np.arange(len(now)), now)
        first, second = (int(t) for t in self._random.choice(seated, 2))
        if self._random.random() < ALONE or first == second:
            return _sum_up((first, -1), (int(self._random.choice(self._others)), 1))
        traded = self._random.random(self._features) < 0.5  # noqa: PLR2004  # a coin for every feature
        mixed = [
            tuple(b if trade else a for trade, a, b in zip(traded, one, other, strict=True))
            for one, other in (
                (self._values[first], self._values[second]),
                (self._values[second], self._values[first]),
            )
        ]
        if mixed[0] not in self._type or mixed[1] not in self._type:
            return {}
        return _sum_up((first, -1), (second, -1), (self._type[mixed[0]], 1), (self._type[mixed[1]], 1))

    def _holds(self, after: Index, sums: Index) -> bool:
        return bool(
            np.all(after >= self._low)
            and np.all(after <= self._high)
            and np.all(sums >= self._problem.lower)
            and np.all(sums <= self._problem.upper)
        )

    def _ratio(self, now: Index, change: dict[int, int]) -> float:
        """Return how many times more panels of persons the new composition stands for."""
        logs = 0.0
        for t, by in change.items():
            people, old = int(self._problem.counts[t]), int(now[t])
            logs += math.log(math.comb(people, old + by)) - math.log(math.comb(people, old))
        return math.exp(min(0.0, logs))


def _sum_up(*moves: tuple[int, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for t, by in moves:
        found[t] = found.get(t, 0) + by
    return {t: by for t, by in found.items() if by}


def _wandered(
    problem: Problem,
    box: tuple[Vector, Vector],
    own: Index,
    start: Floats,
    count: int,
    random: np.random.Generator,
    cancelled: Callable[[], bool],
) -> Index:
    """Return compositions near those of a lottery, where the graph is too large."""
    walk = _Walk(problem, *box, random)
    found = []
    for at in random.choice(len(own), size=count, p=start):
        if cancelled():
            break
        found.append(walk.from_(own[at]))
    return np.array(found, dtype=np.int64).reshape(-1, own.shape[1])


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


def _log_panels(problem: Problem, panel: Counts) -> float:
    """Return the logarithm of the number of panels of persons that a composition stands for."""
    homes = _homes_of(problem)
    used: dict[int, int] = {}
    total = 0.0
    for t in np.flatnonzero(panel):
        drawn, free, alike = int(panel[t]), int(problem.counts[t]), 1
        if int(t) in homes:
            row, households, alike = homes[int(t)]
            free = households - used.get(row, 0)
            used[row] = used.get(row, 0) + drawn
        total += float(_log_ways(np.array([free]), np.array([drawn]), alike)[0])
    return total


def _log_ways(free: Index, drawn: Index, alike: int) -> Floats:
    """Return log C(free, drawn) + drawn log alike."""
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, int(free.max(initial=0)) + 1)))])
    ways = factorials[free] - factorials[drawn] - factorials[free - drawn]
    return np.asarray(ways + drawn * math.log(alike))


def _homes_of(problem: Problem) -> dict[int, tuple[int, int, int]]:
    """Return for each type of a class of households its row (from the end), the households, and its people in each."""
    return {
        t: (
            number - len(problem.households),
            len(home.households),
            int(problem.counts[t]) // len(home.households),
        )
        for number, home in enumerate(problem.households)
        for t in home.types
    }


def _order(problem: Problem) -> Index:
    """Return the types so that rows are complete as soon as possible: by the values of the widest feature first."""
    features = list(problem.types[0].features)
    values = {name: sorted({one.features[name] for one in problem.types}) for name in features}
    widest = sorted(features, key=lambda name: (-len(values[name]), name))
    keys = [[values[name].index(one.features[name]) for name in widest] for one in problem.types]
    return np.array(sorted(range(len(keys)), key=lambda t: (keys[t], t)), dtype=np.int64)


def _reach(rows: Sums, high: Vector) -> Index:
    """Return how many people of each row are still to come before each type, shape (rows, types + 1)."""
    coming = rows.astype(np.int64) * high.astype(np.int64)
    return np.concatenate(
        [np.cumsum(coming[:, ::-1], axis=1)[:, ::-1], np.zeros((len(rows), 1), dtype=np.int64)], axis=1
    )


def _partitions(rows: Sums) -> list[list[int]]:
    """Return groups of rows that together count everybody exactly once: the features."""
    found: list[list[int]] = []
    group: list[int] = []
    seen = np.zeros(rows.shape[1], dtype=np.int64)
    for row in range(1, len(rows)):
        if np.any(seen & rows[row]):
            group, seen = [], np.zeros_like(seen)
        group.append(row)
        seen = seen + rows[row]
        if np.all(seen == 1):
            found.append(group)
            group, seen = [], np.zeros_like(seen)
    return found


def _possible(
    sums: Sums, lower: Index, upper: Index, left: Index, families: Sequence[Sequence[int]]
) -> npt.NDArray[np.bool_]:
    """Flag the states from which every row can still be met.

    Parameters
    ----------
    left
        Shape (rows, 2): how many of each row could come before this type, and can come after it.
    """
    over, now = left[:, 0] == 0, left[:, 1]
    is_open = now > 0
    fits: Any = np.all(sums <= upper, axis=1) & np.all((sums + now >= lower) | over, axis=1)
    seats = np.zeros(len(sums)) if over[0] else lower[0] - sums[:, 0]  # row 0 is the size
    for family in families:
        missing = np.maximum(0, lower[family] - sums[:, family]) * is_open[family]
        room = np.minimum(upper[family] - sums[:, family], now[family]) * is_open[family]
        fits &= (missing.sum(axis=1) <= seats) & (room.sum(axis=1) >= seats)
    return np.asarray(fits, dtype=bool)


def _distinct(states: Sums) -> tuple[Sums, Index]:
    """Return the different states, and which of them each one is."""
    narrow = np.ascontiguousarray(states)
    keys = narrow.view(np.dtype((np.void, narrow.dtype.itemsize * narrow.shape[1]))).ravel()
    _, first, where = np.unique(keys, return_index=True, return_inverse=True)
    return states[first], where.ravel()
