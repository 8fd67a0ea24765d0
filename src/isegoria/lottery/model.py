"""What a lottery is: types, compositions, tickets; and its document in whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from isegoria.errors import BadInput
from isegoria.pool import Pool, Quotas
from isegoria.proof.certificate import Certified, verify_certificate

FORMAT = "isegoria-lottery/1"


@dataclass(frozen=True, slots=True)
class Type:
    """People with the same features: interchangeable, with equal chances.

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
class Composition:
    """How many people of each type a panel holds, and how many tickets it owns.

    Attributes
    ----------
    counts
        Shape (types,), whole numbers.
    tickets
        1 or more.
    """

    counts: tuple[int, ...]
    tickets: int


@dataclass(frozen=True, slots=True)
class Lottery:
    """A probability distribution over panels, in whole numbers.

    Attributes
    ----------
    types
        In canonical order.
    compositions
        Each meets the quotas; its chance is its share of the tickets.
    size
        Number of members of a panel.
    quotas
        That every composition meets.
    objective
        What was made as fair as possible: `leximin`, `maximin` or `nash`.
    certificate
        The proof of it for `isegoria.proof.certificate`; None where the tickets were rounded since.
    """

    types: tuple[Type, ...]
    compositions: tuple[Composition, ...]
    size: int
    quotas: Quotas
    objective: str
    certificate: Mapping[str, Any] | None = None

    @property
    def tickets(self) -> int:
        """The number of tickets; each is equally likely. Below 2^53."""
        return sum(one.tickets for one in self.compositions)

    @property
    def people(self) -> int:
        """The number of people in the pool."""
        return sum(one.count for one in self.types)

    def chance(self, type_index: int) -> Fraction:
        """Return the exact chance of each person of a type."""
        expected = sum(one.counts[type_index] * one.tickets for one in self.compositions)
        return Fraction(expected, self.tickets * self.types[type_index].count)

    def type_chances(self) -> tuple[Fraction, ...]:
        """Return the exact chances, shape (types,)."""
        return tuple(self.chance(index) for index in range(len(self.types)))

    def chances(self) -> dict[str, Fraction]:
        """Return the exact chance of every person, by id in canonical order."""
        of_types = self.type_chances()
        found = {
            identifier: chance
            for one, chance in zip(self.types, of_types, strict=True)
            for identifier in one.ids
        }
        return dict(sorted(found.items()))

    def verify(self) -> Certified:
        """Return what the certificate proves about this lottery, in exact arithmetic.

        Raises
        ------
        BadInput
            `certificate_wrong`, if there is none or it belongs to another lottery.
        """
        if self.certificate is None:
            raise BadInput("certificate_wrong", detail="there is none")
        return verify_certificate(self.types, self.quotas, self.size, self.type_chances(), self.certificate)

    def to_document(self) -> dict[str, Any]:
        """Return the lottery as JSON values: text, whole numbers, lists and objects.

        The counts of a composition stand as pairs `[type, count]` without the zeros.
        """
        return {
            "format": FORMAT,
            "objective": self.objective,
            "size": self.size,
            "tickets": self.tickets,
            "quotas": self.quotas.to_document(),
            "types": [{"features": dict(one.features), "ids": list(one.ids)} for one in self.types],
            "compositions": [
                {
                    "tickets": one.tickets,
                    "counts": [[index, count] for index, count in enumerate(one.counts) if count],
                }
                for one in self.compositions
            ],
            "certificate": self.certificate,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Lottery:
        """Return the lottery that `to_document` wrote.

        Raises
        ------
        BadInput
            `lottery_document`, if it is something else or contradicts itself.
        """
        try:
            if document["format"] != FORMAT:
                raise BadInput("lottery_document", detail="another format")
            types = tuple(Type(dict(one["features"]), tuple(one["ids"])) for one in document["types"])
            lottery = cls(
                types,
                tuple(
                    Composition(_dense(one["counts"], len(types)), one["tickets"])
                    for one in document["compositions"]
                ),
                document["size"],
                Quotas.from_document(document["quotas"]),
                document["objective"],
                document["certificate"],
            )
            tickets = document["tickets"]
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise BadInput("lottery_document", detail="a field is missing or has another form") from error
        lottery.check(tickets)
        return lottery

    def check(self, tickets: int) -> None:
        """Return if the tickets add up and every composition is a panel that meets the quotas.

        Raises
        ------
        BadInput
            `lottery_document`, naming the composition by its number.
        """
        if not self.compositions or self.tickets != tickets:
            raise BadInput("lottery_document", detail="the tickets do not add up")
        members = {
            quota: [index for index, one in enumerate(self.types) if quota.counts(one.features)]
            for quota in self.quotas
        }
        for number, one in enumerate(self.compositions):
            fits = (
                one.tickets > 0
                and sum(one.counts) == self.size
                and all(0 <= c <= t.count for c, t in zip(one.counts, self.types, strict=True))
                and all(
                    quota.minimum <= sum(one.counts[index] for index in indices) <= quota.maximum
                    for quota, indices in members.items()
                )
            )
            if not fits:
                raise BadInput("lottery_document", detail=f"composition {number} breaks the rules")


def types_of(pool: Pool, quotas: Quotas) -> tuple[Type, ...]:
    """Return the types of a pool in canonical order: by their values in the order of the feature names."""
    features = sorted(quotas.features)
    groups: dict[tuple[str, ...], list[str]] = {}
    for entry in pool:
        groups.setdefault(tuple(entry.features[name] for name in features), []).append(entry.id)
    return tuple(
        Type(dict(zip(features, values, strict=True)), tuple(groups[values])) for values in sorted(groups)
    )


def _dense(pairs: Sequence[Sequence[int]], length: int) -> tuple[int, ...]:
    counts = [0] * length
    for index, count in pairs:
        if index < 0 or not isinstance(count, int):
            raise ValueError("not a count")
        counts[index] = count
    return tuple(counts)
