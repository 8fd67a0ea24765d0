"""Who spoke how much, by group, for readers who may not learn what a single person did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from isegoria.errors import BadInput
from isegoria.evaluation.differencing import tells_of_few
from isegoria.evaluation.small_cells import LEAST

Part = tuple[str | None, set[int]]
"""A group with the places of its people; without a name: small groups that were put together."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """How much one person spoke: her group, at how many tables she sat, and her seconds there."""

    group: str
    places: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Speaker:
    """How much one person spoke, with her group in each feature."""

    groups: Mapping[str, str]
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
    nor that two features are safe side by side, for which `spoken_by_features` is made.

    Examples
    --------
    >>> people = [Spoken("a", 1, 60)] * 5 + [Spoken("b", 1, 10)] * 6 + [Spoken("c", 1, 20)]
    >>> [(each.group, each.people, each.seconds) for each in spoken_by_group(people)]
    [('b', 6, 60), (None, 6, 320)]
    """
    everybody = list(people)
    return _sums(_parts([one.group for one in everybody], least, 0), everybody)


def spoken_by_features(
    people: Sequence[Speaker], features: Sequence[str], least: int = LEAST
) -> dict[str, list[GroupSpoken]]:
    """Return how much each group of each feature spoke, safe side by side.

    Parameters
    ----------
    people
        Each person once, with a group in each feature.
    features
        In the order in which they matter: where two cannot stand side by side, the earlier one is told in full.
    least
        Nothing is told about fewer people, 1 or more.

    Returns
    -------
    dict
        Feature to its groups, those that were put together last. Empty where a feature cannot be told beside the
        earlier ones.

    Raises
    ------
    BadInput
        `measure_input_wrong`, if a number is negative.

    Notes
    -----
    Guarantee: no combination of all that is returned depends on fewer than `least` people; groups of a feature are put
    together, the smallest first, until that holds beside the features before it, or the feature is left out. Not
    guaranteed: whoever knows the time of some people, her own or that of her friends, learns of so many fewer.

    Examples
    --------
    >>> people = [Speaker({"sex": "FM"[n > 5], "age": "yo"[n > 6]}, 1, 60) for n in range(12)]
    >>> {feature: len(groups) for feature, groups in spoken_by_features(people, ["sex", "age"]).items()}
    {'sex': 2, 'age': 0}
    """
    found: dict[str, list[GroupSpoken]] = {}
    told: list[list[bool]] = []
    for feature in features:
        labels = [one.groups[feature] for one in people]
        found[feature] = []
        for joined in range(len(set(labels))):
            parts = _parts(labels, least, joined)
            rows = [[one in part for one in range(len(people))] for _name, part in parts]
            if joined and len(parts) < 2:  # noqa: PLR2004  # put together until nobody is compared
                break
            if not tells_of_few([*told, *rows], least - 1):
                told += rows
                found[feature] = _sums(parts, people)
                break
    return found


def _sums(parts: Sequence[Part], people: Sequence[Spoken] | Sequence[Speaker]) -> list[GroupSpoken]:
    if any(one.places < 0 or one.seconds < 0 for one in people):
        raise BadInput("measure_input_wrong")
    return [
        GroupSpoken(
            name,
            len(part),
            sum(people[one].places for one in part),
            sum(people[one].seconds for one in part),
        )
        for name, part in parts
    ]


def _parts(labels: Sequence[str], least: int, joined: int) -> list[Part]:
    """Return the groups with the places of their people; small ones, and at least `joined` and one more, together.

    Empty where everybody together is a small group.
    """
    groups: dict[str, set[int]] = {}
    for place, label in enumerate(labels):
        groups.setdefault(label, set()).add(place)
    together: set[int] = set()
    names: set[str] = set()
    for name in sorted(groups, key=lambda name: (len(groups[name]), name)):
        wanted = bool(joined) and len(names) <= joined
        if not wanted and len(groups[name]) >= least and (not together or len(together) >= least):
            break
        together |= groups[name]
        names.add(name)
    if together and len(together) < least:
        return []
    found: list[Part] = [(name, groups[name]) for name in sorted(groups) if name not in names]
    return [*found, (None, together)] if together else found
