"""On the day: some are missing, and as few as possible of those who came change their table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, permutations

from isegoria.errors import BadInput, Infeasible
from isegoria.tables.measures import Rounds, meetings

_MIX_WEIGHT = 20
"""As in planning: one person too many of a value weighs like 20 repeated pairs."""
_FIRST_WEIGHT = 10_000
"""As in planning: one person too many of a value that is shared out first."""


def moves_needed(sizes: Sequence[int]) -> int:
    """Return the fewest persons who must change tables so that the sizes differ by at most 1.

    Examples
    --------
    >>> moves_needed([8, 8, 5, 8])
    2
    """
    each, more = divmod(sum(sizes), len(sizes))
    largest = sorted(sizes, reverse=True)
    return sum(max(0, size - each - (place < more)) for place, size in enumerate(largest))


def reseat(
    tables: Sequence[Sequence[str]],
    missing: Collection[str],
    features: Mapping[str, Mapping[str, str]],
    *,
    apart: Iterable[Sequence[str]] = (),
    together: Iterable[Sequence[str]] = (),
    pinned: Iterable[str] = (),
    earlier: Rounds = (),
    arriving: Mapping[str, int | None] | None = None,
    first: Collection[str] = (),
) -> tuple[tuple[str, ...], ...]:
    """Return the tables of a round without the missing, evened out by single moves from large tables to small ones.

    Parameters
    ----------
    tables
        Ids at each table, as planned.
    missing
        Ids of those who did not come.
    features
        Id to feature to value, of everybody at the tables and of those who arrive.
    apart
        Groups of ids of whom no two may share a table.
    together
        Groups of ids who sit together; nobody of them is moved.
    pinned
        Ids of those who keep their table.
    earlier
        Rounds already held.
    arriving
        Ids of those who came and have no table, each with the table (from 0) where she must sit, or None.
    first
        Features that count before all others when it is chosen who moves; nobody moves more for them.

    Raises
    ------
    BadInput
        `tables_id_unknown`, if somebody missing is not at the tables or an arrival's table does not exist;
        `tables_id_repeated`, if somebody arrives who sits already; `tables_nobody`, if nobody came.
    Infeasible
        `tables_impossible`, if no table is left for somebody who arrives.

    Notes
    -----
    Those who arrive are seated first: at their own table, else with their block, else at the smallest table where
    they may sit. Guarantee: never more moves of others than `moves_needed` of the sizes then; nobody moves twice;
    the conditions hold as they held before. The sizes differ by at most 1 afterwards, unless conditions leave
    nobody who may move. Each move goes between tables of the largest difference in size, and is the one that
    leaves these two with the evenest mix and fewest repeated meetings; the first of equal ones by table and id.
    """
    known = {one for table in tables for one in table}
    if unknown := set(missing) - known:
        raise BadInput("tables_id_unknown", count=len(unknown))
    arriving = arriving or {}
    if not known.isdisjoint(arriving):
        raise BadInput("tables_id_repeated")
    if strayed := [one for one, place in arriving.items() if place not in {None, *range(len(tables))}]:
        raise BadInput("tables_id_unknown", count=len(strayed))
    seats = [sorted(one for one in table if one not in missing) for table in tables]
    if not any(seats) and not arriving:
        raise BadInput("tables_nobody")
    met = meetings(earlier)
    foes = {pair for group in apart for pair in combinations(sorted(set(group)), 2)}
    blocks = [set(group) for group in together]
    held = {*pinned, *arriving, *(one for block in blocks for one in block)}
    weights = {
        name: _FIRST_WEIGHT if name in first else _MIX_WEIGHT for told in features.values() for name in told
    }
    for one in sorted(arriving, key=lambda one: (arriving[one] is None, one)):
        place = _place_for(one, arriving[one], seats, blocks, foes, features, met, weights)
        seats[place] = sorted([*seats[place], one])
    for _ in range(moves_needed([len(table) for table in seats])):
        best = None
        sizes = [len(table) for table in seats]
        for gap in range(max(sizes) - min(sizes), 1, -1):
            pairs = [
                (source, target)
                for source, target in permutations(range(len(seats)), 2)
                if sizes[source] - sizes[target] == gap
            ]
            best = min(
                (
                    (cost, source, one, target)
                    for source, target in pairs
                    for cost, one in _moves(seats[source], seats[target], features, met, weights)
                    if one not in held and not any(_pair(one, other) in foes for other in seats[target])
                ),
                default=None,
            )
            if best is not None:
                break
        if best is None:
            break
        _, source, one, target = best
        seats[source].remove(one)
        seats[target] = sorted([*seats[target], one])
        held.add(one)
    return tuple(tuple(table) for table in seats)


def _place_for(
    one: str,
    wanted: int | None,
    seats: Sequence[Sequence[str]],
    blocks: Sequence[set[str]],
    foes: Collection[tuple[str, str]],
    features: Mapping[str, Mapping[str, str]],
    met: Mapping[tuple[str, str], int],
    weights: Mapping[str, int],
) -> int:
    """Return the table of somebody who arrives; the smallest one, and of equal ones that of the best mix."""
    beside = {other for block in blocks if one in block for other in block}
    places = [place for place, table in enumerate(seats) if not beside.isdisjoint(table)]
    if wanted is not None:
        places = [wanted]
    free = [
        (len(seats[place]), _cost_of_arriving(seats[place], one, features, met, weights), place)
        for place in places or range(len(seats))
        if not any(_pair(one, other) in foes for other in seats[place])
    ]
    if not free:
        raise Infeasible("tables_impossible")
    return min(free)[2]


def _cost_of_arriving(
    table: Sequence[str],
    one: str,
    features: Mapping[str, Mapping[str, str]],
    met: Mapping[tuple[str, str], int],
    weights: Mapping[str, int],
) -> int:
    """Return how many at a table share a value with somebody, and how often they met, weighed as in planning."""
    alike = sum(
        weights[name] * (features[other].get(name) == value)
        for other in table
        for name, value in features[one].items()
    )
    return alike + sum(met.get(_pair(one, other), 0) for other in table)


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _moves(
    source: Sequence[str],
    target: Sequence[str],
    features: Mapping[str, Mapping[str, str]],
    met: Mapping[tuple[str, str], int],
    weights: Mapping[str, int],
) -> Iterator[tuple[int, str]]:
    """Yield what each move from one table to another costs: the mix of the two afterwards, and the repeats.

    The mix is `imbalance` of the two tables as they would be. How many of a value both have together, and their sizes
    afterwards, are the same whoever moves, so that only her own values are counted anew.
    """
    here, there = (
        Counter(value for one in table for value in features[one].items()) for table in (source, target)
    )
    persons = len(source) + len(target)
    base, change = 0, {}
    for value in here.keys() | there.keys():
        total = here[value] + there[value]
        now = _missed(here[value], total, len(source) - 1, persons) + _missed(
            there[value], total, len(target) + 1, persons
        )
        then = _missed(here[value] - 1, total, len(source) - 1, persons) + _missed(
            there[value] + 1, total, len(target) + 1, persons
        )
        weight = weights[value[0]]
        base, change[value] = base + weight * now, weight * (then - now)
    for one in source:
        repeated = sum(met.get(_pair(one, other), 0) for other in target)
        repeated -= sum(met.get(_pair(one, other), 0) for other in source if other != one)
        yield base + sum(change[value] for value in features[one].items()) + repeated, one


def _missed(count: int, total: int, size: int, persons: int) -> int:
    """Return by how many persons a table misses an even share of a value."""
    least, rest = divmod(total * size, persons)
    return max(0, count - least - (rest > 0), least - count)
