"""Where fractions of people promise more than panels keep, the optimum over panels is found and proved."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.lottery import Cancelled, solve
from isegoria.lottery.decompose import decompose
from isegoria.lottery.problem import problem_of
from isegoria.lottery.relaxation import leximin_levels
from isegoria.pool import Pool, Quotas
from isegoria.solvers.brute import every_panel, leximin_chances
from isegoria.testing import small_pool, with_households

EXACT = [(str(seed), 0) for seed in (0, 3, 6, 9)] + [("10", 1)]
"""Pools of 30 people with panels of 8 whose relaxation has no mixture, mostly with minimum = maximum."""


def pool_of(seed: str, slack: int):
    return small_pool(30, 8, (4, 3, 4, 3, 2), seed=seed, slack=slack)


@pytest.mark.parametrize(("seed", "slack"), EXACT)
def test_the_relaxation_is_an_upper_bound_that_no_mixture_reaches(seed, slack):
    instance = pool_of(seed, slack)
    problem = problem_of(instance.pool, instance.quotas, instance.size)
    above = np.zeros(len(problem.types))
    for level in leximin_levels(problem, lambda: False):
        above[list(level.types)] = level.chance
    target = above * problem.counts
    assert decompose(problem, target, lambda _done: None, lambda: False).weights is None
    reached = sorted(float(one) for one in solve(instance.pool, instance.quotas, 8).chances().values())
    promised = sorted(np.repeat(above, problem.counts.astype(int)))
    first = next(index for index in range(30) if abs(promised[index] - reached[index]) > 1e-9)
    assert promised[first] > reached[first]


@pytest.mark.parametrize(("seed", "slack"), EXACT)
def test_the_exact_optimum_does_not_depend_on_the_order_of_people_or_quotas(seed, slack):
    instance = pool_of(seed, slack)
    first = solve(instance.pool, instance.quotas, 8)
    second = solve(Pool(instance.pool.entries[::-1]), Quotas(instance.quotas.rows[::-1]), 8)
    assert first.compositions == second.compositions
    assert first.verify().gaps == second.verify().gaps
    assert first.verify().solver_free


@given(st.integers(5, 12), st.integers(2, 5), st.integers(0, 10**6).map(str), st.integers(0, 1))
@settings(max_examples=40, deadline=None)
def test_with_five_exact_features_it_agrees_with_listing_every_panel(people, size, seed, slack):
    instance = small_pool(people, min(size, people), (2, 2, 3, 2, 2), seed=seed, slack=slack)
    panels = every_panel(instance.pool, instance.quotas, instance.size)
    expected = leximin_chances(panels, people)
    found = solve(instance.pool, instance.quotas, instance.size).chances()
    assert np.abs(expected - [float(found[one.id]) for one in instance.pool]).max() < 1e-6


PHASES = {
    "levels": (pool_of("3", 0), "leximin"),
    "panels": (with_households(small_pool(12, 4, (2, 2), seed="1", slack=2), 0.4), "leximin"),
    "exact": (pool_of("3", 0), "leximin"),
    "tickets": (pool_of("3", 0), "nash"),
}


@pytest.mark.parametrize("phase", PHASES)
def test_it_can_be_cancelled_in_every_phase(phase):
    instance, objective = PHASES[phase]
    heard: list[str] = []
    with pytest.raises(Cancelled):
        solve(
            instance.pool,
            instance.quotas,
            instance.size,
            objective,
            progress=lambda name, _done: heard.append(name),
            cancelled=lambda: phase in heard,
        )
    assert heard[-1] == phase
    assert heard.count(phase) == 1
