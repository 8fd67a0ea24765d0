"""The door to the solvers: right answers, changes in place, and the slow twin."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.pool import Quota, Quotas
from isegoria.solvers import IntegerProgramme, LinearProgramme
from isegoria.solvers.brute import every_panel, leximin_chances, meets
from isegoria.testing import NAMED, small_pool


def knapsack(kind):
    """Maximise 3a + 2b with a + b ≤ 4, a + 3b ≤ 6, a ≤ 3.5."""
    rows = np.array([[1.0, 1.0], [1.0, 3.0]])
    bounds = np.zeros(2), np.array([3.5, 9.0])
    return kind(np.array([3.0, 2.0]), *bounds, rows, np.full(2, -np.inf), np.array([4.0, 6.0]))


def test_a_linear_programme_gives_value_prices_and_reduced_costs():
    found = knapsack(LinearProgramme).solve()
    assert found.value == pytest.approx(11.5)
    assert found.columns == pytest.approx([3.5, 0.5])
    assert found.prices == pytest.approx([2.0, 0.0])
    assert found.reduced == pytest.approx([1.0, 0.0])


def test_a_linear_programme_is_changed_in_place():
    programme = knapsack(LinearProgramme)
    programme.solve()
    programme.change_costs(np.array([0.0, 1.0]))
    assert programme.solve().value == pytest.approx(2.0)
    programme.change_bounds(np.array([3.0, 0.0]), np.array([3.5, 9.0]))
    assert programme.solve().value == pytest.approx(1.0)
    programme.change_row_bounds(0, -np.inf, 3.5)
    assert programme.solve().value == pytest.approx(0.5)
    programme.change_coefficient(0, 1, 2.0)
    assert programme.solve().value == pytest.approx(0.25)
    programme.add_column(5.0, 0.0, np.inf, np.array([1], dtype=np.int32), np.array([1.0]))
    assert programme.solve().value == pytest.approx(15.0)
    programme.add_row(0.0, 1.0, np.array([2], dtype=np.int32), np.array([1.0]))
    assert programme.solve().value == pytest.approx(5.25)
    assert (programme.rows, programme.columns) == (3, 3)


def test_an_impossible_programme_has_no_solution_but_prices_that_prove_it():
    programme = knapsack(LinearProgramme)
    programme.change_row_bounds(0, 12.0, 12.0)
    assert programme.solve() is None
    prices = programme.infeasibility_prices()
    combined = prices @ np.array([[1.0, 1.0], [1.0, 3.0]])
    sign = -np.sign(prices[0])
    reach = sum(max(0.0, sign * -c) * u for c, u in zip(combined, (3.5, 9.0), strict=True))
    assert abs(prices[0]) * 12.0 > reach - 1e-9 - 6.0 * abs(prices[1])


def test_an_integer_programme_gives_whole_numbers():
    programme = knapsack(IntegerProgramme)
    assert list(programme.solve()) == [3.0, 1.0]
    programme.change_costs(np.array([0.0, 1.0]))
    assert programme.solve()[1] == 2.0
    programme.change_row_bounds(0, 20.0, 20.0)
    assert programme.solve() is None


@given(st.integers(0, 10**6), st.integers(2, 7), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_the_integer_programme_agrees_with_listing_all_points(seed, columns, rows):
    random = np.random.Generator(np.random.PCG64(seed))
    matrix = random.integers(-2, 4, size=(rows, columns)).astype(float)
    costs = random.integers(-5, 6, size=columns).astype(float)
    upper = random.integers(0, 6, size=rows).astype(float)
    zeros, ones = np.zeros(columns), np.ones(columns)
    found = IntegerProgramme(costs, zeros, ones, matrix, np.full(rows, -np.inf), upper).solve()
    points = ((np.arange(2**columns)[:, None] >> np.arange(columns)) & 1).astype(float)
    allowed = points[(points @ matrix.T <= upper).all(axis=1)]
    if len(allowed):
        assert costs @ found == pytest.approx((allowed @ costs).max())
        assert (matrix @ found <= upper).all()
    else:
        assert found is None


def test_solvers_print_nothing():
    code = (
        "import numpy as np; from isegoria.solvers import IntegerProgramme as I, LinearProgramme as L\n"
        "for K in (I, L): K(np.ones(1), np.zeros(1), np.ones(1), np.ones((1, 1)), np.zeros(1), np.ones(1)).solve()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_the_twin_lists_exactly_the_panels_that_meet_the_quotas():
    instance = NAMED[1]
    assert every_panel(instance.pool, instance.quotas, 2) == [(0, 3), (1, 3), (2, 3)]
    assert meets([{"sex": "f"}], Quotas((Quota("sex", "f", 1, 1),)))
    assert not meets([], Quotas((Quota("sex", "f", 1, 1),)))


@pytest.mark.parametrize("instance", NAMED, ids=lambda instance: instance.name)
def test_the_twin_knows_the_named_chances(instance):
    panels = every_panel(instance.pool, instance.quotas, instance.size)
    expected = [float(instance.chances[entry.id]) for entry in instance.pool]
    assert leximin_chances(panels, len(instance.pool)) == pytest.approx(expected, abs=1e-7)


def test_the_twin_refuses_what_it_cannot_list():
    instance = small_pool(13, 3, (2,), seed="large")
    with pytest.raises(ValueError, match="13 people"):
        every_panel(instance.pool, instance.quotas, 3)
