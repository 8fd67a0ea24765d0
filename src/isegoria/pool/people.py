"""The pool: people who may be drawn, in an order that does not depend on the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from isegoria.errors import BadInput
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

    Raises
    ------
    BadInput
        `pool_none` without any entry; `ids_repeated` with the number of repeated ids.

    Examples
    --------
    >>> [entry.id for entry in Pool((Entry("b", {"sex": "f"}), Entry("a", {"sex": "m"})))]
    ['a', 'b']
    """

    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.entries, key=lambda entry: entry.id))
        if not ordered:
            raise BadInput("pool_none")
        repeated = len(ordered) - len({entry.id for entry in ordered})
        if repeated:
            raise BadInput("ids_repeated", count=repeated)
        object.__setattr__(self, "entries", ordered)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

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
