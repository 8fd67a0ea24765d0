"""Linked persons: who is never drawn together, and who is drawn together or not at all.

Persons are *apart* if at most one of them is drawn: people of one household, and people whom somebody asked to keep
apart. Persons are *together* if they are drawn together or not at all. Being together carries over: whoever is
together with a and with b has a and b together. Being apart does not: two colleagues of a third may sit side by side.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Group = tuple[str, ...]
Rivals = Mapping[str, frozenset[str]]

MOST_CLIQUES = 2_000
LARGEST_KNOT = 300
"""With more largest sets of people apart, or more people in a knot, the sets as they were given are the conditions."""


@dataclass(frozen=True, slots=True)
class Bonds:
    """Linked persons, sorted by how their links hang together; all groups in canonical order.

    Attributes
    ----------
    homes
        People who are all apart from one another, and linked with nobody else.
    units
        People who are drawn together, and linked with nobody else.
    apart
        Of people with other links: largest sets of whom at most one is drawn. They overlap.
    together
        Of people with other links: those who are drawn together.
    """

    homes: tuple[Group, ...]
    units: tuple[Group, ...]
    apart: tuple[Group, ...]
    together: tuple[Group, ...]

    @property
    def tied(self) -> frozenset[str]:
        """The people with several links, of whom each is a case of its own."""
        return frozenset(one for group in (*self.apart, *self.together) for one in group)


def merged(groups: Iterable[Iterable[str]]) -> tuple[Group, ...]:
    """Return the groups where groups that share somebody are one, in canonical order.

    Examples
    --------
    >>> merged([["b", "a"], ["c", "b"], ["e", "d"]])
    (('a', 'b', 'c'), ('d', 'e'))
    """
    group_of: dict[str, set[str]] = {}
    for group in groups:
        whole = set(group)
        for known in {id(group_of[one]): group_of[one] for one in whole if one in group_of}.values():
            whole |= known
        for one in whole:
            group_of[one] = whole
    return tuple(sorted({tuple(sorted(whole)) for whole in group_of.values() if len(whole) > 1}))


def rivals_of(sets: Iterable[Group]) -> dict[str, frozenset[str]]:
    """Return for each person of the sets the people who are apart from that person."""
    found: dict[str, set[str]] = defaultdict(set)
    for group in sets:
        for one in group:
            found[one].update(group)
    return {one: frozenset(others - {one}) for one, others in found.items()}


def bonds_of(apart: Iterable[Group], together: Iterable[Group]) -> Bonds:
    """Return how linked persons hang together.

    Parameters
    ----------
    apart
        Sets of people of whom at most one is drawn, households among them; they may overlap.
    together
        People who are drawn together; no two groups share somebody, and nobody is apart from somebody of the own group.
    """
    given, units = [tuple(sorted(group)) for group in apart], tuple(together)
    rivals = rivals_of(given)
    homes: list[Group] = []
    alone: list[Group] = []
    knots: list[Group] = []
    bound: list[Group] = []
    unit_of = {one: unit for unit in units for one in unit}
    pairs = ((one, *others) for one, others in rivals.items())
    for component in merged((*pairs, *units)):
        inside = {unit_of[one] for one in component if one in unit_of}
        if not inside and all(len(rivals[one]) == len(component) - 1 for one in component):
            homes.append(component)
        elif inside == {component}:
            alone.append(component)
        else:
            knots += _conditions(component, rivals, given)
            bound += inside
    return Bonds(tuple(homes), tuple(alone), tuple(sorted(knots)), tuple(sorted(bound)))


def _conditions(component: Group, rivals: Rivals, given: Sequence[Group]) -> list[Group]:
    """Return the largest sets of people who are all apart; the sets that were given, where that asks too much."""
    inside = {one: rivals[one] for one in component if one in rivals}
    if len(inside) <= LARGEST_KNOT:
        search = _largest(inside, frozenset(), set(inside), set())
        found = list(itertools.islice(search, MOST_CLIQUES + 1))
        if len(found) <= MOST_CLIQUES:
            return [tuple(sorted(one)) for one in found if len(one) > 1]
    return sorted({group for group in given if not inside.keys().isdisjoint(group)})


def _largest(
    rivals: Rivals, chosen: frozenset[str], open_: set[str], done: set[str]
) -> Iterator[frozenset[str]]:
    """Yield every largest set once: Bron and Kerbosch, with the pivot of Tomita and others (2006)."""
    if not open_:
        if not done:
            yield chosen
        return
    pivot = max(sorted(open_ | done), key=lambda one: len(open_ & rivals[one]))
    for one in sorted(open_ - rivals[pivot]):
        yield from _largest(rivals, chosen | {one}, open_ & rivals[one], done & rivals[one])
        open_ = open_ - {one}
        done = done | {one}
