"""Few equal tickets: as good as listing every choice where that can be done, and never better than the bound."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.lottery import equal_tickets, solve
from isegoria.testing import NAMED, realistic_pool, small_pool


def smallest_change(lottery, tickets: int) -> float:
    """The slow twin: every way to share out the tickets among at most three compositions."""
    counts = np.array([one.counts for one in lottery.compositions], dtype=float)
    chances = counts / np.array([one.count for one in lottery.types])
    exact = np.array([float(chance) for chance in lottery.type_chances()])
    shares = (
        own for own in itertools.product(range(tickets + 1), repeat=len(counts)) if sum(own) == tickets
    )
    return min(float(np.abs(np.array(own) @ chances / tickets - exact).max()) for own in shares)


@given(st.integers(0, 10**6).map(str), st.integers(0, 2))
@settings(max_examples=40, deadline=None)
def test_the_change_is_the_smallest_of_all_choices(seed, slack):
    instance = small_pool(9, 4, (2, 2), seed=seed, slack=slack)
    lottery = solve(instance.pool, instance.quotas, instance.size)
    rounded = equal_tickets(lottery, 100)
    assert rounded.bound <= rounded.largest_change + 1e-12
    if len(lottery.compositions) <= 3:
        assert rounded.largest_change == pytest.approx(smallest_change(lottery, 100), abs=1e-9)
        assert rounded.bound == pytest.approx(rounded.largest_change, abs=1e-9)


@given(st.integers(0, 10**6).map(str), st.sampled_from([100, 1000]))
@settings(max_examples=10, deadline=None)
def test_the_bound_is_never_above_the_change_and_the_tickets_are_all_given(seed, tickets):
    instance = realistic_pool(60, 10, {"age": 4, "sex": 2, "place": 3}, seed=seed)
    lottery = solve(instance.pool, instance.quotas, instance.size)
    rounded = equal_tickets(lottery, tickets)
    rounded.lottery.check(tickets)
    assert 0 <= rounded.bound <= rounded.largest_change + 1e-12
    assert rounded.largest_change <= 2 / tickets
    assert equal_tickets(lottery, tickets) == rounded


def test_a_third_is_not_a_hundredth_and_the_bound_says_so():
    named = NAMED[0]
    rounded = equal_tickets(solve(named.pool, named.quotas, named.size), 100)
    assert rounded.largest_change == pytest.approx(rounded.bound, abs=1e-12)
