"""Seat everybody, round after round: first mixed tables, then new neighbours.

Each round is a partition of the n persons into tables whose sizes differ by at most 1. The search minimises

    20 Σ_rounds Σ_tables Σ_values (excess over ⌊ideal⌋…⌈ideal⌉)²  +  Σ_pairs Σ_meetings  ( m + 5 max(0, m - 1) )

where m is how often the pair has met before that meeting: a second meeting costs 1, a third 7. A feature that is shared
out first counts a second time, with a weight that mix and meetings do not reach. It starts greedily from a seeded order and then
exchanges two persons of two tables, always the best exchange, with a short memory that forbids moving the
same person back (tabu search). The amount of work depends on the input alone, never on a clock, and all
sums are whole numbers below 2^53, so the same seed gives the same plan on every machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from isegoria.errors import BadInput, Infeasible
from isegoria.seeding import keyed_order
from isegoria.tables.measures import (
    Rounds,
    fewest_repeats,
    imbalance,
    meetings,
    most_pairs,
    pairs_met,
    repeats,
    table_sizes,
)

Array = npt.NDArray[np.float64]
Seating = npt.NDArray[np.int64]
"""Table of each person, shape (persons,)."""

MIX_WEIGHT = 20.0
"""One person too many of a value at a table weighs like 20 repeated pairs: the mix comes first."""
AGAIN_WEIGHT = 5.0
"""A third meeting of a pair costs so many second ones more: nobody meets anybody three times where it can be helped."""
FIRST_WEIGHT = 1e4
"""One person of whom a table has too many or too few where a feature is shared out first; far below `APART_WEIGHT`."""
APART_WEIGHT = 1e7
"""More than all else can sum to at one exchange, so that two persons who must not meet never do."""
SWEEPS = 4
"""How often every round is seated anew or improved against all others; more changed no plan by more than 1 %."""
QUICK = 4
"""Where the whole search tries so many exchanges a person, a quick one goes before it and costs little of its time."""
WORK = 4e8
"""Multiplications allowed per round and sweep: about a second."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who sits with whom.

    Attributes
    ----------
    rounds
        Rounds of tables of ids; at each table in alphabetical order.
    pairs_met
        Different pairs that share a table at least once in these rounds.
    pairs_bound
        A number of pairs that no plan can exceed (earlier rounds and conditions left aside).
    imbalance
        By how many persons the tables miss an even mix; 0 is as even as whole persons allow.
    repeats
        Repeated meetings in these rounds: a pair that meets m times counts C(m, 2).
    repeats_bound
        A number of repeated meetings that no plan can go below (earlier rounds and conditions left aside).
    """

    rounds: tuple[tuple[tuple[str, ...], ...], ...]
    pairs_met: int
    pairs_bound: int
    imbalance: int
    repeats: int
    repeats_bound: int

    @property
    def gap(self) -> int:
        """By how many repeated meetings the plan may be worse than the best one, at most."""
        return self.repeats - self.repeats_bound

    @property
    def fewest_repeats_proved(self) -> bool:
        """Whether nobody can find a plan with fewer repeated meetings; says nothing of the mix."""
        return self.gap == 0


@dataclass(frozen=True, slots=True)
class Step:
    """How far a search has come.

    Attributes
    ----------
    done
        Rounds seated or improved so far, 1 or more.
    most
        How many there are at most; a search that finds nothing better ends before.
    plan
        The best plan so far; None until every round is seated.
    """

    done: int
    most: int
    plan: Plan | None


def plan(
    members: Sequence[tuple[str, Mapping[str, str]]],
    table_size: int,
    rounds: int,
    seed: bytes,
    *,
    apart: Iterable[Sequence[str]] = (),
    together: Iterable[Sequence[str]] = (),
    pinned: Iterable[tuple[str, int]] = (),
    earlier: Rounds = (),
    first: Collection[str] = (),
    sweeps: int = SWEEPS,
) -> Plan:
    """Return mixed tables for several rounds in which as many different pairs as possible meet.

    Parameters
    ----------
    members
        Pairs of an id and its features; the order of the rows does not matter.
    table_size
        Most persons at a table.
    rounds
        Number of rounds, 1 or more.
    seed
        Public bytes; the same seed and input give the same plan.
    apart
        Groups of ids of whom no two may share a table.
    together
        Groups of ids who always share a table, for instance a person and her interpreter.
    pinned
        Pairs of an id and the number of the table (from 0) where the person always sits.
    earlier
        Rounds already held; who met there is kept apart where possible.
    first
        Features that are shared out before all others, such as who sits by appointment and not by lot: of each of their
        values any two tables have numbers that differ by at most 1, where the conditions allow it.
    sweeps
        How often every round is improved against all others, 0 or more; the work is fixed, no clock decides. 0 gives
        the first plan: of several rounds one with few exchanges, where that is much shorter; the first sweep seats
        all rounds anew with the whole search.

    Returns
    -------
    Plan
        With its measures.

    Raises
    ------
    BadInput
        `tables_nobody`, `tables_size_wrong`, `tables_rounds_wrong`, `tables_sweeps_wrong`, `tables_id_repeated`,
        `tables_id_unknown`, `tables_wishes_clash`.
    Infeasible
        `tables_impossible`, if no seating that keeps all conditions was found.

    Notes
    -----
    Guarantee: everybody once in each round; table sizes differ by at most 1; apart, together and pinned
    always hold. The mix, the pairs and the repeats are the best found, not proved best, unless `imbalance` is
    0, `pairs_met` equals `pairs_bound` or `repeats` equals `repeats_bound`. `gap` says how far the repeats can
    be from the best; conditions may put the bound out of reach.
    """
    for found in improving(
        members, table_size, rounds, seed, apart=apart, together=together, pinned=pinned, earlier=earlier,
        first=first, sweeps=sweeps,
    ):  # fmt: skip
        best = found
    return best


def improving(
    members: Sequence[tuple[str, Mapping[str, str]]],
    table_size: int,
    rounds: int,
    seed: bytes,
    *,
    apart: Iterable[Sequence[str]] = (),
    together: Iterable[Sequence[str]] = (),
    pinned: Iterable[tuple[str, int]] = (),
    earlier: Rounds = (),
    first: Collection[str] = (),
    sweeps: int = SWEEPS,
) -> Iterator[Plan]:
    """Yield the best plan so far: the first one, then one after every sweep, none worse than the one before.

    Whoever has waited long enough stops and keeps the last; that number of sweeps gives the same plan again, with the
    same seed, on every machine. It ends when a sweep changes nothing. Parameters and errors as for `plan`, which
    returns the last one.

    Examples
    --------
    >>> people = [(f"p{number}", {}) for number in range(6)]
    >>> {one.gap for one in improving(people, 3, 2, b"seed")}
    {0}
    """
    for step in stepping(
        members, table_size, rounds, seed, apart=apart, together=together, pinned=pinned, earlier=earlier,
        first=first, sweeps=sweeps,
    ):  # fmt: skip
        if step.done % rounds == 0 and step.plan is not None:
            yield step.plan


def stepping(
    members: Sequence[tuple[str, Mapping[str, str]]],
    table_size: int,
    rounds: int,
    seed: bytes,
    *,
    apart: Iterable[Sequence[str]] = (),
    together: Iterable[Sequence[str]] = (),
    pinned: Iterable[tuple[str, int]] = (),
    earlier: Rounds = (),
    first: Collection[str] = (),
    sweeps: int = SWEEPS,
) -> Iterator[Step]:
    """Return the steps of a search, one for each round that is seated or improved: for whoever shows how far it is.

    What is asked for is checked at the call; a seating that cannot be found is refused at its step. Whoever stops after
    a number of steps has that plan again after the same number, with the same seed, on every machine; the last step
    has the plan that `plan` returns. Parameters and errors as for `plan`.

    Examples
    --------
    >>> people = [(f"p{number}", {}) for number in range(6)]
    >>> [(one.done, one.most, one.plan and one.plan.gap) for one in stepping(people, 3, 2, b"seed", sweeps=0)]
    [(1, 2, None), (2, 2, 0)]
    """
    if rounds < 1:
        raise BadInput("tables_rounds_wrong", rounds=rounds)
    if sweeps < 0:
        raise BadInput("tables_sweeps_wrong", sweeps=sweeps)
    hall = _Hall(members, table_size, seed, _Wishes.read(members, apart, together, pinned), first)
    sweeps = sweeps if rounds > 1 else 0
    seatings = _search(hall, hall.met(earlier), rounds, sweeps)
    most = rounds * (1 + sweeps)
    return (
        Step(done, most, _told(hall, found, members, table_size) if len(found) == rounds else None)
        for done, found in enumerate(seatings, start=1)
    )


def _search(hall: _Hall, met: Array, rounds: int, sweeps: int) -> Iterator[list[Seating]]:
    """Yield the seatings of the rounds, first one more each time, then all of them with one improved.

    Several rounds are first seated with few exchanges where that is much shorter: whoever waits has a good plan at
    once. The first sweep then seats them all anew with the whole search, and the better of both goes on.
    """
    quick = rounds > 1 and hall.has_quick_start
    seatings: list[Seating] = []
    for _ in range(rounds):
        seatings.append(hall.seated(hall.cost_of_meeting(met, seatings), quick=quick))
        yield seatings
    if quick and sweeps:
        anew: list[Seating] = []
        for _ in range(rounds):
            anew.append(hall.seated(hall.cost_of_meeting(met, anew)))
            if len(anew) == rounds and hall.total(anew, met) < hall.total(seatings, met):
                seatings = anew
            yield seatings
        sweeps -= 1
    for _ in range(sweeps):
        before = list(seatings)
        for index in range(rounds):
            others = seatings[:index] + seatings[index + 1 :]
            seatings[index] = hall.improved(seatings[index], hall.cost_of_meeting(met, others))
            yield seatings
        if all(np.array_equal(one, other) for one, other in zip(before, seatings, strict=True)):
            return


def _told(
    hall: _Hall,
    seatings: Sequence[Seating],
    members: Sequence[tuple[str, Mapping[str, str]]],
    table_size: int,
) -> Plan:
    """Return a plan with its measures and bounds."""
    planned = tuple(hall.tables(seating) for seating in seatings)
    return Plan(
        planned,
        pairs_met(planned),
        most_pairs(len(members), table_size, len(planned)),
        imbalance(planned, dict(members)),
        repeats(planned),
        fewest_repeats(len(members), table_size, len(planned)),
    )


@dataclass(frozen=True, slots=True)
class _Wishes:
    """Conditions that always hold: blocks of persons who sit together, fixed tables, pairs apart."""

    blocks: tuple[tuple[str, ...], ...]
    table_of: Mapping[str, int]
    apart: frozenset[tuple[str, str]]

    @classmethod
    def read(
        cls,
        members: Sequence[tuple[str, Mapping[str, str]]],
        apart: Iterable[Sequence[str]],
        together: Iterable[Sequence[str]],
        pinned: Iterable[tuple[str, int]],
    ) -> _Wishes:
        """Check the conditions against each other and join blocks that share a person."""
        ids = {identifier for identifier, _ in members}
        if len(ids) != len(members):
            raise BadInput("tables_id_repeated")
        apart, together, pins = list(apart), list(together), list(pinned)
        named = {one for group in (*apart, *together) for one in group} | {one for one, _ in pins}
        if not named <= ids:
            raise BadInput("tables_id_unknown", count=len(named - ids))
        pairs = frozenset(pair for group in apart for pair in combinations(sorted(set(group)), 2))
        table_of = dict(pins)
        if any(table_of[one] != table for one, table in pins):
            raise BadInput("tables_wishes_clash")
        wishes = cls(_joined([*together, *([one] for one in table_of)]), table_of, pairs)
        wishes.check()
        return wishes

    def check(self) -> None:
        """Refuse conditions that contradict each other whoever sits where."""
        for block in self.blocks:
            tables = {self.table_of[one] for one in block if one in self.table_of}
            if len(tables) > 1 or not self.apart.isdisjoint(combinations(block, 2)):
                raise BadInput("tables_wishes_clash")


def _joined(groups: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    """Return the groups with those joined that share a person; largest first, then by id."""
    blocks: list[set[str]] = []
    for group in groups:
        block = set(group)
        apart = [other for other in blocks if block.isdisjoint(other)]
        for other in blocks:
            block |= other if not block.isdisjoint(other) else set()
        blocks = [*apart, block]
    ordered = (tuple(sorted(block)) for block in blocks if block)
    return tuple(sorted(ordered, key=lambda block: (-len(block), block)))


class _Hall:
    """Persons in a seeded order, with their values as a matrix, and the tables.

    Letters as in the module: n persons, g tables, V values; `F` of shape (n, V) has a 1 where a person
    has a value. A value that is shared out first has a second column, where the size of a table does not count.
    """

    def __init__(
        self,
        members: Sequence[tuple[str, Mapping[str, str]]],
        table_size: int,
        seed: bytes,
        wishes: _Wishes,
        first: Collection[str] = (),
    ) -> None:
        features = dict(members)
        self.ids = keyed_order(seed, "tables", features)
        self.index = {identifier: index for index, identifier in enumerate(self.ids)}
        self.sizes = np.array(table_sizes(len(self.ids), table_size), dtype=np.int64)
        self.wishes = wishes
        values = sorted({pair for one in features.values() for pair in one.items()})
        shared = [(key, value) for key, value in values if key in first]
        values += shared
        self.F = np.array(
            [[features[one].get(key) == value for key, value in values] for one in self.ids],
            dtype=np.float64,
        ).reshape(len(self.ids), len(values))
        again = slice(len(values) - len(shared), None)  # the second columns
        self.weight: Array = np.full(len(values), MIX_WEIGHT)
        self.weight[again] = FIRST_WEIGHT
        having = self.F.sum(axis=0).astype(np.int64)
        share, parts = np.outer(self.sizes, having), np.full(len(values), len(self.ids))
        share[:, again], parts[again] = having[again], len(self.sizes)
        self.least: Array = (share // parts).astype(np.float64)
        self.most: Array = (-(-share // parts)).astype(np.float64)
        self.apart = self._pairs(dict.fromkeys(wishes.apart, APART_WEIGHT))
        self.free = np.ones(len(self.ids), dtype=np.bool_)
        self.free[[self.index[one] for block in wishes.blocks for one in block]] = False

    def met(self, rounds: Rounds) -> Array:
        """Return how often each pair met, shape (n, n), plus the weight of those who must not."""
        return self._pairs(meetings(rounds)) + self.apart

    def cost_of_meeting(self, met: Array, others: Sequence[Seating]) -> Array:
        """Return what it costs that a pair meets in one more round beside earlier and other ones, shape (n, n)."""
        total = met.copy()
        for seating in others:
            total += seating[:, None] == seating[None, :]
        np.fill_diagonal(total, 0)
        cost: Array = total + AGAIN_WEIGHT * np.maximum(0, total - 1)
        return cost

    def start(self, met: Array) -> Seating:
        """Return a first seating: blocks, then one by one to the cheapest table with room."""
        seating = np.full(len(self.ids), -1, dtype=np.int64)
        counts = np.zeros_like(self.least)
        for people, pinned in self._queue():
            room = self.sizes - np.bincount(seating[seating >= 0], minlength=len(self.sizes))
            allowed = room >= len(people)
            if pinned is not None:
                allowed &= np.arange(len(self.sizes)) == pinned
            if not allowed.any():
                raise Infeasible("tables_impossible")
            added = self.F[people].sum(axis=0)
            repeated = np.array(
                [met[people][:, seating == table].sum() for table in range(len(self.sizes))]
            )
            # While tables fill up only an excess counts; a shortage may still be made good.
            excess = np.maximum(0, counts + added - self.most) @ self.weight
            fill = (self.sizes - room) / (self.sizes + 1)
            cost = np.where(allowed, repeated + excess + fill, np.inf)
            table = int(np.argmin(cost))
            seating[people] = table
            counts[table] += added
        return seating

    @property
    def has_quick_start(self) -> bool:
        """Whether a search with one exchange a person is much shorter than the whole one."""
        return self._turns() >= QUICK * len(self.ids)

    def seated(self, met: Array, *, quick: bool = False) -> Seating:
        """Return a seating of one round: a first one, and the best found from there."""
        return self.improved(self.start(met), met, quick=quick)

    def improved(self, seating: Seating, met: Array, *, quick: bool = False) -> Seating:
        """Return the best seating found by exchanges; a quick search tries one a person, unless some must still part.

        Raises
        ------
        Infeasible
            `tables_impossible`, if two persons who must not meet still do.
        """
        best, current = seating, seating.copy()
        cost = lowest = self.cost(seating, met)
        moved_at = np.full(len(self.ids), -len(self.ids) * 10, dtype=np.int64)
        tenure = 3 + len(self.ids) // 8
        for turn in range(self._turns()):
            if quick and turn >= len(self.ids) and lowest < APART_WEIGHT:
                break
            change = self._exchanges(current, met)
            recent = turn - moved_at <= tenure
            held = (recent[:, None] | recent[None, :]) & (cost + change >= lowest)
            change[held] = np.inf
            one, other = divmod(int(np.argmin(change)), len(self.ids))
            if not np.isfinite(change[one, other]):
                break
            cost += float(change[one, other])
            current[one], current[other] = current[other], current[one]
            moved_at[[one, other]] = turn
            if cost < lowest:
                best, lowest = current.copy(), cost
            if lowest == 0:
                break
        if lowest >= APART_WEIGHT:
            raise Infeasible("tables_impossible")
        return best

    def cost(self, seating: Seating, met: Array) -> float:
        """Return what the search minimises, for one round."""
        same = seating[:, None] == seating[None, :]
        return float((met * same).sum() / 2 + self._penalty(self._counts(seating)).sum())

    def total(self, seatings: Sequence[Seating], met: Array) -> float:
        """Return what the search minimises, for all rounds."""
        return sum(
            self.cost(seating, self.cost_of_meeting(met, seatings[:index]))
            for index, seating in enumerate(seatings)
        )

    def tables(self, seating: Seating) -> tuple[tuple[str, ...], ...]:
        """Return the ids table by table."""
        return tuple(
            tuple(sorted(self.ids[index] for index in np.flatnonzero(seating == table)))
            for table in range(len(self.sizes))
        )

    def _pairs(self, weights: Mapping[tuple[str, str], float]) -> Array:
        """Return a symmetric matrix of pair weights; who is not here is left out."""
        matrix = np.zeros((len(self.ids), len(self.ids)))
        for (one, other), weight in weights.items():
            if one in self.index and other in self.index:
                matrix[self.index[one], self.index[other]] = weight
                matrix[self.index[other], self.index[one]] = weight
        return matrix

    def _queue(self) -> Iterator[tuple[list[int], int | None]]:
        """Yield who is seated next: blocks with a table of their own, other blocks, then the rest."""
        blocks = [([self.index[one] for one in block], self._pin(block)) for block in self.wishes.blocks]
        yield from sorted(blocks, key=lambda block: block[1] is None)
        conflicts = Counter(one for pair in self.wishes.apart for one in pair)
        rest = [index for index in range(len(self.ids)) if self.free[index]]
        for index in sorted(rest, key=lambda index: -conflicts[self.ids[index]]):
            yield [index], None

    def _pin(self, block: Sequence[str]) -> int | None:
        return next((self.wishes.table_of[one] for one in block if one in self.wishes.table_of), None)

    def _turns(self) -> int:
        """Return how many exchanges to try: many where they are cheap, enough where they are not."""
        persons, values = self.F.shape
        if len(self.sizes) == 1:
            return 0
        return max(persons, min(40 * persons, 1500, int(WORK / (persons**2 * (2 * values + 6)))))

    def _counts(self, seating: Seating) -> Array:
        """Return how many of each value sit at each table, shape (g, V)."""
        at = (seating[:, None] == np.arange(len(self.sizes))).astype(np.float64)
        counts: Array = at.T @ self.F
        return counts

    def _penalty(self, counts: Array) -> Array:
        missed = np.maximum(0, counts - self.most) + np.maximum(0, self.least - counts)
        penalty: Array = self.weight * missed**2
        return penalty

    def _exchanges(self, seating: Seating, met: Array) -> Array:
        """Return by how much the cost changes if i and j exchange seats, shape (n, n); inf where they cannot."""
        at = (seating[:, None] == np.arange(len(self.sizes))).astype(np.float64)
        beside = met @ at  # how often i met the persons of each table
        own = np.take_along_axis(beside, seating[:, None], axis=1)
        toward = beside[:, seating] - own  # i goes to j's table
        change: Array = toward + toward.T - 2 * met + self._mix_change(seating)
        change[seating[:, None] == seating[None, :]] = np.inf
        change[~self.free] = np.inf
        change[:, ~self.free] = np.inf
        return change

    def _mix_change(self, seating: Seating) -> Array:
        """Return the change of the mix penalty for each exchange, shape (n, n).

        Only values count that one of the two has and the other has not: i's table gains those of j and
        loses those of i, and the other way round.
        """
        counts = self._counts(seating)
        now = self._penalty(counts)
        gain = (self._penalty(counts + 1) - now)[seating]
        loss = (self._penalty(counts - 1) - now)[seating]
        half = (gain * (1 - self.F)) @ self.F.T + (loss * self.F) @ (1 - self.F).T
        both: Array = half + half.T
        return both
