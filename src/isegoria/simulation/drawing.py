"""The draws of a simulation: quotas that follow the population, and the real lottery under them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from isegoria import lottery
from isegoria.pool import Entry, Pool, Quota, Quotas
from isegoria.pool.quotas import floor_ceiling_quotas
from isegoria.rulebook import Body
from isegoria.simulation.scenario import OTHERS, People, kept_groups


@dataclass(frozen=True, slots=True)
class Drawn:
    """Members and alternates in the drawn order, the chances of all, and by how many seats quotas moved."""

    members: tuple[str, ...]
    alternates: tuple[str, ...]
    chances: Mapping[str, float]
    relaxed: int


def quotas_of(people: People, body: Body, size: int, on: date) -> Quotas:
    """Return the quotas of a whole body: the population's shares, rounded down and up, and the kept seats."""
    shares = people.shares(body, on)  # none where the only feature is age, and seats are kept by age
    rows = list(floor_ceiling_quotas(shares, size)) if shares else []
    for feature, groups in kept_groups(body).items():
        kept = {each.key: each.needed(size) for each in groups}
        room = size - sum(kept.values())
        rows += [
            Quota(feature, each.key, kept[each.key], kept[each.key] + (0 if each.exact else room))
            for each in groups
        ]
        rows.append(Quota(feature, OTHERS, 0, room))
    return Quotas(tuple(rows))


def draw(
    entries: Sequence[Entry],
    quotas: Quotas,
    sitting: Sequence[Entry],
    seats: int,
    alternates: int,
    seed: str,
) -> Drawn:
    """Draw members for `seats` seats so that, with those who sit already, the whole body meets its quotas.

    Quotas that cannot be met are moved by as few seats as possible, which a secretariat would have to decide and
    publish; the result says by how many. Every rotation has letters and a pool of its own here, so that there is no
    pool to look ahead in.
    """
    pool = Pool(tuple(entries))
    whole, moved = _possible(pool, quotas, [one.features for one in sitting], seats)
    terms = [lottery.Term(one) for one in sitting]
    fair = lottery.rotation(pool, whole, len(sitting) + seats, terms, 0, horizon=0).lottery
    outcome = lottery.draw(fair, seed, min(alternates, len(pool) - seats))
    chances = {person: float(chance) for person, chance in fair.chances().items()}
    return Drawn(outcome.members, outcome.alternates, chances, moved)


def _possible(
    pool: Pool, quotas: Quotas, sitting: Sequence[Mapping[str, str]], seats: int
) -> tuple[Quotas, int]:
    """Return quotas of the whole body that can be met with those who sit, and by how many seats they were moved."""
    residual, moved = _open(lottery.residual_quotas(quotas, sitting), seats)
    found = lottery.check(pool, residual, seats, forced=False)
    if not found.feasible:
        changes = found.smallest or ()
        moved += sum(change.seats for change in changes)
        residual = lottery.relaxed(residual, changes)
    rows, left = [], {(row.feature, row.value): row for row in residual}
    for quota in quotas:
        vacant = left[quota.feature, quota.value]
        there = sum(quota.counts(one) for one in sitting)
        moved += max(0, there - quota.maximum)  # more sit than the quota allows; nobody more is drawn
        low, high = min(quota.minimum, there + vacant.minimum), max(quota.maximum, there + vacant.maximum)
        rows.append(Quota(quota.feature, quota.value, low, high))
    return Quotas(tuple(rows)), moved


def _open(quotas: Quotas, seats: int) -> tuple[Quotas, int]:
    """Return quotas whose sums leave room for the seats, and by how many seats they had to be moved for that."""
    rows: list[Quota] = []
    moved = 0
    for feature in quotas.features:
        own = list(quotas.of(feature))
        over, under = sum(q.minimum for q in own) - seats, seats - sum(q.maximum for q in own)
        while over > 0:
            largest = max(range(len(own)), key=lambda index: own[index].minimum)
            row = own[largest]
            own[largest] = Quota(feature, row.value, row.minimum - 1, row.maximum)
            over, moved = over - 1, moved + 1
        while under > 0:
            largest = max(range(len(own)), key=lambda index: own[index].maximum)
            row = own[largest]
            own[largest] = Quota(feature, row.value, row.minimum, row.maximum + 1)
            under, moved = under - 1, moved + 1
        rows += own
    return Quotas(tuple(rows)), moved


def chances_by_group(
    entries: Iterable[Entry], chances: Mapping[str, float]
) -> dict[tuple[str, str], float]:
    """Return the mean chance in the pool by feature and value."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for entry in entries:
        for feature, value in entry.features.items():
            found[feature, value].append(chances[entry.id])
    return {group: sum(own) / len(own) for group, own in sorted(found.items())}
