"""Groups of places: k-means with many seeded starts, the number of groups by silhouette, and how stable they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]

STARTS = 30
STEPS = 100
_ROWS = 1000


def k_means(
    places: Array, count: int, random: np.random.Generator, starts: int = STARTS
) -> tuple[Labels, Array]:
    """Return labels, shape (n,), and centres, shape (k, 2), of the best of many starts.

    Parameters
    ----------
    places
        Shape (n, 2), in an order that says nothing, such as by id.
    count
        Number of groups, 1 or more. Where there are fewer distinct places, groups stay empty.
    random
        Chooses the first centres: each with a chance proportional to the squared distance to those chosen.
    starts
        Number of starts; the one with the smallest sum of squared distances is kept, the first of equal ones.
    """
    centres = _starts(places, count, random, starts)
    moving = np.arange(starts)
    for _ in range(STEPS):
        moved = _means(places, _nearest(places, centres[moving]), centres[moving])
        changed = (moved != centres[moving]).any(axis=(1, 2))
        centres[moving] = moved
        moving = moving[changed]
        if len(moving) == 0:
            break
    labels = _nearest(places, centres)
    inertia = np.array(
        [((places - centres[start][labels[start]]) ** 2).sum() for start in range(len(centres))]
    )
    best = int(np.argmax(inertia <= inertia.min() * (1 + 1e-9) + 1e-300))
    return labels[best], centres[best]


def settle(places: Array, centres: Array) -> tuple[Labels, Array]:
    """Return labels and centres after k-means from these centres."""
    for _ in range(STEPS):
        labels = nearest(places, centres)
        moved = _means(places, labels[None], centres[None])[0]
        if np.array_equal(moved, centres):
            break
        centres = moved
    return nearest(places, centres), centres


def nearest(places: Array, centres: Array) -> Labels:
    """Return the number of the nearest centre of each place; the first of equally near ones."""
    labels: Labels = _nearest(places, centres[None])[0]
    return labels


def silhouettes(places: Array, groupings: Sequence[Labels]) -> list[float]:
    """Return the mean silhouette of each grouping, in [-1, 1]: how much nearer to the own group than to the next.

    Euclidean; a person alone in a group counts 0, and so does everybody where there are fewer than two groups.
    """
    totals = [0.0] * len(groupings)
    prepared = []
    for labels in groupings:
        names, own = np.unique(labels, return_inverse=True)
        member = (own[:, None] == np.arange(len(names))).astype(np.float64)
        prepared.append((own, member, member.sum(axis=0)))
    for start in range(0, len(places), _ROWS):
        rows = slice(start, start + _ROWS)
        distances = np.sqrt(_squares(places[rows], places))
        for index, (own, member, sizes) in enumerate(prepared):
            if len(sizes) > 1:
                totals[index] += _widths(distances @ member, own[rows], sizes)
    return [total / max(1, len(places)) for total in totals]


def _widths(sums: Array, own: Labels, sizes: Array) -> float:
    """Return the sum of the silhouettes of some persons, from their summed distances to each group."""
    index = np.arange(len(own))
    within = sums[index, own] / np.maximum(1, sizes[own] - 1)
    between = sums / sizes
    between[index, own] = np.inf
    other = between.min(axis=1)
    widest = np.maximum(within, other)
    value = np.divide(other - within, widest, out=np.zeros_like(widest), where=widest > 0)
    return float(value[sizes[own] > 1].sum())


def adjusted_rand(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Return how far two groupings of the same persons agree: 1 entirely, about 0 as chance would.

    References
    ----------
    Hubert and Arabie, Comparing partitions, Journal of Classification 2 (1985), formula 5.
    """
    first = np.unique(np.asarray(one), return_inverse=True)[1]
    second = np.unique(np.asarray(other), return_inverse=True)[1]
    if len(first) == 0:
        return 1.0
    table = np.zeros((int(first.max()) + 1, int(second.max()) + 1))
    np.add.at(table, (first, second), 1)

    def pairs(counts: Array) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both, left, right = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    every = len(first) * (len(first) - 1) / 2
    expected = left * right / every if every else 0.0
    most = (left + right) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def _squares(one: Array, other: Array) -> Array:
    """Return squared distances, by differences: exact zeros for equal places."""
    return (one[:, None, 0] - other[None, :, 0]) ** 2 + (one[:, None, 1] - other[None, :, 1]) ** 2


def _starts(places: Array, count: int, random: np.random.Generator, starts: int) -> Array:
    chosen = np.empty((starts, count, 2))
    for start in range(starts):
        chosen[start, 0] = places[random.integers(len(places))]
        least = np.full(len(places), np.inf)
        for index in range(1, count):
            least = np.minimum(least, ((places - chosen[start, index - 1]) ** 2).sum(axis=1))
            reached = np.cumsum(least)
            at = np.searchsorted(reached, random.random() * reached[-1], side="right")
            chosen[start, index] = places[min(int(at), len(places) - 1)]
    return chosen


def _nearest(places: Array, centres: Array) -> Labels:
    """Return labels, shape (starts, n), for centres of shape (starts, k, 2).

    Of |p - c|² only |c|² - 2 p·c differs between centres.
    """
    starts, count, _ = centres.shape
    flat = centres.reshape(-1, 2)
    score = (flat**2).sum(axis=1)[:, None] - 2 * (flat @ places.T)
    score = score.reshape(starts, count, len(places))
    best = np.zeros((starts, len(places)), dtype=np.intp)
    least = score[:, 0].copy()
    for index in range(1, count):
        best[score[:, index] < least] = index
        np.minimum(least, score[:, index], out=least)
    return best


def _means(places: Array, labels: Labels, centres: Array) -> Array:
    """Return the mean place of each group of each start; an empty group keeps its centre."""
    starts, count, _ = centres.shape
    flat = (labels + count * np.arange(starts)[:, None]).ravel()
    sizes = np.bincount(flat, minlength=starts * count)
    moved = centres.reshape(-1, 2).copy()
    filled = sizes > 0
    for axis in (0, 1):
        sums = np.bincount(flat, weights=np.tile(places[:, axis], starts), minlength=starts * count)
        moved[filled, axis] = sums[filled] / sizes[filled]
    return moved.reshape(centres.shape)
