"""What a lottery is: types, compositions, tickets; and its document in whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from isegoria.errors import BadInput
from isegoria.lottery.body import Body
from isegoria.pool import Pool, Quotas
from isegoria.proof.certificate import EARLIER, Certified, Row, verify_certificate

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
class HouseholdClass:
    """Households that are alike: the same features of their members. At most one person of each is drawn.

    Attributes
    ----------
    types
        The types of their members, as indices; nobody else belongs to these types.
    households
        The ids of the members of each household, at least two.
    """

    types: tuple[int, ...]
    households: tuple[tuple[str, ...], ...]

    @property
    def limit(self) -> Row:
        """The condition on a panel: no more people than households."""
        return Row(self.types, 0, len(self.households))


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
        The proof of it for `isegoria.proof.certificate`; None where there is none.
    households
        Classes of households of which at most one person each is drawn; empty without this rule.
    body
        The whole body, where some sit already and the lottery fills the vacant seats; else None.
    """

    types: tuple[Type, ...]
    compositions: tuple[Composition, ...]
    size: int
    quotas: Quotas
    objective: str
    certificate: Mapping[str, Any] | None = None
    households: tuple[HouseholdClass, ...] = ()
    body: Body | None = None

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
        tickets = self.tickets
        expected = [0] * len(self.types)
        for one in self.compositions:
            counts = np.array(one.counts)
            for index in np.flatnonzero(counts).tolist():
                expected[index] += one.counts[index] * one.tickets
        return tuple(
            Fraction(seats, tickets * one.count) for seats, one in zip(expected, self.types, strict=True)
        )

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
        limits = [one.limit for one in self.households]
        return verify_certificate(
            self.types, self.quotas, self.size, self.type_chances(), self.certificate, limits
        )

    def to_document(self) -> dict[str, Any]:
        """Return the lottery as JSON values: text, whole numbers, lists and objects.

        The counts of a composition stand as pairs `[type, count]` without the zeros. `body` is there where the
        lottery fills the vacant seats of one.
        """
        whole = {} if self.body is None else {"body": self.body.to_document()}
        return whole | {
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
            "households": [
                {"types": list(one.types), "households": [list(ids) for ids in one.households]}
                for one in self.households
            ],
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
                tuple(
                    HouseholdClass(tuple(one["types"]), tuple(tuple(ids) for ids in one["households"]))
                    for one in document.get("households", ())
                ),
                Body.from_document(document["body"]) if "body" in document else None,
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
        most = np.array([one.count for one in self.types])
        rules = [*self.quotas.rows, *self.households]
        members = np.zeros((len(rules), len(self.types)), dtype=np.int64)
        for row, quota in enumerate(self.quotas):
            members[row] = [quota.counts(one.features) for one in self.types]
        for row, home in enumerate(self.households, start=len(self.quotas)):
            members[row, list(home.types)] = 1
        lower = np.array([*(quota.minimum for quota in self.quotas), *(0 for _ in self.households)])
        upper = np.array(
            [*(quota.maximum for quota in self.quotas), *(len(home.households) for home in self.households)]
        )
        for number, one in enumerate(self.compositions):
            counts = np.array(one.counts)
            sums = members @ counts if len(counts) == len(most) else upper + 1
            fits = (
                one.tickets > 0
                and counts.sum() == self.size
                and counts.min(initial=0) >= 0
                and np.all(sums >= lower)
                and np.all(sums <= upper)
                and np.all(counts <= most)
            )
            if not fits:
                raise BadInput("lottery_document", detail=f"composition {number} breaks the rules")
        if self.body is not None:
            self._check_body(self.body)

    def _check_body(self, body: Body) -> None:
        fault = next(
            body.faults([one.features for one in self.types], [one.counts for one in self.compositions]),
            None,
        )
        if fault is None and not body.ids.isdisjoint(one for kind in self.types for one in kind.ids):
            fault = "somebody sits in the body and in the pool"
        if fault is not None:
            raise BadInput("lottery_document", detail=fault)


def types_of(pool: Pool, quotas: Quotas) -> tuple[tuple[Type, ...], tuple[HouseholdClass, ...]]:
    """Return the types of a pool in canonical order, and the classes of its households.

    People with different chances in earlier draws are of different types, where the pool says so. The order is by the
    values in the order of the feature names, then by the values of the people of the
    same household; people without others in their household come first.
    """
    features = sorted({*quotas.features, *(EARLIER for entry in pool if EARLIER in entry.features)})
    values = {entry.id: tuple(entry.features[name] for name in features) for entry in pool}
    homes = _households(pool)
    classes = {
        identifier: tuple(sorted(values[one] for one in home)) for home in homes for identifier in home
    }
    groups: dict[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], list[str]] = {}
    for identifier, own in values.items():
        groups.setdefault((own, classes.get(identifier, ())), []).append(identifier)
    order = sorted(groups)
    types = tuple(Type(dict(zip(features, key[0], strict=True)), tuple(groups[key])) for key in order)
    return types, tuple(
        HouseholdClass(
            tuple(index for index, key in enumerate(order) if key[1] == kind),
            tuple(home for home in homes if classes[home[0]] == kind),
        )
        for kind in sorted(set(classes.values()))
    )


def _households(pool: Pool) -> list[tuple[str, ...]]:
    """Return the ids of each household with several people in the pool, in canonical order."""
    homes: dict[str, list[str]] = {}
    for entry in pool:
        if entry.household is not None:
            homes.setdefault(entry.household, []).append(entry.id)
    return sorted(tuple(home) for home in homes.values() if len(home) > 1)


def _dense(pairs: Sequence[Sequence[int]], length: int) -> tuple[int, ...]:
    counts = [0] * length
    for index, count in pairs:
        if index < 0 or not isinstance(count, int):
            raise ValueError("not a count")
        counts[index] = count
    return tuple(counts)
