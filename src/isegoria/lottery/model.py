"""What a lottery is: types, compositions, tickets; and its document in whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import sparse

from isegoria.errors import BadInput
from isegoria.lottery.body import Alike, Body
from isegoria.pool import Pool, Quotas
from isegoria.pool.links import Group
from isegoria.proof.certificate import EARLIER, Certified, Row, rows_of, verify_certificate
from isegoria.proof.links import LinkedClass, Links

FORMAT = "isegoria-lottery/1"
Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Type(Alike):
    """People with the same features: interchangeable, with equal chances."""


@dataclass(frozen=True, slots=True)
class HouseholdClass:
    """Households that are alike: the same features of their members. At most one person of each is drawn.

    People who are kept apart by a link count as a household. Who is apart from several people who are not all apart from
    one another is alone of a type, and stands in several classes of one household each.

    Attributes
    ----------
    types
        The types of their members, as indices; nobody else belongs to these types.
    households
        The ids of the members of each household, at least two.
    """

    types: tuple[int, ...]
    households: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class TogetherClass:
    """Groups that are alike and each drawn together or not at all.

    Attributes
    ----------
    types
        One per place in a group, two or more; nobody else belongs to these types.
    groups
        The ids of each group, one per type and in this order.
    """

    types: tuple[int, ...]
    groups: tuple[tuple[str, ...], ...]


def matrix_of(rows: Sequence[Row], types: int) -> sparse.csr_matrix:
    """Return what each row counts, shape (rows, types): 1, or -1 where a type counts negatively."""
    where = np.concatenate([np.array([*row.types, *row.minus], dtype=np.int64) for row in rows])
    signs = np.concatenate([[1.0] * len(row.types) + [-1.0] * len(row.minus) for row in rows])
    starts = np.cumsum([0, *(len(row.types) + len(row.minus) for row in rows)])
    return sparse.csr_matrix((signs, where, starts), shape=(len(rows), types))


def links_of(households: Iterable[HouseholdClass], together: Iterable[TogetherClass]) -> Links:
    """Return the classes of linked people as a record holds them."""
    return Links(
        tuple(LinkedClass(one.types, one.households) for one in households),
        tuple(LinkedClass(one.types, one.groups) for one in together),
    )


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
        Classes of households, or of people kept apart, of which at most one person each is drawn.
    together
        Classes of groups who are drawn together or not at all.
    body
        The whole body, where some sit already and the lottery fills the vacant seats; else None.
    versions
        Of the software that computed it, by name; empty where a lottery was put together by hand.
    """

    types: tuple[Type, ...]
    compositions: tuple[Composition, ...]
    size: int
    quotas: Quotas
    objective: str
    certificate: Mapping[str, Any] | None = None
    households: tuple[HouseholdClass, ...] = ()
    body: Body | None = None
    together: tuple[TogetherClass, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def links(self) -> Links:
        """The same classes, as a record holds them."""
        return links_of(self.households, self.together)

    @property
    def limits(self) -> tuple[Row, ...]:
        """The conditions of linked people, in the order in which the certificate counts them."""
        return self.links.rows

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
        return verify_certificate(
            self.types, self.quotas, self.size, self.type_chances(), self.certificate, self.limits
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
            "together": [
                {"types": list(one.types), "groups": [list(ids) for ids in one.groups]}
                for one in self.together
            ],
            "versions": dict(self.versions),
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
                tuple(
                    TogetherClass(tuple(one["types"]), tuple(tuple(ids) for ids in one["groups"]))
                    for one in document.get("together", ())
                ),
                versions={str(name): str(one) for name, one in document.get("versions", {}).items()},
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
        fault = next(
            self.links.faults([one.ids for one in self.types], [one.features for one in self.types]), None
        )
        if fault is not None:
            raise BadInput("lottery_document", detail=fault)
        rules = rows_of(self.types, self.quotas, self.size, self.limits)
        members = matrix_of(rules, len(self.types))
        lower = np.array([row.lower for row in rules])
        upper = np.array([row.upper for row in rules])
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


def types_of(
    pool: Pool, quotas: Quotas
) -> tuple[tuple[Type, ...], tuple[HouseholdClass, ...], tuple[TogetherClass, ...]]:
    """Return the types of a pool in canonical order, the classes of its households and those drawn together.

    People with different chances in earlier draws are of different types, where the pool says so. The order is by the
    values in the order of the feature names, then by the values of the people of the
    same household; people without others in their household come first.
    """
    features = sorted({*quotas.features, *(EARLIER for entry in pool if EARLIER in entry.features)})
    values = {entry.id: tuple(entry.features[name] for name in features) for entry in pool}
    bonds = pool.bonds
    units = [tuple(sorted(unit, key=lambda one: (values[one], one))) for unit in bonds.units]
    kinds = {one: _alike(group, values) for group in (*bonds.homes, *units) for one in group}
    places = {one: ("place", f"{place:06}") for unit in units for place, one in enumerate(unit)}
    extra = places | {one: ("alone", one) for one in bonds.tied}
    groups: dict[tuple[Values, tuple[Values, ...], tuple[str, ...]], list[str]] = {}
    for identifier, own in values.items():
        key = (own, kinds.get(identifier, ()), extra.get(identifier, ()))
        groups.setdefault(key, []).append(identifier)
    order = sorted(groups)
    types = tuple(Type(dict(zip(features, key[0], strict=True)), tuple(groups[key])) for key in order)
    type_of = {identifier: t for t, one in enumerate(types) for identifier in one.ids}
    households = [*_classes(bonds.homes, values), *((group,) for group in bonds.apart)]
    together = [*_classes(units, values), *((group,) for group in bonds.together)]
    return (
        types,
        tuple(
            HouseholdClass(tuple(sorted({type_of[one] for one in homes[0]})), tuple(homes))
            for homes in households
        ),
        tuple(TogetherClass(tuple(type_of[one] for one in alike[0]), tuple(alike)) for alike in together),
    )


def _alike(group: Group, values: Mapping[str, Values]) -> tuple[Values, ...]:
    return tuple(sorted(values[one] for one in group))


def _classes(groups: Sequence[Group], values: Mapping[str, Values]) -> list[tuple[Group, ...]]:
    """Return groups by the values of their people, both in canonical order."""
    found: dict[tuple[Values, ...], list[Group]] = {}
    for group in groups:
        found.setdefault(_alike(group, values), []).append(group)
    return [tuple(found[kind]) for kind in sorted(found)]


def _dense(pairs: Sequence[Sequence[int]], length: int) -> tuple[int, ...]:
    counts = [0] * length
    for index, count in pairs:
        if index < 0 or not isinstance(count, int):
            raise ValueError("not a count")
        counts[index] = count
    return tuple(counts)
