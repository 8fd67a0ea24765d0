"""Intersectional quotas: how many members of the panel have several values at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from isegoria.errors import BadInput
from isegoria.pool.people import Pool
from isegoria.pool.quotas import Quota, Quotas

JOIN = " × "
REST = "all others"
"""The value of everybody who is in none of the cells that have a quota."""


@dataclass(frozen=True, slots=True)
class Intersection:
    """The panel has at least `minimum` and at most `maximum` members with all of these values.

    Parameters
    ----------
    values
        Feature to value, of two features or more.
    minimum, maximum, min_flex, max_flex
        As of a `Quota`.

    Raises
    ------
    BadInput
        `intersection_narrow` with fewer than two features.
    """

    values: tuple[tuple[str, str], ...]
    minimum: int
    maximum: int
    min_flex: int | None = None
    max_flex: int | None = None

    def __post_init__(self) -> None:
        if len({feature for feature, _ in self.values}) < max(2, len(self.values)):
            raise BadInput("intersection_narrow")


def intersect(
    pool: Pool, quotas: Quotas, intersections: Iterable[Intersection], size: int
) -> tuple[Pool, Quotas]:
    """Return the pool and the quotas with one further feature for each set of features that meet.

    Whoever is a woman of 16–24 has the value `f × 16–24` of the feature `sex × age`, so that an intersection is an
    ordinary quota everywhere else: in the lottery, its certificate, its record and in the words of a conflict. No
    two people of one type become different, because the value follows from the others.

    Parameters
    ----------
    pool
        Not yet drawn from; every person has a value of every feature of the quotas.
    quotas
        Of the single features.
    intersections
        In any order; at most one per cell. Features stand in the order of `quotas`, whatever their order here.
    size
        Number of members; nobody limits how many of them are in no cell.

    Raises
    ------
    BadInput
        `intersection_unknown`, if a quota does not know the feature or value; `quota_repeated`, if a cell stands
        twice; `intersection_name`, if the pool has a feature of that name already.

    Examples
    --------
    >>> from isegoria.pool import Entry
    >>> pool = Pool((Entry("a", {"sex": "f", "age": "old"}), Entry("b", {"sex": "m", "age": "old"})))
    >>> quotas = Quotas((Quota("sex", "f", 0, 1), Quota("sex", "m", 0, 1), Quota("age", "old", 0, 1)))
    >>> wider, more = intersect(pool, quotas, [Intersection((("age", "old"), ("sex", "f")), 1, 1)], 1)
    >>> [entry.features["sex × age"] for entry in wider], more.rows[-2:]
    (['f × old', 'all others'], (Quota(feature='sex × age', value='f × old', minimum=1, maximum=1, min_flex=None, max_flex=None), Quota(feature='sex × age', value='all others', minimum=0, maximum=1, min_flex=None, max_flex=None)))
    """
    order = list(quotas.features)
    cells: dict[tuple[str, ...], list[tuple[tuple[str, ...], Intersection]]] = {}
    for one in intersections:
        _check_known(one, quotas)
        values = dict(one.values)
        features = tuple(sorted(values, key=order.index))
        cells.setdefault(features, []).append((tuple(values[feature] for feature in features), one))
    for features in sorted(cells, key=lambda names: [order.index(name) for name in names]):
        pool, quotas = _with_feature(pool, quotas, features, cells[features], size)
    return pool, quotas


def _check_known(one: Intersection, quotas: Quotas) -> None:
    for feature, value in one.values:
        if value not in quotas.features.get(feature, ()):
            raise BadInput("intersection_unknown", feature=feature, value=value)


def _with_feature(
    pool: Pool,
    quotas: Quotas,
    features: Sequence[str],
    cells: Sequence[tuple[tuple[str, ...], Intersection]],
    size: int,
) -> tuple[Pool, Quotas]:
    name = JOIN.join(features)
    if name in quotas.features:
        raise BadInput("intersection_name", feature=name)
    with_quota = {values for values, _ in cells}
    entries = tuple(
        replace(
            entry,
            features={
                **entry.features,
                name: JOIN.join(own)
                if (own := tuple(entry.features.get(one, "") for one in features)) in with_quota
                else REST,
            },
        )
        for entry in pool
    )
    rows = [
        Quota(name, JOIN.join(values), one.minimum, one.maximum, one.min_flex, one.max_flex)
        for values, one in sorted(cells, key=lambda cell: cell[0])
    ]
    if any(entry.features[name] == REST for entry in entries):
        rows.append(Quota(name, REST, 0, size))
    return replace(pool, entries=entries), Quotas((*quotas.rows, *rows))
