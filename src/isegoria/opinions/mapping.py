"""The opinion map: groups of persons who vote alike, how far to trust them, and what every statement shows.

One level, no order of arrival, no memory: the votes and a public seed fix everything.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from isegoria.errors import BadInput
from isegoria.opinions.grouping import STARTS, Labels, adjusted_rand, k_means, nearest, settle, silhouettes
from isegoria.opinions.polis import ENOUGH_VOTES
from isegoria.opinions.projection import Array, components, places
from isegoria.opinions.statements import Finding, Reading, read_statements
from isegoria.opinions.votes import Matrix, Votes
from isegoria.seeding import generator, keyed_order

FEWEST_PERSONS = 30
"""Below that, groups are noise: published conversations of 24 persons change theirs with every run."""
SMALLEST_GROUP = 5
STABLE = 0.6
"""Mean agreement of re-drawn maps with the map, from which on groups are shown. At 0.6 about nine of ten persons
keep their neighbours; below it, a handful of other guests would have given other groups."""
MOST_GROUPS = 5
SEARCHED = 2000
"""Persons, drawn by the seed, among whom starts and the number of groups are searched; all others then join."""
RESAMPLES = 20
RESAMPLED = 1000
"""Persons in one re-drawn map at most; fewer than there are make the figure stricter, never kinder."""
_RESAMPLE_STARTS = 4
_RESAMPLE_JUDGED = 500
"""Starts, and persons by whose silhouettes the number of groups is chosen, in one re-drawn map: there are twenty."""


class Hidden(StrEnum):
    """Why groups are not shown."""

    FEW_PERSONS = "few_persons"
    SMALL_GROUP = "small_group"
    UNSTABLE = "unstable"
    ONE_OPINION = "one_opinion"


@dataclass(frozen=True, slots=True, eq=False)
class OpinionMap:
    """Where persons agree. Publish `document`, `picture` and `paragraphs`, never `labels` and `places`.

    Attributes
    ----------
    digest
        SHA-256 of the votes on shown statements, of everybody.
    seed
        The public seed.
    voted
        Persons who voted at all.
    persons
        Ids of those in the map: at least min(7, statements) votes.
    group_sizes
        Persons in each group, largest first; empty where groups are hidden.
    hidden
        Why groups are hidden; empty where they are shown.
    stability
        Mean adjusted Rand index of maps of persons re-drawn with replacement and this map, up to 1; None
        where nothing could be grouped. Computed also where groups are hidden.
    statements
        What each statement shows.
    labels, places
        Group of each person in the map, from 0, and place, shape (n, 2). For checks; single persons could be
        found again in them.
    """

    digest: str
    seed: bytes
    voted: int
    persons: tuple[str, ...]
    group_sizes: tuple[int, ...]
    hidden: tuple[Hidden, ...]
    stability: float | None
    statements: tuple[Reading, ...]
    labels: Labels
    places: Array

    def of(self, finding: Finding) -> tuple[Reading, ...]:
        """Return the statements with a finding, the clearest first."""
        found = [one for one in self.statements if one.finding is finding]
        return tuple(sorted(found, key=lambda one: -one.strength))

    @property
    def groups(self) -> dict[str, int]:
        """Group of each person, for the figures of Polis; empty where groups are hidden."""
        if self.hidden:
            return {}
        return {person: int(label) for person, label in zip(self.persons, self.labels, strict=True)}


def opinion_map(
    votes: Votes,
    seed: bytes,
    *,
    left_out: Collection[str] = (),
    fewest_persons: int = FEWEST_PERSONS,
    resamples: int = RESAMPLES,
) -> OpinionMap:
    """Return the opinion map of votes.

    Parameters
    ----------
    votes
        All votes.
    seed
        Public bytes; the same seed and votes give the same map.
    left_out
        Statements that moderation took out; they have no influence at all.
    fewest_persons
        Below that many persons in the map, no groups are shown; 10 or more.
    resamples
        Re-drawn maps for the stability. With 0 it is not known, and groups are hidden.

    Raises
    ------
    BadInput
        `map_persons_wrong`.

    Notes
    -----
    Guarantee: the map does not change with the order of persons or statements, nor if agree and disagree
    trade places (apart from the sides), nor through persons who are not in the map. A group of fewer than
    five, fewer persons than `fewest_persons`, or a stability below 0.6 hides all groups; statements are
    then read over everybody. Not guaranteed: that groups exist. k-means finds some in any cloud, which is
    what the stability is for. It depends on the seed through the re-drawn persons, by about 0.02.
    """
    if fewest_persons < 2 * SMALLEST_GROUP:
        raise BadInput("map_persons_wrong", fewest=2 * SMALLEST_GROUP)
    shown = votes.without_statements(left_out) if left_out else votes
    enough = np.flatnonzero(shown.seen >= max(1, min(ENOUGH_VOTES, len(shown.statements))))
    within = shown.chosen(enough)
    labels, where, stability = _grouped(within, seed, resamples)
    sizes = np.bincount(labels) if len(labels) else np.zeros(0, dtype=np.intp)
    hidden = _reasons(sizes, stability, fewest_persons)
    rows = [] if hidden else [np.flatnonzero(labels == group) for group in range(len(sizes))]
    return OpinionMap(
        digest=shown.digest,
        seed=seed,
        voted=int((shown.seen > 0).sum()),
        persons=within.persons,
        group_sizes=() if hidden else tuple(int(size) for size in sizes),
        hidden=hidden,
        stability=stability,
        statements=read_statements(within, rows),
        labels=labels,
        places=where,
    )


def _reasons(
    sizes: npt.NDArray[np.intp], stability: float | None, fewest_persons: int
) -> tuple[Hidden, ...]:
    reasons = []
    if sizes.sum() < fewest_persons:
        reasons.append(Hidden.FEW_PERSONS)
    if len(sizes) <= 1:
        reasons.append(Hidden.ONE_OPINION)
    elif sizes.min() < SMALLEST_GROUP:
        reasons.append(Hidden.SMALL_GROUP)
    if len(sizes) > 1 and (stability is None or stability < STABLE):
        reasons.append(Hidden.UNSTABLE)
    return tuple(reasons)


def _grouped(within: Votes, seed: bytes, resamples: int) -> tuple[Labels, Array, float | None]:
    """Return labels, places and stability of the persons in the map."""
    matrix = within.matrix
    where = places(matrix, components(matrix))
    order = _drawn(within, seed)
    labels, centres = _searched(where[order], seed)
    if len(centres) < 2:  # noqa: PLR2004
        return np.zeros(len(matrix), dtype=np.intp), where, None
    if len(order) < len(matrix):
        labels, centres = settle(where, centres)
    else:
        labels = nearest(where, centres)
    labels = _by_size(labels)
    return labels, where, _stability(matrix, labels, order, seed, resamples)


def _drawn(within: Votes, seed: bytes) -> npt.NDArray[np.intp]:
    """Return the rows to search among, in rising order: all, or as many as the seed draws."""
    if len(within.persons) <= SEARCHED:
        return np.arange(len(within.persons))
    row = {person: index for index, person in enumerate(within.persons)}
    return np.sort(np.array([row[one] for one in keyed_order(seed, "opinions", within.persons)[:SEARCHED]]))


def _searched(
    where: Array, seed: bytes, label: str = "opinions", starts: int = STARTS, judged: int = SEARCHED
) -> tuple[Labels, Array]:
    """Return the grouping with the largest silhouette among two to five groups; one group for one opinion."""
    nobody = np.zeros(len(where), dtype=np.intp)
    if len(where) < 2:  # noqa: PLR2004
        return nobody, np.zeros((len(where), 2))
    most = min(MOST_GROUPS, 2 + len(where) // 12)
    found = [
        k_means(where, count, generator(seed, f"{label}/{count}"), starts) for count in range(2, most + 1)
    ]
    rows = slice(None, None, -(-len(where) // judged))
    widths = silhouettes(where[rows], [labels[rows] for labels, _ in found])
    full = [len(np.unique(labels)) == len(centres) for labels, centres in found]
    best = max(range(len(found)), key=lambda index: (full[index], widths[index]))
    return found[best] if full[best] and widths[best] > 0 else (nobody, where.mean(axis=0)[None])


def _by_size(labels: Labels) -> Labels:
    """Return the labels numbered from the largest group; of equally large ones, by the first person."""
    sizes = np.bincount(labels)
    first = [int(np.argmax(labels == group)) for group in range(len(sizes))]
    order = sorted(range(len(sizes)), key=lambda group: (-sizes[group], first[group]))
    number = np.empty(len(order), dtype=np.intp)
    number[order] = np.arange(len(order))
    renumbered: Labels = number[labels]
    return renumbered


def _stability(
    matrix: Matrix, labels: Labels, order: npt.NDArray[np.intp], seed: bytes, resamples: int
) -> float | None:
    """Return the mean adjusted Rand index of maps of re-drawn persons, each made anew, and the map."""
    judged, known = matrix[order], labels[order]
    agreement = []
    for turn in range(resamples):
        random = generator(seed, f"opinions/again/{turn}")
        again = np.sort(random.integers(len(matrix), size=min(len(matrix), RESAMPLED)))
        found = components(matrix[again])
        _, centres = _searched(
            places(matrix[again], found), seed, f"opinions/again/{turn}", _RESAMPLE_STARTS, _RESAMPLE_JUDGED
        )
        if len(centres) == 0:
            agreement.append(0.0)
        else:
            agreement.append(adjusted_rand(known, nearest(places(judged, found), centres)))
    return float(np.mean(agreement)) if agreement else None
