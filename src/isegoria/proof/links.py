"""Linked persons of a draw: classes of households and of groups, the conditions they put on a panel, and who is chosen.

*Apart*: at most one person of each group is drawn. *Together*: a group is drawn as a whole or not at all. Groups that
are alike form a class, whose types hold nobody else. Whoever has several links is alone of a type, which may then stand
in several classes of one group each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof.certificate import Row
from isegoria.seeding import keyed_order

MEMBERS_LABEL = "members"
ALTERNATES_LABEL = "alternates"
HOUSEHOLDS_LABEL = "households"
TOGETHER_LABEL = "together"
Features = Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class LinkedClass:
    """Groups that are alike.

    Attributes
    ----------
    types
        Indices of the types of their people. Apart: ascending. Together: one per place in a group, two or more.
    groups
        Codes. Apart: those of a group ascend. Together: one per type, in the order of the types.
    """

    types: tuple[int, ...]
    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Links:
    """All classes of a pool, in the order in which certificates count their conditions."""

    apart: tuple[LinkedClass, ...] = ()
    together: tuple[LinkedClass, ...] = ()

    def __bool__(self) -> bool:
        """Whether anybody is linked."""
        return bool(self.apart or self.together)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The conditions on a panel: at most one person a household; of a group as many of the first type as of each."""
        return (
            *(Row(one.types, 0, len(one.groups)) for one in self.apart),
            *(Row(one.types[:1], 0, 0, (other,)) for one in self.together for other in one.types[1:]),
        )

    @property
    def types(self) -> frozenset[int]:
        """The types of linked people."""
        return frozenset(t for one in (*self.apart, *self.together) for t in one.types)

    def to_document(self) -> dict[str, Any]:
        """Return the links as JSON values."""
        return {
            name: [
                {"types": list(one.types), "groups": [list(group) for group in one.groups]}
                for one in classes
            ]
            for name, classes in (("apart", self.apart), ("together", self.together))
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Links:
        """Return the links that `to_document` wrote."""
        return cls(*(tuple(_class_of(one) for one in document[name]) for name in ("apart", "together")))

    def faults(self, codes: Sequence[Sequence[str]], features: Sequence[Features]) -> Iterator[str]:
        """Yield where the classes do not belong to the types.

        Parameters
        ----------
        codes
            Of the people of each type.
        features
            Of each type; None where they are sealed.
        """
        fault = next(self._shape_faults(codes), None)
        if fault is not None:
            yield fault
            return
        often = Counter(t for one in (*self.apart, *self.together) for t in one.types)
        for t, classes in often.items():
            if classes > 1 and len(codes[t]) != 1:
                yield f"type {t} has several links, but more than one person"
        seen: set[tuple[object, ...]] = set()
        for name, classes_ in (("apart", self.apart), ("together", self.together)):
            for number, one in enumerate(classes_):
                kinds = [features[t] for t in one.types]
                if any(often[t] > 1 for t in one.types) or None in kinds:
                    continue
                like = (name, *sorted(_spelled(kind) for kind in self._members(one, codes, features)))
                if like in seen:
                    yield f"links.{name}[{number}] is like another class"
                seen.add(like)
                if name == "apart" and len({_spelled(kind) for kind in kinds}) < len(kinds):
                    yield f"links.{name}[{number}] has two types with the same features"

    @staticmethod
    def _members(
        one: LinkedClass, codes: Sequence[Sequence[str]], features: Sequence[Features]
    ) -> list[Features]:
        kind = {code: t for t in one.types for code in codes[t]}
        return [features[kind[code]] for code in one.groups[0]]

    def _shape_faults(self, codes: Sequence[Sequence[str]]) -> Iterator[str]:
        for name, classes, check in (
            ("apart", self.apart, _apart_fault),
            ("together", self.together, _together_fault),
        ):
            for number, one in enumerate(classes):
                known = one.types and one.groups and all(0 <= t < len(codes) for t in one.types)
                fault = check(one, codes) if known else "names no type or nobody"
                if fault:
                    yield f"links.{name}[{number}] {fault}"
        twice = Counter(t for one in self.together for t in one.types)
        if any(number > 1 for number in twice.values()):
            yield "a type is drawn together in two classes"


def row_faults(rows: Sequence[Row], compositions: Sequence[Sequence[int]]) -> Iterator[str]:
    """Yield where a composition breaks a condition of linked people."""
    for number, counts in enumerate(compositions):
        for index, row in enumerate(rows):
            if not row.lower <= _sum(row, counts) <= row.upper:
                yield f"composition {number} breaks condition {index} of the links"


def _class_of(document: Mapping[str, Any]) -> LinkedClass:
    return LinkedClass(tuple(document["types"]), tuple(tuple(group) for group in document["groups"]))


def _spelled(features: Features) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((features or {}).items()))


def _apart_fault(one: LinkedClass, codes: Sequence[Sequence[str]]) -> str | None:
    if list(one.types) != sorted(set(one.types)):
        return "has types out of order"
    kind = {code: t for t in one.types for code in codes[t]}
    people = [code for group in one.groups for code in group]
    if len(people) != len(set(people)) or set(people) != set(kind):
        return "does not hold everybody of its types once"
    if any(len(group) < 2 or list(group) != sorted(group) for group in one.groups):  # noqa: PLR2004  # alone is no link
        return "has a group of one, or out of order"
    if len({tuple(sorted(kind[code] for code in group)) for group in one.groups}) > 1:
        return "has groups that are not alike"
    return None


def _together_fault(one: LinkedClass, codes: Sequence[Sequence[str]]) -> str | None:
    if len(one.types) < 2 or len(set(one.types)) < len(one.types):  # noqa: PLR2004  # alone is no link
        return "needs two types or more, none twice"
    if any(len(group) != len(one.types) for group in one.groups):
        return "has a group with more or fewer people than types"
    if any(
        sorted(codes[t]) != sorted(group[place] for group in one.groups)
        for place, t in enumerate(one.types)
    ):
        return "does not hold everybody of its types once"
    return None


def chosen(
    seed: bytes, counts: Sequence[int], types: Sequence[Sequence[str]], links: Links
) -> list[list[str]]:
    """Return who is drawn of each type.

    Parameters
    ----------
    counts
        How many of each type.
    types
        The codes of each type.
    links
        That belong to these types (`Links.faults`).

    Raises
    ------
    BadInput
        `draw_counts_wrong`, if the counts break a link.

    Notes
    -----
    The groups of a class are put into a keyed order. Apart: the first give a person of the first type of the
    composition, the next of the second, and so on; the keyed order of members decides within a household. Together: the
    first are drawn, as many as the counts say. Of everybody else the first in the keyed order of members.
    """
    if any(not row.lower <= _sum(row, counts) <= row.upper for row in links.rows):
        raise BadInput("draw_counts_wrong", composition="drawn")
    found = {t: _of_households(seed, t, one, counts, types) for one in links.apart for t in one.types}
    for one in links.together:
        first = {group[0]: group for group in one.groups}
        order = keyed_order(seed, TOGETHER_LABEL, first)[: counts[one.types[0]]]
        found |= {t: [first[code][place] for code in order] for place, t in enumerate(one.types)}
    return [
        found[t]
        if t in found
        else keyed_order(seed, MEMBERS_LABEL, codes)[: counts[t]]
        if counts[t]
        else []
        for t, codes in enumerate(types)
    ]


def _sum(row: Row, counts: Sequence[int]) -> int:
    return sum(counts[t] for t in row.types) - sum(counts[t] for t in row.minus)


def _of_households(
    seed: bytes, kind: int, one: LinkedClass, counts: Sequence[int], types: Sequence[Sequence[str]]
) -> list[str]:
    """Return the people of one type, each of another household."""
    if not counts[kind]:
        return []
    first = {group[0]: group for group in one.groups}
    before = sum(counts[t] for t in one.types[: one.types.index(kind)])
    order = keyed_order(seed, HOUSEHOLDS_LABEL, first)[before : before + counts[kind]]
    own = set(types[kind])
    return [keyed_order(seed, MEMBERS_LABEL, own & set(first[code]))[0] for code in order]


def waiting(
    seed: bytes, drawn: Sequence[str], types: Sequence[Sequence[str]], links: Links, alternates: int
) -> list[str]:
    """Return the alternates in their order.

    Nobody is an alternate who is apart from a member or from an alternate before, and nobody who is drawn together with
    others: one vacant seat is not enough for them.
    """
    sets = _sets_of(links)
    tied = {code for one in links.together for group in one.groups for code in group}
    taken = {group for code in drawn for group in sets(code)}
    left = (code for codes in types for code in codes)
    found: list[str] = []
    members = set(drawn)
    for code in keyed_order(seed, ALTERNATES_LABEL, (one for one in left if one not in members)):
        if len(found) == alternates:
            break
        if code not in tied and taken.isdisjoint(sets(code)):
            found.append(code)
            taken.update(sets(code))
    return found


def _sets_of(links: Links) -> Callable[[str], Sequence[tuple[int, int]]]:
    """Return a function that names the groups of which at most one person is drawn that hold a person."""
    found: dict[str, list[tuple[int, int]]] = {}
    for number, one in enumerate(links.apart):
        for place, group in enumerate(one.groups):
            for code in group:
                found.setdefault(code, []).append((number, place))
    return lambda code: found.get(code, ())
