"""Small counts are hidden, and cannot be computed back from the sums."""

from __future__ import annotations

import itertools

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from isegoria.evaluation.small_cells import protect, protect_list

TABLES = st.integers(1, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 12), min_size=columns, max_size=columns), min_size=1, max_size=4
    )
)


def test_a_table_without_small_counts_is_shown_whole():
    assert protect([[0, 5], [7, 30]]) == [[0, 5, 5], [7, 30, 37], [7, 35, 42]]


def test_one_small_cell_hides_others_so_that_no_difference_gives_it_away():
    assert protect([[3, 40], [20, 30]]) == [[None, None, 43], [None, None, 50], [23, 70, 93]]


def test_a_sum_that_is_small_is_hidden_too():
    assert protect([[3]]) == [[None, None], [None, None]]


@settings(max_examples=50, deadline=None)
@given(TABLES)
def test_what_is_shown_is_right_and_nothing_small_is_shown(counts):
    shown = protect(counts)
    sums = [[*row, sum(row)] for row in counts]
    whole = [*sums, [sum(column) for column in zip(*sums, strict=True)]]
    for row, right in zip(shown, whole, strict=True):
        for cell, true in zip(row, right, strict=True):
            assert cell in (None, true)
            assert cell is None or cell == 0 or cell >= 5


@settings(max_examples=15, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), min_size=2, max_size=2), min_size=2, max_size=2))
def test_every_small_cell_could_be_another_number(counts):
    """Brute force: all tables of whole numbers that show the same."""
    shown = protect(counts)
    total = sum(map(sum, counts))
    cells = [(r, c) for r in range(len(counts)) for c in range(2)]
    free = [cell for cell in cells if shown[cell[0]][cell[1]] is None]
    assume(len(free) <= 4)  # more are too many to enumerate
    possible: dict[tuple[int, int], set[int]] = {cell: set() for cell in free}
    most = min(total, 10)
    for values in itertools.product(range(most + 1), repeat=len(free)):
        table = [list(row) for row in counts]
        for (r, c), value in zip(free, values, strict=True):
            table[r][c] = value
        if fits(table, shown):
            for cell, value in zip(free, values, strict=True):
                possible[cell].add(value)
    for r, c in free:
        if 0 < counts[r][c] < 5:
            assert len(possible[r, c]) > 1


def fits(table, shown):
    rows = [sum(row) for row in table]
    columns = [sum(column) for column in zip(*table, strict=True)]
    told = [
        *zip(rows, (row[-1] for row in shown[:-1]), strict=True),
        *zip([*columns, sum(rows)], shown[-1], strict=True),
    ]
    return all(seen is None or true == seen for true, seen in told)


def test_an_empty_table_stays_empty():
    assert protect([]) == [[0]]


@given(st.lists(st.integers(0, 20), min_size=1, max_size=6))
def test_a_small_one_of_a_list_is_hidden_with_another_or_with_the_sum(counts):
    *shown, total = protect_list(counts)
    hidden = [count for count, seen in zip(counts, shown, strict=True) if seen is None]
    assert all(seen in (None, true) for seen, true in zip(shown, counts, strict=True))
    assert all(seen is None or seen == 0 or seen >= 5 for seen in [*shown, total])
    assert len(hidden) != 1 or total is None
    assert total in (None, sum(counts))
