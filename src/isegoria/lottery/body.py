"""The whole body behind a lottery for its vacant seats: who sits already, and whether all together meet the quotas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isegoria.errors import BadInput
from isegoria.pool import Entry, Quota, Quotas


@dataclass(frozen=True, slots=True)
class Alike:
    """People with the same features.

    Attributes
    ----------
    features
        Feature to value, in the order of the feature names.
    ids
        Of the people, in canonical order.
    """

    features: Mapping[str, str]
    ids: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many people."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Sitting(Alike):
    """Members who stay and have the same features."""


@dataclass(frozen=True, slots=True)
class Excess:
    """More members sit already than a maximum of the whole body allows; nobody more is drawn with this value."""

    quota: Quota
    sitting: int

    def __str__(self) -> str:
        """Say it in words: `sex f: 3 sit already, the maximum is 2`."""
        name = f"{self.quota.feature} {self.quota.value}"
        return f"{name}: {self.sitting} sit already, the maximum is {self.quota.maximum}"


@dataclass(frozen=True, slots=True)
class Tightened:
    """One quota of the draw before and after the look-ahead, and the rotation that asks for it."""

    before: Quota
    after: Quota
    when: str
    leaving: int

    def __str__(self) -> str:
        """Say it in words: `sex f: minimum 3 instead of 1, because 9 of them leave until 2027-03-01`."""
        parts = [
            f"{name} {new} instead of {old}"
            for name, new, old in (
                ("minimum", self.after.minimum, self.before.minimum),
                ("maximum", self.after.maximum, self.before.maximum),
            )
            if new != old
        ]
        why = (
            f"{self.leaving} of them leave until {self.when}"
            if self.leaving
            else f"of those who leave until {self.when}"
        )
        return f"{self.before.feature} {self.before.value}: {', '.join(parts)}, because {why}"

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        before, after = Quotas((self.before,)).to_document()[0], Quotas((self.after,)).to_document()[0]
        return {"before": before, "after": after, "rotation": self.when, "leaving": self.leaving}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Tightened:
        """Return what `to_document` wrote."""
        return cls(
            Quota(**document["before"]),
            Quota(**document["after"]),
            document["rotation"],
            document["leaving"],
        )


@dataclass(frozen=True, slots=True)
class Body:
    """The body that a lottery completes.

    Attributes
    ----------
    size
        Of the whole body, those who sit among them.
    quotas
        Of the whole body.
    sitting
        Those who stay, by features.
    ahead
        Quotas of the draw that are tighter than the vacant seats alone ask, so that later rotations can be filled.
    """

    size: int
    quotas: Quotas
    sitting: tuple[Sitting, ...]
    ahead: tuple[Tightened, ...] = ()

    @property
    def staying(self) -> int:
        """How many members stay."""
        return sum(one.count for one in self.sitting)

    @property
    def vacant(self) -> int:
        """How many seats the lottery fills."""
        return self.size - self.staying

    @property
    def ids(self) -> frozenset[str]:
        """Of those who stay."""
        return frozenset(identifier for one in self.sitting for identifier in one.ids)

    def sits(self, quota: Quota) -> int:
        """Return how many of those who stay count for a quota."""
        return sum(one.count for one in self.sitting if quota.counts(one.features))

    @property
    def excess(self) -> tuple[Excess, ...]:
        """Where more sit already than a maximum allows: accepted by whoever asked for the lottery."""
        pairs = ((quota, self.sits(quota)) for quota in self.quotas)
        return tuple(Excess(quota, there) for quota, there in pairs if there > quota.maximum)

    def faults(
        self, kinds: Sequence[Mapping[str, str]], compositions: Iterable[Sequence[int]]
    ) -> Iterator[str]:
        """Yield in words where the whole body, with a composition in the vacant seats, misses what it promises.

        Parameters
        ----------
        kinds
            The features of each type of the lottery.
        compositions
            Each of shape (types,).
        """
        there = [self.sits(quota) for quota in self.quotas]
        having = [
            [index for index, features in enumerate(kinds) if quota.counts(features)]
            for quota in self.quotas
        ]
        for number, counts in enumerate(compositions):
            if sum(counts) != self.vacant:
                yield f"with composition {number} the body has not {self.size} members"
            for quota, sit, types in zip(self.quotas, there, having, strict=True):
                count = sit + sum(counts[t] for t in types)
                if not quota.minimum <= count <= max(sit, quota.maximum):
                    yield f"with composition {number} the body has {count} of {quota.feature}: {quota.value}"

    def to_document(self) -> dict[str, Any]:
        """Return the body as JSON values; `ahead` is there where the look-ahead changed something."""
        ahead = {"ahead": [one.to_document() for one in self.ahead]} if self.ahead else {}
        return {
            "size": self.size,
            "quotas": self.quotas.to_document(),
            "sitting": [{"features": dict(one.features), "ids": list(one.ids)} for one in self.sitting],
        } | ahead

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Body:
        """Return the body that `to_document` wrote."""
        return cls(
            document["size"],
            Quotas.from_document(document["quotas"]),
            tuple(Sitting(dict(one["features"]), tuple(one["ids"])) for one in document["sitting"]),
            tuple(Tightened.from_document(one) for one in document.get("ahead", ())),
        )


def body_of(quotas: Quotas, size: int, sitting: Iterable[Entry]) -> Body:
    """Return the body of which some sit already.

    Raises
    ------
    BadInput
        `sitting_repeated`, `sitting_without_value`, `sitting_over_size`.
    """
    members = sorted(sitting, key=lambda one: one.id)
    repeated = len(members) - len({one.id for one in members})
    if repeated:
        raise BadInput("sitting_repeated", count=repeated)
    for feature, values in quotas.features.items():
        missing = sum(one.features.get(feature) not in values for one in members)
        if missing:
            raise BadInput("sitting_without_value", feature=feature, count=missing)
    if len(members) > size:
        raise BadInput("sitting_over_size", count=len(members), size=size)
    features = sorted(quotas.features)
    groups: dict[tuple[str, ...], list[str]] = {}
    for one in members:
        groups.setdefault(tuple(one.features[name] for name in features), []).append(one.id)
    return Body(
        size,
        quotas,
        tuple(Sitting(dict(zip(features, key, strict=True)), tuple(groups[key])) for key in sorted(groups)),
    )
