from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isegoria.errors import BadInput
from isegoria.evaluation import gini, opinion_change, share_gaps
from isegoria.seeding import generator


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12).filter(any))
def test_the_gini_coefficient_is_the_mean_difference_of_all_pairs(amounts):
    pairs = sum(abs(one - other) for one in amounts for other in amounts)
    assert gini(amounts) == pytest.approx(pairs / (2 * len(amounts) * sum(amounts)), abs=1e-12)


@given(st.lists(st.integers(0, 20), min_size=3, max_size=3).filter(any))
def test_share_gaps_cancel_out(counts):
    gaps = share_gaps(dict(zip("abc", counts, strict=True)), {"a": 0.5, "b": 0.25, "c": 0.25})
    assert sum(gaps.values()) == pytest.approx(0, abs=1e-12)
    assert gaps["a"] == pytest.approx(counts[0] / sum(counts) - 0.5)


def test_the_interval_of_a_change_covers_as_often_as_it_says():
    random = generator(bytes(32), "coverage")
    samples = random.normal(0.5, 1, size=(2000, 20))
    inside = [(found := opinion_change([0] * 20, list(one))).low <= 0.5 <= found.high for one in samples]
    assert 0.93 < np.mean(inside) < 0.97


def test_changes_that_cancel_out_are_seen_in_the_gross_change():
    found = opinion_change([1, 5], [5, 1])
    assert (found.net, found.gross) == (0, 4)


@pytest.mark.parametrize(
    "call",
    [
        lambda: gini([]),
        lambda: gini([0, 0]),
        lambda: gini([-1, 2]),
        lambda: share_gaps({}, {"a": 1.0}),
        lambda: share_gaps({"x": 1}, {"a": 1.0}),
        lambda: share_gaps({"a": 1}, {"a": 0.5}),
        lambda: opinion_change([1], [1]),
        lambda: opinion_change([1, 2], [1]),
    ],
)
def test_what_cannot_be_measured_is_refused(call):
    with pytest.raises(BadInput, check=lambda error: error.code == "measure_input_wrong"):
        call()
