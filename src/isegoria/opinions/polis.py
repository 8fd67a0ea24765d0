"""The figures of Polis, step by step, for given groups: to compare a map with published ones.

The steps are numbered as in `docs/opinion-map.md`. The sign of a vote is ours, agree = +1; inside, Polis has
agree = -1, which turns all places by 180° and changes no other figure. The groups of Polis depend on the order
of arrival and are not redone here: give those that were published, or ours.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isegoria.errors import BadInput
from isegoria.opinions.projection import Array, Components, blocks, components
from isegoria.opinions.votes import Votes

Z90 = 1.2816
"""One-sided 90 % point of the normal distribution, as Polis rounds it."""
ENOUGH_VOTES = 7
FEWEST_PERSONS = 15
SHOWN = 5
META_IMPORTANCE = 7.0


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Steps 2 to 6.

    Attributes
    ----------
    components
        Centre and axes of the votes, those of left-out statements set to 0.
    persons, statements
        Places, shape (N, 2) and (C, 2); a statement's is that of somebody who agreed with it alone.
    extremity
        Length of each statement's place, shape (C,).
    in_conversation
        Rows of those with at least min(7, C) votes, filled up to 15 with those who voted most.
    """

    components: Components
    persons: Array
    statements: Array
    extremity: Array
    in_conversation: npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """Steps 10 to 13 and 17, each of shape (groups, C); the last two of shape (C,).

    Attributes
    ----------
    agree, disagree, seen
        Votes na, nd and ns; passes count in ns.
    agree_share, disagree_share
        (n + 1) / (ns + 2).
    agree_test, disagree_test
        One-proportion z of the share against one half.
    agree_ratio, disagree_ratio
        The share divided by that of all other groups together.
    agree_ratio_test, disagree_ratio_test
        Two-proportion z of the share against that of all other groups.
    consensus, dissent
        Product of the shares over the groups: high where every group agrees, or disagrees.
    """

    agree: npt.NDArray[np.int64]
    disagree: npt.NDArray[np.int64]
    seen: npt.NDArray[np.int64]
    agree_share: Array
    disagree_share: Array
    agree_test: Array
    disagree_test: Array
    agree_ratio: Array
    disagree_ratio: Array
    agree_ratio_test: Array
    disagree_ratio_test: Array
    consensus: Array
    dissent: Array


@dataclass(frozen=True, slots=True)
class Chosen:
    """A statement that a list shows, and from which side."""

    statement: str
    agrees: bool


def places(votes: Votes, left_out: Collection[str] = ()) -> Places:
    """Return where persons and statements stand, as Polis draws them (steps 2 to 6).

    Parameters
    ----------
    votes
        All votes.
    left_out
        Statements that were moderated out, or are about persons and not opinions: their votes count as
        passes, also of those who never saw them.
    """
    out = np.isin(votes.statements, list(left_out))
    matrix = votes.matrix.copy()
    matrix[:, out] = 0
    found = components(matrix)
    statements = len(votes.statements)
    persons = np.zeros((len(matrix), 2))
    for rows, part, seen in blocks(matrix, found.centre):
        scale = np.sqrt(statements / np.maximum(1, seen.sum(axis=1)))
        persons[rows] = (part @ found.axes) * scale[:, None]
    alone = np.sqrt(statements) * (1 - found.centre)[:, None] * found.axes
    return Places(found, persons, alone, np.linalg.norm(alone, axis=1), in_conversation(votes))


def in_conversation(votes: Votes) -> npt.NDArray[np.intp]:
    """Return the rows of those who voted enough (step 3, without the memory that a live conversation has)."""
    seen = votes.seen
    rows = np.flatnonzero(seen >= min(ENOUGH_VOTES, len(votes.statements)))
    if len(rows) < FEWEST_PERSONS:
        rows = np.sort(np.argsort(-seen, kind="stable")[:FEWEST_PERSONS])
    return rows


def figures(votes: Votes, groups: Mapping[str, int]) -> Figures:
    """Return how each group voted on each statement, compared with all others (steps 10 to 13 and 17).

    Parameters
    ----------
    votes
        All votes, also on statements that were left out of the map.
    groups
        Number of the group, from 0, of everybody who is in one.

    Raises
    ------
    BadInput
        `groups_wrong`, if somebody is not in the votes, or a number from 0 to the largest is missing.
    """
    agree, disagree, passed = _counts(votes, groups)
    seen = agree + disagree + passed
    others = [count.sum(axis=0) - count for count in (agree, disagree, seen)]
    shares = [(count + 1) / (seen + 2) for count in (agree, disagree)]
    tests = [2 * np.sqrt(seen + 1) * ((count + 1) / (seen + 1) - 0.5) for count in (agree, disagree)]
    ratios = [
        share / ((other + 1) / (others[2] + 2)) for share, other in zip(shares, others[:2], strict=True)
    ]
    compared = [
        _two_proportions(count, seen, other, others[2])
        for count, other in zip((agree, disagree), others[:2], strict=True)
    ]
    return Figures(
        agree,
        disagree,
        seen,
        *shares,
        *tests,
        *ratios,
        *compared,
        *(share.prod(axis=0) for share in shares),
    )


def representative(
    votes: Votes, found: Figures, left_out: Collection[str] = ()
) -> tuple[tuple[Chosen, ...], ...]:
    """Return for each group up to five statements that set it apart, agreements first (step 15)."""
    allowed = [index for index, name in enumerate(votes.statements) if name not in left_out]
    return tuple(_representative(votes, found, group, allowed) for group in range(len(found.agree)))


def consensus(
    votes: Votes, left_out: Collection[str] = ()
) -> tuple[tuple[Chosen, ...], tuple[Chosen, ...]]:
    """Return up to five statements with which all together agree, and disagree (step 16)."""
    agree, disagree, passed = votes.counts()
    seen = agree + disagree + passed
    lists = []
    for count, agrees in ((agree, True), (disagree, False)):
        share = (count + 1) / (seen + 2)
        test = 2 * np.sqrt(seen + 1) * ((count + 1) / (seen + 1) - 0.5)
        passing = [
            index
            for index, name in enumerate(votes.statements)
            if name not in left_out and share[index] > 0.5 and test[index] > Z90  # noqa: PLR2004
        ]
        passing.sort(key=lambda index: -share[index] * test[index])
        lists.append(tuple(Chosen(votes.statements[index], agrees) for index in passing[:SHOWN]))
    return lists[0], lists[1]


def priorities(votes: Votes, found: Figures, where: Places, about_persons: Collection[str] = ()) -> Array:
    """Return how soon each statement is shown to somebody who has not seen it, shape (C,) (step 18).

    Parameters
    ----------
    about_persons
        Statements about who one is rather than what one thinks; they get a fixed priority of 49.
    """
    agree, disagree, seen = (
        count.sum(axis=0).astype(np.float64) for count in (found.agree, found.disagree, found.seen)
    )
    passed = seen - agree - disagree
    importance = (1 - (passed + 1) / (seen + 2)) * (where.extremity + 1) * (agree + 1) / (seen + 2)
    value: Array = (importance * (1 + 8 * 2 ** (-seen / 5))) ** 2
    value[np.isin(votes.statements, list(about_persons))] = META_IMPORTANCE**2
    return value


def _counts(votes: Votes, groups: Mapping[str, int]) -> tuple[npt.NDArray[np.int64], ...]:
    count = max(groups.values(), default=-1) + 1
    if set(groups.values()) != set(range(count)) or not set(groups) <= set(votes.persons):
        raise BadInput("groups_wrong")
    label = np.array([groups.get(person, -1) for person in votes.persons], dtype=np.intp)
    empty = np.zeros((0, 3, len(votes.statements)), dtype=np.int64)
    counted = [votes.counts(np.flatnonzero(label == group)) for group in range(count)]
    every = np.stack(counted) if counted else empty
    return every[:, 0], every[:, 1], every[:, 2]


def _two_proportions(
    count: npt.NDArray[np.int64],
    seen: npt.NDArray[np.int64],
    other: npt.NDArray[np.int64],
    other_seen: npt.NDArray[np.int64],
) -> Array:
    one, rest = (count + 1) / (seen + 1), (other + 1) / (other_seen + 1)
    both = (count + other + 2) / (seen + other_seen + 2)
    error = np.sqrt(both * (1 - both) * (1 / (seen + 1) + 1 / (other_seen + 1)))
    test: Array = np.divide(one - rest, error, out=np.zeros_like(error), where=both != 1)
    return test


def _representative(votes: Votes, found: Figures, group: int, allowed: list[int]) -> tuple[Chosen, ...]:
    enough = []
    for index in allowed:
        agrees = found.agree_ratio_test[group, index] > Z90 and found.agree_test[group, index] > Z90
        disagrees = (
            found.disagree_ratio_test[group, index] > Z90 and found.disagree_test[group, index] > Z90
        )
        if agrees or disagrees:
            enough.append(index)
    best = _best_agreed(found, group, allowed)
    if not enough:
        return _fallback(votes, found, group, allowed, best)
    ranked = sorted(enough, key=lambda index: -_weight(found, group, index))
    order = [index for index in (best, *ranked) if index is not None]
    chosen = [
        Chosen(votes.statements[index], _agrees(found, group, index)) for index in dict.fromkeys(order)
    ][:SHOWN]
    return tuple(sorted(chosen, key=lambda one: not one.agrees))


def _fallback(
    votes: Votes, found: Figures, group: int, allowed: list[int], best: int | None
) -> tuple[Chosen, ...]:
    """Return the best agreed one, else the one that differs most, where none is significant."""
    if best is None and allowed:
        best = max(
            allowed,
            key=lambda index: max(
                found.agree_ratio_test[group, index], found.disagree_ratio_test[group, index]
            ),
        )
    return () if best is None else (Chosen(votes.statements[best], _agrees(found, group, best)),)


def _agrees(found: Figures, group: int, index: int) -> bool:
    return bool(found.agree_ratio_test[group, index] > found.disagree_ratio_test[group, index])


def _weight(found: Figures, group: int, index: int) -> float:
    at = (group, index)
    factors: tuple[Array, ...]
    if _agrees(found, group, index):
        factors = (found.agree_ratio, found.agree_ratio_test, found.agree_share, found.agree_test)
    else:
        factors = (
            found.disagree_ratio, found.disagree_ratio_test, found.disagree_share, found.disagree_test
        )  # fmt: skip
    return float(np.prod([factor[at] for factor in factors]))


def _best_agreed(found: Figures, group: int, allowed: list[int]) -> int | None:
    """Return the statement that the group agrees with most clearly, by the rule of step 15."""
    best: int | None = None
    for index in allowed:
        at = (group, index)
        if found.agree[at] == found.disagree[at] == 0:
            continue
        if best is None:
            above = found.agree_ratio[at] > 1 and found.agree_share[at] > 0.5  # noqa: PLR2004
            best = index if found.agree_test[at] > Z90 or above else None
            continue
        factors: tuple[Array, ...]
        if found.agree_ratio[group, best] > 1:
            factors = (found.agree_ratio, found.agree_ratio_test, found.agree_share, found.agree_test)
        else:
            factors = (found.agree_share, found.agree_test)
        if np.prod([factor[at] for factor in factors]) > np.prod(
            [factor[group, best] for factor in factors]
        ):
            best = index
    return best
