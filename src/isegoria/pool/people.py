"""The pool: people who may be drawn, in an order that does not depend on the file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from isegoria.errors import BadInput
from isegoria.pool.links import Bonds, Group, bonds_of, merged, rivals_of
from isegoria.pool.quotas import Quotas


@dataclass(frozen=True, slots=True)
class Entry:
    """One person who may be drawn.

    Attributes
    ----------
    id
        Unique in the pool; on a site a pseudonym.
    features
        Feature to value, for the features that quotas count.
    extra
        Every other column of the file, kept as it was.
    household
        People with the same household are never drawn together; None for people without this rule.
    """

    id: str
    features: Mapping[str, str]
    extra: Mapping[str, str] = field(default_factory=dict)
    household: str | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """The people who may be drawn, in the order of their ids (by code point), whatever the input order.

    Parameters
    ----------
    entries
        At least one, each with an id of its own.
    apart
        Sets of ids of whom at most one is drawn, beside the households; they may overlap, and may name people who are
        not in the pool, such as members who sit already.
    together
        Sets of ids who are drawn together or not at all; sets that share somebody count as one.

    Raises
    ------
    BadInput
        `pool_none` without any entry; `ids_repeated` with the number of repeated ids; `together_incomplete`, if somebody
        of a set that is drawn together is not in the pool; `links_contradict`, if two of them are apart.

    Examples
    --------
    >>> [entry.id for entry in Pool((Entry("b", {"sex": "f"}), Entry("a", {"sex": "m"})))]
    ['a', 'b']
    """

    entries: tuple[Entry, ...]
    apart: tuple[Group, ...] = ()
    together: tuple[Group, ...] = ()

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.entries, key=lambda entry: entry.id))
        if not ordered:
            raise BadInput("pool_none")
        ids = {entry.id for entry in ordered}
        if len(ids) < len(ordered):
            raise BadInput("ids_repeated", count=len(ordered) - len(ids))
        object.__setattr__(self, "entries", ordered)
        sets = {tuple(sorted(set(group))) for group in self.apart}
        object.__setattr__(self, "apart", tuple(sorted(group for group in sets if len(group) > 1)))
        object.__setattr__(self, "together", merged(self.together))
        missing = sum(one not in ids for group in self.together for one in group)
        if missing:
            raise BadInput("together_incomplete", count=missing)
        if self.together:
            rivals = self.rivals
            against = sum(
                not rivals.get(one, frozenset()).isdisjoint(unit) for unit in self.together for one in unit
            )
            if against:
                raise BadInput("links_contradict", count=against)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def homes(self) -> tuple[Group, ...]:
        """The ids of each household of which several people are in the pool, in canonical order."""
        found: dict[str, list[str]] = {}
        for entry in self.entries:
            if entry.household is not None:
                found.setdefault(entry.household, []).append(entry.id)
        return tuple(sorted(tuple(home) for home in found.values() if len(home) > 1))

    @property
    def rivals(self) -> dict[str, frozenset[str]]:
        """For each person who is apart from others: who they are, of the pool or beside it."""
        return rivals_of((*self.homes, *self.apart))

    @property
    def bonds(self) -> Bonds:
        """How the linked people of the pool hang together."""
        ids = {entry.id for entry in self.entries}
        within = (tuple(one for one in group if one in ids) for group in self.apart)
        return bonds_of((*self.homes, *(group for group in within if len(group) > 1)), self.together)

    def only(self, ids: Collection[str]) -> Pool:
        """Return the pool of these people with their links, without those who would be drawn with somebody left out.

        Raises
        ------
        BadInput
            `pool_none`, if nobody is left.
        """
        kept = set(ids)
        whole = tuple(unit for unit in self.together if kept.issuperset(unit))
        kept -= {one for unit in self.together for one in unit} - {one for unit in whole for one in unit}
        return Pool(tuple(entry for entry in self.entries if entry.id in kept), self.apart, whole)

    def check(self, quotas: Quotas) -> None:
        """Return if every person has one of the values of every feature that the quotas name.

        Raises
        ------
        BadInput
            `entries_without_value`, with the feature and the number of people, never their ids.
        """
        for feature, values in quotas.features.items():
            missing = sum(entry.features.get(feature) not in values for entry in self.entries)
            if missing:
                raise BadInput("entries_without_value", feature=feature, count=missing)
