"""Who spoke how much, by group, for readers who may not learn what a single person did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from isegoria.errors import BadInput
from isegoria.evaluation.small_cells import LEAST


@dataclass(frozen=True, slots=True)
class Spoken:
    """How much one person spoke: her group, at how many tables she sat, and her seconds there."""

    group: str
    places: int
    seconds: int


@dataclass(frozen=True, slots=True)
class GroupSpoken:
    """How much a group spoke; `group` is None for the small groups that were put together."""

    group: str | None
    people: int
    places: int
    seconds: int


def spoken_by_group(people: Iterable[Spoken], least: int = LEAST) -> list[GroupSpoken]:
    """Return how much each group spoke; small groups are put together until none is small.

    Parameters
    ----------
    people
        Each person once.
    least
        A group of fewer people is small, 1 or more.

    Returns
    -------
    list of GroupSpoken
        In the order of the groups' names, those that were put together last. Empty where everybody together is a
        small group. People, places and seconds add up to those of everybody.

    Raises
    ------
    BadInput
        `measure_input_wrong`, if a number is negative.

    Notes
    -----
    Guarantee: no sum of fewer than `least` people is returned, nor can one be had by taking what is returned from
    the sum of everybody. Not guaranteed: a member of a group knows her own time, and may take it from the group's;
    nor that two features, of which one group lies inside the other but for a few people, are safe side by side.

    Examples
    --------
    >>> people = [Spoken("a", 1, 60)] * 5 + [Spoken("b", 1, 10)] * 6 + [Spoken("c", 1, 20)]
    >>> [(each.group, each.people, each.seconds) for each in spoken_by_group(people)]
    [('b', 6, 60), (None, 6, 320)]
    """
    groups: dict[str, list[Spoken]] = {}
    for one in people:
        if one.places < 0 or one.seconds < 0:
            raise BadInput("measure_input_wrong")
        groups.setdefault(one.group, []).append(one)
    by_size = sorted(groups, key=lambda group: (len(groups[group]), group))
    together: list[Spoken] = []
    names: set[str] = set()
    for group in by_size:
        if len(groups[group]) >= least and (not together or len(together) >= least):
            break
        together += groups[group]
        names.add(group)
    if together and len(together) < least:
        return []
    found = [_sum(group, groups[group]) for group in sorted(groups) if group not in names]
    return [*found, _sum(None, together)] if together else found


def _sum(group: str | None, people: list[Spoken]) -> GroupSpoken:
    return GroupSpoken(
        group, len(people), sum(one.places for one in people), sum(one.seconds for one in people)
    )
