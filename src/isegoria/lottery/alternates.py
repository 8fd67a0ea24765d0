"""Alternates who can really replace those who leave, instead of the next names on a list.

Members leave by chance, each with a chance of her own (`isegoria.lottery.dropout`). When the set Z has left and the
alternates A who are still willing are known, the best R ⊆ A with |R| ≤ |Z| enters. What remains is the **loss**

    Σ_v (distance of the number of members with value v from its quota) / max(1, maximum of v).

The alternates are those with a small expected loss, as far as sampled futures tell (empirical risk minimisation): one
after another, each the person who lowers the mean loss over the samples most. **The rule that is published:** the list
stands in this order; among people who lower it equally, the keyed order of the public seed decides; nobody comes who is apart from
a member or an earlier alternate, nor who is drawn together with others: one vacant seat is not enough for them. When seats fall vacant, those enter who leave the smallest loss, earlier
ones on the list first where that leaves a choice (`called_up`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isegoria.errors import BadInput
from isegoria.lottery.dropout import DropOut
from isegoria.pool import Entry, Pool, Quotas
from isegoria.pool.links import Rivals
from isegoria.proof.links import ALTERNATES_LABEL
from isegoria.seeding import generator, keyed_order, seed_from_text
from isegoria.solvers import IntegerProgramme

SCENARIOS = 300
MOST_SCENARIOS = 10_000
MOST_ALTERNATES = 200
KEPT = 200
"""Ways to fill vacant seats that are followed per sampled future; the best are kept."""
EQUAL = 1e-9

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Alternates:
    """Alternates in the order of their list, and what they are good for.

    Attributes
    ----------
    ids
        In their order.
    loss
        Expected loss with these alternates, over futures that were not used to choose them.
    without
        The same without any alternate.
    drawn
        The same with alternates drawn by lot from all who are left, as is usual.
    twins
        The same with the persons most like those members who are most likely to leave.
    error
        Standard error of the difference between `drawn` and `loss`.
    """

    ids: tuple[str, ...]
    loss: float
    without: float
    drawn: float
    twins: float
    error: float


def choose_alternates(
    pool: Pool,
    quotas: Quotas,
    members: Collection[str],
    count: int,
    leaving: DropOut,
    *,
    seed: str,
    scenarios: int = SCENARIOS,
    cancelled: Callable[[], bool] = lambda: False,
) -> Alternates:
    """Return alternates in order, chosen so that the quotas survive when members leave.

    Parameters
    ----------
    pool
        Everybody who may be an alternate, and the members.
    quotas
        Of the whole panel.
    members
        Ids of the panel.
    count
        How many alternates, 0 to 200; fewer are given if the pool has no more.
    leaving
        The chance of everybody to leave: of members, and of alternates to be no longer willing.
    seed
        Public text: fixes the sampled futures and the order among equals.
    scenarios
        Sampled futures to choose by, 1 to 10,000; as many others measure the result.

    Raises
    ------
    BadInput
        `members_unknown`, `alternates_out_of_range`, `scenarios_out_of_range`, `seed_empty`.

    Notes
    -----
    Guarantee: the list follows the published rule and is reproduced from its seed; people with the same features have
    the same chance to be on it; the losses are measured on other samples than those that chose. Not guaranteed: that no
    other set is better; each step takes the best next person, not the best set.

    References
    ----------
    Assos, Baharav, Flanigan, Procaccia: Alternates, assemble! Selecting optimal alternates for citizens' assemblies.
    EC 2025.
    """
    people = {entry.id: entry for entry in pool}
    missing = sum(one not in people for one in members)
    if missing:
        raise BadInput("members_unknown", count=missing)
    if not 0 <= count <= MOST_ALTERNATES:
        raise BadInput("alternates_out_of_range", alternates=count, most=MOST_ALTERNATES)
    if not 1 <= scenarios <= MOST_SCENARIOS:
        raise BadInput("scenarios_out_of_range", scenarios=scenarios, most=MOST_SCENARIOS)
    root = seed_from_text(seed)
    sitting = [people[one] for one in sorted(members)]
    rest = _who_may(pool, sitting)
    order = keyed_order(root, ALTERNATES_LABEL, [entry.id for entry in rest])
    ordered = [people[one] for one in order]
    futures = _Futures(quotas, sitting, ordered, leaving, generator(root, "alternates-choosing"), scenarios)
    rivals = pool.rivals
    chosen = _Greedy(futures, ordered, rivals).run(count, cancelled)
    others = _Futures(quotas, sitting, ordered, leaving, generator(root, "alternates-measuring"), scenarios)
    place = {entry.id: index for index, entry in enumerate(ordered)}
    first = _kept_apart(ordered, rivals, count)
    alike = _twins(quotas, sitting, ordered, rivals, leaving, count)
    loss, without, drawn, twins = (
        others.losses([place[one.id] for one in group]) for group in (chosen, [], first, alike)
    )
    return Alternates(
        tuple(one.id for one in chosen),
        float(loss.mean()),
        float(without.mean()),
        float(drawn.mean()),
        float(twins.mean()),
        float((drawn - loss).std() / np.sqrt(scenarios)),
    )


def called_up(
    quotas: Quotas,
    staying: Sequence[Mapping[str, str]],
    alternates: Sequence[tuple[str, Mapping[str, str]]],
    vacant: int,
) -> tuple[str, ...]:
    """Return which alternates enter when seats are vacant, in the order of their list.

    Parameters
    ----------
    quotas
        Of the whole panel.
    staying
        Features of the members who stay.
    alternates
        Ids and features of the alternates who are willing, in the order of the list.
    vacant
        Vacant seats, 0 or more.

    Notes
    -----
    Guarantee: as many enter as there are seats and alternates; no other choice of so many has a smaller loss; among
    those as good, the first on the list who differs enters.
    """
    many = min(vacant, len(alternates))
    features = [one for _, one in alternates]
    vectors = _vectors(quotas, features)
    base = _vectors(quotas, list(staying)).sum(axis=0)
    willing = np.ones(len(features), dtype=bool)
    best = _remaining(quotas, base, vectors, willing, many, exactly=True)
    entering: list[int] = []
    for index in range(len(features)):
        if len(entering) == many:
            break
        willing[index] = False
        tried = base + vectors[index]
        if (
            _remaining(quotas, tried, vectors, willing, many - len(entering) - 1, exactly=True)
            <= best + EQUAL
        ):
            entering.append(index)
            base = tried
    return tuple(alternates[index][0] for index in entering)


def _who_may(pool: Pool, sitting: Sequence[Entry]) -> list[Entry]:
    rivals = pool.rivals
    out = {one.id for one in sitting}.union(*(rivals.get(one.id, ()) for one in sitting), *pool.together)
    return [entry for entry in pool if entry.id not in out]


def _kept_apart(ordered: Sequence[Entry], rivals: Rivals, count: int) -> list[Entry]:
    """Return the first people of the order, as a draw without a rule would give them."""
    found: list[Entry] = []
    out: set[str] = set()
    for entry in ordered:
        if len(found) == count:
            break
        if entry.id not in out:
            found.append(entry)
            out |= rivals.get(entry.id, frozenset())
    return found


def _twins(
    quotas: Quotas,
    sitting: Sequence[Entry],
    ordered: Sequence[Entry],
    rivals: Rivals,
    leaving: DropOut,
    count: int,
) -> list[Entry]:
    """Return for the members most likely to leave, one after another, the person most like them."""
    features = list(quotas.features)
    found: list[Entry] = []
    out: set[str] = set()
    risky = sorted(sitting, key=lambda entry: (-leaving.chance(entry.features), entry.id))
    while len(found) < count:
        before = len(found)
        for member in risky:
            left = [entry for entry in ordered if entry.id not in out]
            if not left or len(found) == count:
                break
            twin = min(
                left, key=lambda entry: sum(entry.features[f] != member.features[f] for f in features)
            )
            found.append(twin)
            out |= {twin.id} | rivals.get(twin.id, frozenset())
        if len(found) == before:
            break
    return found


class _Futures:
    """Sampled futures: how many of each value stay, how many seats are vacant, and who is still willing."""

    def __init__(
        self,
        quotas: Quotas,
        sitting: Sequence[Entry],
        ordered: Sequence[Entry],
        leaving: DropOut,
        random: np.random.Generator,
        scenarios: int,
    ) -> None:
        self.quotas = quotas
        members = _vectors(quotas, [entry.features for entry in sitting])
        going = random.random((scenarios, len(sitting))) < [leaving.chance(one.features) for one in sitting]
        self.counts: Counts = (~going).astype(np.int64) @ members
        self.vacant: Counts = going.sum(axis=1)
        self.vectors = _vectors(quotas, [entry.features for entry in ordered])
        chances = np.array([leaving.chance(entry.features) for entry in ordered])
        self.willing: Flags = random.random((scenarios, len(ordered))) >= chances

    def losses(self, chosen: Sequence[int]) -> Floats:
        """Return the loss of each future with these alternates, exactly."""
        vectors = self.vectors[list(chosen)]
        return np.array(
            [
                _remaining(self.quotas, counts, vectors, willing[list(chosen)], int(vacant))
                for counts, vacant, willing in zip(self.counts, self.vacant, self.willing, strict=True)
            ]
        )


class _Greedy:
    """One alternate after another; per future the ways to fill its seats with those chosen so far."""

    def __init__(self, futures: _Futures, ordered: Sequence[Entry], rivals: Rivals) -> None:
        self._futures, self._ordered, self._rivals = futures, ordered, rivals
        self._lower, self._upper, self._weights = _limits(futures.quotas)
        kinds: dict[tuple[int, ...], int] = {}
        self._kind = np.array(
            [kinds.setdefault(tuple(vector), len(kinds)) for vector in futures.vectors.tolist()], dtype=int
        )
        self._vectors = np.array(list(kinds), dtype=np.int64).reshape(len(kinds), len(self._lower))
        self._ways = [counts[None, :] for counts in futures.counts]
        self._used = [np.zeros(1, dtype=np.int64) for _ in futures.counts]

    def run(self, count: int, cancelled: Callable[[], bool]) -> list[Entry]:
        open_ = np.ones(len(self._ordered), dtype=bool)
        chosen: list[Entry] = []
        now = np.array([self._loss(ways).min() for ways in self._ways])
        while len(chosen) < count and open_.any() and not cancelled():
            total = self._with_each(now)
            # where several people lower the loss equally, the first in the keyed order
            values = np.where(open_, total, np.inf)
            index = int(np.flatnonzero(values <= values.min() + EQUAL * len(now))[0])
            chosen.append(self._ordered[index])
            open_[index] = False
            rivals = self._rivals.get(self._ordered[index].id)
            if rivals:
                open_ &= [entry.id not in rivals for entry in self._ordered]
            self._take(index)
            now = np.array([self._loss(ways).min() for ways in self._ways])
        return chosen

    def _with_each(self, now: Floats) -> Floats:
        """Return the total loss over the futures if each person came next."""
        total = np.zeros(len(self._ordered))
        for future, loss in enumerate(now):
            if loss <= EQUAL:
                continue
            room = self._used[future] < self._futures.vacant[future]
            ways = self._ways[future][room]
            by_kind = np.full(len(self._vectors), loss)
            if len(ways):
                with_one = self._loss(ways[:, None, :] + self._vectors[None, :, :]).min(axis=0)
                by_kind = np.minimum(by_kind, with_one)
            total += np.where(self._futures.willing[future], by_kind[self._kind], loss)
        return total

    def _take(self, index: int) -> None:
        vector = self._futures.vectors[index]
        for future, willing in enumerate(self._futures.willing[:, index]):
            room = self._used[future] < self._futures.vacant[future]
            if not willing or not room.any():
                continue
            ways = np.vstack([self._ways[future], self._ways[future][room] + vector])
            used = np.concatenate([self._used[future], self._used[future][room] + 1])
            both = np.unique(np.column_stack([used, ways]), axis=0)
            best = np.argsort(self._loss(both[:, 1:]), kind="stable")[:KEPT]
            self._used[future], self._ways[future] = both[best, 0], both[best, 1:]

    def _loss(self, counts: Counts) -> Floats:
        short = np.maximum(0, self._lower - counts)
        over = np.maximum(0, counts - self._upper)
        return np.asarray((short + over) @ self._weights, dtype=np.float64)


def _limits(quotas: Quotas) -> tuple[Counts, Counts, Floats]:
    lower = np.array([quota.minimum for quota in quotas], dtype=np.int64)
    upper = np.array([quota.maximum for quota in quotas], dtype=np.int64)
    return lower, upper, 1 / np.maximum(1, upper)


def _vectors(quotas: Quotas, people: Sequence[Mapping[str, str]]) -> Counts:
    """Return who counts for which quota, shape (people, quotas)."""
    rows = [[int(quota.counts(features)) for quota in quotas] for features in people]
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(quotas))


def _remaining(
    quotas: Quotas, counts: Counts, vectors: Counts, willing: Flags, vacant: int, *, exactly: bool = False
) -> float:
    """Return the smallest loss that up to (or exactly) so many of the willing alternates can leave."""
    lower, upper, weights = _limits(quotas)
    kinds, numbers = np.unique(vectors[willing], axis=0, return_counts=True)
    alone = float((np.maximum(0, lower - counts) + np.maximum(0, counts - upper)) @ weights)
    if not exactly and (not len(kinds) or not vacant or alone <= EQUAL):
        return alone
    many, rows = len(kinds), len(lower)
    # variables: how many of each kind enter, then what is short and what is over of each value
    matrix = np.block(
        [
            [kinds.T.reshape(rows, many), np.eye(rows), np.zeros((rows, rows))],
            [kinds.T.reshape(rows, many), np.zeros((rows, rows)), -np.eye(rows)],
            [np.ones((1, many)), np.zeros((1, 2 * rows))],
        ]
    ).astype(float)
    free = np.full(2 * rows, np.inf)
    programme = IntegerProgramme(
        np.concatenate([np.zeros(many), -weights, -weights]),
        np.zeros(many + 2 * rows),
        np.concatenate([numbers.astype(float), free]),
        matrix,
        np.concatenate(
            [lower - counts, np.full(rows, -np.inf), [float(vacant) if exactly else 0.0]]
        ).astype(float),
        np.concatenate([np.full(rows, np.inf), upper - counts, [float(vacant)]]).astype(float),
        np.concatenate([np.ones(many, dtype=bool), np.zeros(2 * rows, dtype=bool)]),
    )
    found = programme.solve()
    if found is None:
        return float("inf")
    return float(np.concatenate([weights, weights]) @ found[many:])
