"""The search for panels: each one is a panel, near the best, and mixtures are found or refused with reason."""

from __future__ import annotations

import numpy as np
import pytest

from isegoria.lottery.decompose import decompose
from isegoria.lottery.exchanges import LEFT_BEHIND
from isegoria.lottery.panels import PanelSearch, stack
from isegoria.lottery.problem import problem_of
from isegoria.lottery.relaxation import leximin_levels
from isegoria.lottery.sifting import Sifting
from isegoria.lottery.tickets import TICKETS, largest_remainders, tickets_of
from isegoria.pool import Entry, Pool, Quota, Quotas
from isegoria.testing import NAMED, realistic_pool, with_households


def never() -> bool:
    return False


def target_of(problem):
    chances = np.zeros(len(problem.types))
    for level in leximin_levels(problem, never):
        chances[list(level.types)] = level.chance
    return chances * problem.counts


@pytest.mark.parametrize(("people", "size", "slack"), [(200, 24, 1), (200, 24, 0), (2500, 150, 1)])
def test_each_panel_meets_the_quotas_and_comes_near_to_the_best(people, size, slack):
    instance = realistic_pool(people, size, slack=slack)
    problem = problem_of(instance.pool, instance.quotas, size)
    target = target_of(problem)
    low, high = np.floor(target + 1e-9), np.ceil(target - 1e-9)
    search = PanelSearch(problem, low, high)
    assert Sifting.suits(problem, low, high) == (people > 1000)
    programme = problem.relaxation(low, high)
    owed = target.copy()
    for _ in range(5):
        panel = search.best(owed)
        assert problem.holds(panel)
        assert (panel >= low).all()
        assert (panel <= high).all()
        programme.change_costs(owed)
        bound = programme.solve().value
        assert owed @ panel <= bound + 1e-6
        assert owed @ panel >= bound - 0.2 * abs(bound)
        owed += target - panel


def test_a_mixture_has_the_target_as_its_mean():
    instance = realistic_pool(200, 24)
    problem = problem_of(instance.pool, instance.quotas, 24)
    target = target_of(problem)
    mixture = decompose(problem, target, lambda _done: None, never)
    assert mixture.weights.min() >= 0
    assert mixture.weights.sum() == pytest.approx(1, abs=1e-12)
    assert stack(mixture.panels) @ mixture.weights == pytest.approx(target, abs=1e-10)


def test_a_point_of_the_relaxation_outside_of_all_panels_is_refused():
    instance = NAMED[1]
    problem = problem_of(instance.pool, instance.quotas, instance.size)
    half = np.full(4, 0.5)
    assert (problem.matrix @ half <= problem.upper).all()
    assert decompose(problem, half, lambda _done: None, never).weights is None


def test_simple_fractions_become_exact_tickets():
    assert tickets_of(np.array([1 / 3, 1 / 6, 1 / 2])) == [2, 1, 3]
    assert tickets_of(np.array([1.0])) == [1]


def test_other_weights_are_rounded_to_the_full_number_of_tickets():
    random = np.random.Generator(np.random.PCG64(1))
    weights = random.dirichlet(np.ones(300))
    tickets = tickets_of(weights)
    assert sum(tickets) == TICKETS
    assert np.abs(np.array(tickets) / TICKETS - weights).max() <= 1 / TICKETS


def test_largest_remainders_break_ties_by_order():
    assert largest_remainders([0.25, 0.25, 0.25, 0.25], 6) == [2, 2, 1, 1]


@pytest.mark.parametrize(("people", "slack", "share"), [(400, 0, 0.0), (900, 1, 0.0), (400, 0, 0.3)])
def test_exchanges_keep_every_rule_and_stay_near_to_what_is_owed(people, slack, share):
    instance = realistic_pool(people, 40, slack=slack)
    if share:
        instance = with_households(instance, share)
    problem = problem_of(instance.pool, instance.quotas, 40)
    target = target_of(problem)
    low, high = np.floor(target + 1e-9), np.ceil(target - 1e-9)
    search = PanelSearch(problem, low, high)
    owed, different = target.copy(), set()
    for _ in range(60):
        panel = search.next(owed, target)
        assert problem.holds(panel)
        assert (panel >= low).all()
        assert (panel <= high).all()
        owed += target - panel
        different.add(panel.tobytes())
    assert np.abs(owed - target).max() < LEFT_BEHIND + 2
    assert len(different) > 50


def test_exchanges_know_people_by_many_features_as_well():
    """With thirty features the combinations of values are too many for a table."""
    random = np.random.Generator(np.random.PCG64(7))
    values = random.integers(3, size=(500, 30))
    names = [f"feature{number:02d}" for number in range(30)]
    pool = Pool(
        tuple(
            Entry(f"p{person:03d}", dict(zip(names, map(str, row), strict=True)))
            for person, row in enumerate(values)
        )
    )
    quotas = Quotas(tuple(Quota(name, value, 2, 16) for name in names for value in "012"))
    problem = problem_of(pool, quotas, 24)
    target = problem.counts * 24 / len(pool)
    search = PanelSearch(problem, np.floor(target + 1e-9), np.ceil(target - 1e-9))
    owed = target.copy()
    for _ in range(20):
        panel = search.next(owed, target)
        assert problem.holds(panel)
        owed += target - panel
