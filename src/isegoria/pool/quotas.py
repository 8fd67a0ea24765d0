"""Quotas: how many members of the panel have each value of each feature."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isegoria.errors import BadInput, collect

SHARES_SUM = 0.005
"""How far published shares of a feature may miss 1: three decimals for ten values, and no more."""
WHOLE = 1e-9
"""A product of share and size this near to a whole number is that number."""


@dataclass(frozen=True, slots=True)
class Quota:
    """The panel has at least `minimum` and at most `maximum` members with this value.

    Parameters
    ----------
    feature, value
        Which people are counted: those whose `feature` is `value`.
    minimum, maximum
        Whole numbers, 0 ≤ minimum ≤ maximum.
    min_flex, max_flex
        How far the two may be relaxed if the quotas cannot be met, 0 ≤ min_flex ≤ minimum and
        maximum ≤ max_flex; None means no limit.

    Raises
    ------
    BadInput
        `quota_negative`, `quota_reversed`, `quota_flex`.
    """

    feature: str
    value: str
    minimum: int
    maximum: int
    min_flex: int | None = None
    max_flex: int | None = None

    def __post_init__(self) -> None:
        if min(self.minimum, self.maximum, self.min_flex or 0, self.max_flex or 0) < 0:
            raise BadInput("quota_negative", feature=self.feature, value=self.value)
        if self.minimum > self.maximum:
            raise BadInput(
                "quota_reversed",
                feature=self.feature,
                value=self.value,
                minimum=self.minimum,
                maximum=self.maximum,
            )
        too_high = self.min_flex is not None and self.min_flex > self.minimum
        too_low = self.max_flex is not None and self.max_flex < self.maximum
        if too_high or too_low:
            raise BadInput("quota_flex", feature=self.feature, value=self.value)

    def counts(self, features: Mapping[str, str]) -> bool:
        """Return whether a person with these features counts for this quota."""
        return features.get(self.feature) == self.value


@dataclass(frozen=True, slots=True)
class Quotas:
    """The quotas of a panel, in the order of their publication.

    Parameters
    ----------
    rows
        At most one quota per feature and value.

    Raises
    ------
    BadInput
        `quota_repeated`, naming feature and value; `quotas_none` without any row.

    Examples
    --------
    >>> quotas = Quotas((Quota("sex", "f", 1, 2), Quota("sex", "m", 1, 2)))
    >>> quotas.features
    {'sex': ('f', 'm')}
    """

    rows: tuple[Quota, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple(self.rows))
        if not self.rows:
            raise BadInput("quotas_none")
        seen: set[tuple[str, str]] = set()
        for row in self.rows:
            if (row.feature, row.value) in seen:
                raise BadInput("quota_repeated", feature=row.feature, value=row.value)
            seen.add((row.feature, row.value))

    def __iter__(self) -> Iterator[Quota]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def features(self) -> dict[str, tuple[str, ...]]:
        """The values of each feature, both in the order of the rows."""
        values: dict[str, list[str]] = {}
        for row in self.rows:
            values.setdefault(row.feature, []).append(row.value)
        return {feature: tuple(found) for feature, found in values.items()}

    def of(self, feature: str) -> tuple[Quota, ...]:
        """Return the quotas of one feature."""
        return tuple(row for row in self.rows if row.feature == feature)

    def check(self, size: int, people: int | None = None) -> None:
        """Return if the sums of each feature leave room for a panel of this size.

        Parameters
        ----------
        size
            Number of members, 1 or more.
        people
            Number of people in the pool; None if it is not known yet.

        Raises
        ------
        BadInput
            `size_not_positive`, `size_over_pool`, `quota_sum_high` and `quota_sum_low`, the last two
            with the feature and both numbers; several of them together.
        """
        if size < 1:
            raise BadInput("size_not_positive", size=size)
        if people is not None and size > people:
            raise BadInput("size_over_pool", size=size, people=people)
        collect([fault for feature in self.features for fault in _sum_faults(self.of(feature), size)])

    def to_document(self) -> list[dict[str, Any]]:
        """Return the rows as JSON objects with `feature,value,minimum,maximum[,min_flex,max_flex]`."""
        return [_row_document(row) for row in self.rows]

    @classmethod
    def from_document(cls, rows: Iterable[Mapping[str, Any]]) -> Quotas:
        """Return the quotas that `to_document` wrote."""
        return cls(tuple(Quota(**row) for row in rows))


def _sum_faults(rows: Sequence[Quota], size: int) -> Iterator[BadInput]:
    least, most = sum(row.minimum for row in rows), sum(row.maximum for row in rows)
    if least > size:
        yield BadInput("quota_sum_high", feature=rows[0].feature, total=least, size=size)
    if most < size:
        yield BadInput("quota_sum_low", feature=rows[0].feature, total=most, size=size)


def _row_document(row: Quota) -> dict[str, Any]:
    document: dict[str, Any] = {
        "feature": row.feature,
        "value": row.value,
        "minimum": row.minimum,
        "maximum": row.maximum,
    }
    if row.min_flex is not None:
        document["min_flex"] = row.min_flex
    if row.max_flex is not None:
        document["max_flex"] = row.max_flex
    return document


def floor_ceiling_quotas(shares: Mapping[str, Mapping[str, float]], size: int) -> Quotas:
    """Return quotas that follow the population: the share of the seats, rounded down and up.

    Parameters
    ----------
    shares
        For each feature the share of the population with each value, in [0, 1]; they sum to 1 up to
        0.005 and are scaled to exactly 1.
    size
        Number of members, 1 or more.

    Raises
    ------
    BadInput
        `size_not_positive`, `share_out_of_range`, `shares_sum`.

    Notes
    -----
    Guarantee: for each feature alone a panel exists, because the floors sum to at most `size` and the
    ceilings to at least `size`. Features together may still conflict with the pool.

    Examples
    --------
    >>> [(q.value, q.minimum, q.maximum) for q in floor_ceiling_quotas({"sex": {"f": 0.51, "m": 0.49}}, 10)]
    [('f', 5, 6), ('m', 4, 5)]
    """
    if size < 1:
        raise BadInput("size_not_positive", size=size)
    rows: list[Quota] = []
    for feature, of_values in shares.items():
        _check_shares(feature, of_values)
        total = math.fsum(of_values.values())
        rows += [_around(feature, value, share / total * size) for value, share in of_values.items()]
    return Quotas(tuple(rows))


def _check_shares(feature: str, shares: Mapping[str, float]) -> None:
    for value, share in shares.items():
        if not 0 <= share <= 1:
            raise BadInput("share_out_of_range", feature=feature, value=value)
    total = math.fsum(shares.values())
    if abs(total - 1) > SHARES_SUM:
        raise BadInput("shares_sum", feature=feature, total=f"{total:.4f}")


def _around(feature: str, value: str, seats: float) -> Quota:
    nearest = round(seats)
    if abs(seats - nearest) < WHOLE:
        return Quota(feature, value, nearest, nearest)
    return Quota(feature, value, math.floor(seats), math.ceil(seats))
