"""What can be computed from sums over groups of the same people: nothing that is about a few of them alone.

Let M have a row for each group and a column for each person, 1 where she belongs to it; whoever has the sums M x knows
every w x with w in the row space of M, and nothing more of x. Such a w is about the people where it is not 0. So
nothing about s or fewer people can be computed if and only if every w ≠ 0 in the row space differs from 0 at more than s
people: the least distance of a linear code.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from isegoria.tolerances import SPAN

Matrix = NDArray[np.float64]
AT_ONCE = 50_000
"""Sets of people whose matrices are looked at together: some ten megabytes."""


def tells_of_few(groups: Sequence[Sequence[bool]], most: int) -> bool:
    """Return whether sums over groups let somebody compute a number that depends on few people alone.

    Parameters
    ----------
    groups
        Shape (groups, people): whether each person belongs to each group.
    most
        How many people are few, 0 or more.

    Returns
    -------
    bool
        True if a linear combination of the sums, other than nothing, depends on 1 to `most` people alone.

    Notes
    -----
    Guarantee: exact, whatever combination somebody tries. Not guaranteed: what somebody can compute who knows the
    numbers of some people beside the sums; she learns of `most` + 1 people less those whom she knows.

    People who are together in every group cannot be told apart: a combination is about all of them or none. With H the
    projection onto the row space, a set S carries one exactly if the part of H on S has the eigenvalue 1, which needs a
    trace of 1 or more; few sets have it.

    Examples
    --------
    >>> tells_of_few([[True, True, True, False], [False, True, True, True]], 2)
    True
    >>> tells_of_few([[True, True, False, False], [False, False, True, True]], 1)
    False
    """
    if not groups or not len(groups[0]):
        return False
    columns, sizes = np.unique(np.array(groups, dtype=np.float64), axis=1, return_counts=True)
    onto = _projection(columns * np.sqrt(sizes))
    small = [int(one) for one in np.argsort(-np.diag(onto), kind="stable") if sizes[one] <= most]
    for count in range(1, most + 1):
        sets = _sets(small, sizes, np.diag(onto), count, most)
        while chunk := list(islice(sets, AT_ONCE)):
            chosen = np.array(chunk)
            parts = onto[chosen[:, :, None], chosen[:, None, :]]
            if (np.linalg.eigvalsh(parts)[:, -1] >= 1 - SPAN).any():
                return True
    return False


def _projection(groups: Matrix) -> Matrix:
    """Return the projection onto the row space, shape (columns, columns)."""
    _left, lengths, right = np.linalg.svd(groups, full_matrices=False)
    basis = right[lengths > SPAN * lengths.max(initial=0.0)]
    projection: Matrix = basis.T @ basis
    return projection


def _sets(
    kinds: Sequence[int], sizes: NDArray[np.int64], weights: Matrix, count: int, most: int
) -> Iterator[tuple[int, ...]]:
    """Yield the sets of `count` kinds of people, `most` people in all, whose weights sum to 1 or more.

    The kinds come with falling weights, so that whatever follows one that is too light is too light as well.
    """

    def grow(chosen: tuple[int, ...], begin: int, weight: float, room: int) -> Iterator[tuple[int, ...]]:
        left = count - len(chosen)
        if not left:
            yield chosen
            return
        for place in range(begin, len(kinds)):
            one = kinds[place]
            if weight + left * weights[one] < 1 - SPAN:
                return
            if sizes[one] <= room:
                yield from grow((*chosen, one), place + 1, weight + weights[one], room - int(sizes[one]))

    return grow((), 0, 0.0, most)
