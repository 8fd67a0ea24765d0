"""Tables of counts for readers who may not see persons: no small cell is shown, nor can it be computed back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy  # its parts are loaded where they are first used: at a start they cost a second
from numpy.typing import NDArray

LEAST = 5
"""The smallest count that is shown; 0 is shown as well, where it tells nothing of a neighbour."""
WIDTH = 1
"""How many persons the range must span that can be computed for a hidden cell."""
Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]


def protect(counts: Sequence[Sequence[int]], least: int = LEAST) -> list[list[int | None]]:
    """Return a table with its sums, in which small counts and as many others as needed are hidden.

    Parameters
    ----------
    counts
        Shape (rows, columns), whole numbers, 0 or more.
    least
        Counts from 1 to `least` - 1 are small.

    Returns
    -------
    list of list of int or None
        Shape (rows + 1, columns + 1); the last column holds the sums of the rows, the last row those of the columns.
        None stands for a hidden cell. The sum of everything is never hidden, unless it is small itself.

    Notes
    -----
    Guarantee: from what is shown, whoever knows that counts are whole and not negative cannot compute a small cell
    exactly; the range that can be computed spans `WIDTH` or more. Where nothing else is left to hide, all but the sum
    of everything is hidden. Source: cell suppression, Hundepool et al., Statistical Disclosure Control, 2012, ch. 4.

    Examples
    --------
    >>> protect([[3, 40], [20, 30]])
    [[None, None, 43], [None, None, 50], [23, 70, 93]]
    """
    if not counts:
        return [[0]]
    table = _with_sums(np.array(counts, dtype=np.int64).reshape(len(counts), -1))
    small = (table > 0) & (table < least)
    hidden = small.copy()
    while (cell := _exposed(table, small, hidden)) is not None:
        other = _next_to_hide(table, hidden, cell)
        if other is None:
            hidden[...] = True
            hidden[-1, -1] = small[-1, -1]
            break
        hidden[other] = True
    return [
        [None if hidden[row, column] else int(table[row, column]) for column in range(table.shape[1])]
        for row in range(table.shape[0])
    ]


def protect_list(counts: Sequence[int], least: int = LEAST) -> list[int | None]:
    """Return counts with their sum at the end, in which small ones and, where it is needed, one more are hidden.

    Parameters
    ----------
    counts
        Whole numbers, 0 or more.
    least
        Counts from 1 to `least` - 1 are small.

    Notes
    -----
    Guarantee: as for `protect`. With a second one hidden, only their sum can be computed.

    Examples
    --------
    >>> protect_list([3, 24, 8, 5])
    [None, 24, 8, None, 40]
    """
    hidden = {place for place, count in enumerate(counts) if 0 < count < least}
    if len(hidden) == 1 and len(counts) > 1:
        others = (place for place in range(len(counts)) if place not in hidden)
        hidden.add(min(others, key=lambda place: (counts[place], place)))
    total = sum(counts)
    shown = [None if place in hidden else count for place, count in enumerate(counts)]
    return [*shown, None if 0 < total < least or len(hidden) == len(counts) == 1 else total]


def _with_sums(counts: Counts) -> Counts:
    with_rows = np.hstack([counts, counts.sum(axis=1, keepdims=True)])
    return np.vstack([with_rows, with_rows.sum(axis=0, keepdims=True)])


def _cells(mask: Mask) -> list[tuple[int, int]]:
    return [(int(row), int(column)) for row, column in np.argwhere(mask)]


def _exposed(table: Counts, small: Mask, hidden: Mask) -> tuple[int, int] | None:
    """Return a small cell that can be computed from what is shown; None if there is none."""
    unknown = _cells(hidden)
    place = {cell: index for index, cell in enumerate(unknown)}
    rows, right = [], []
    for axis in (0, 1):
        for line in range(table.shape[axis]):
            cells = [(line, k) if axis == 0 else (k, line) for k in range(table.shape[1 - axis])]
            row, known = np.zeros(len(unknown)), 0
            for cell in cells:
                sign = -1 if cell == cells[-1] else 1
                if cell in place:
                    row[place[cell]] = sign
                else:
                    known += int(sign * table[cell])
            rows.append(row)
            right.append(-known)
    for cell in _cells(small):
        aim = np.zeros(len(unknown))
        aim[place[cell]] = 1
        least, most = (
            scipy.optimize.linprog(sign * aim, A_eq=np.array(rows), b_eq=np.array(right), bounds=(0, None))
            for sign in (1, -1)
        )
        if most.status == 0 and -most.fun - least.fun < WIDTH - 1e-6:
            return cell
    return None


def _next_to_hide(table: Counts, hidden: Mask, cell: tuple[int, int]) -> tuple[int, int] | None:
    """Return what is hidden next for an exposed cell: counts before sums, its own lines first, the smallest first."""
    rows, columns = table.shape

    def order(each: tuple[int, int]) -> tuple[bool, bool, int, tuple[int, int]]:
        is_sum = each[0] == rows - 1 or each[1] == columns - 1
        return is_sum, each[0] != cell[0] and each[1] != cell[1], int(table[each]), each

    return min(
        (each for each in _cells(~hidden) if each != (rows - 1, columns - 1)), key=order, default=None
    )
