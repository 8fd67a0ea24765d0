"""The most random lottery: panels counted exactly, chances kept exactly, entropy as large as it can be."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize
from tests.support import pools

from isegoria.errors import BadInput
from isegoria.lottery import (
    GraphTooLarge,
    count_panels,
    draw,
    entropy_bits,
    most_random,
    solve,
    uniform_chances,
)
from isegoria.lottery.panel_graph import PanelGraph
from isegoria.lottery.problem import problem_of
from isegoria.pool import Entry, Pool, Quota, Quotas
from isegoria.seeding import generator
from isegoria.solvers.brute import every_panel, meets
from isegoria.testing import realistic_pool, with_households

small_instances = pools.small_instances(features=4)
middle_instances = pools.middle_instances(10, ({"age": 4, "sex": 2}, {"age": 3, "sex": 2, "place": 3}))


def closed_form(first: int, second: int, size: int, low: int) -> Fraction:
    """The chance of one who shares a value with the first group and another with the second; all values need `low`."""

    def ways(members: int) -> int:
        return sum(
            math.comb(first, x) * math.comb(second, members - x)
            for x in range(members + 1)
            if x >= low and members - x >= low
        )

    return Fraction(ways(size - 1), ways(size - 1) + ways(size))


@pytest.mark.data
@pytest.mark.parametrize(
    ("folder", "size", "percent"), [("example_small_20", 20, 7.32), ("example_large_200", 200, 6.94)]
)
def test_the_lone_person_of_the_public_examples_has_the_published_chance(folder, size, percent):
    pool, quotas = pools.public_pool(folder)
    chances = uniform_chances(pool, quotas, size)
    assert round(float(min(chances.values())) * 100, 2) == percent
    low, people = quotas.rows[0].minimum, len(pool) // 2
    assert min(chances.values()) == closed_form(people - 1, people, size, low)


@given(small_instances, st.sampled_from([0.0, 0.6]))
@settings(max_examples=80, deadline=None)
def test_panels_and_chances_agree_with_listing_every_panel(instance, share):
    instance = with_households(instance, share)
    panels = every_panel(instance.pool, instance.quotas, instance.size)
    assume(panels)
    assert count_panels(instance.pool, instance.quotas, instance.size) == len(panels)
    chances = uniform_chances(instance.pool, instance.quotas, instance.size)
    for position, entry in enumerate(instance.pool):
        assert chances[entry.id] == Fraction(sum(position in panel for panel in panels), len(panels))


@given(middle_instances, st.floats(-2, 2))
@settings(max_examples=20, deadline=None)
def test_the_same_weight_for_everybody_scales_the_sum_and_leaves_the_chances(instance, weight):
    problem = problem_of(instance.pool, instance.quotas, instance.size)
    graph = PanelGraph(problem)
    theta = np.linspace(-1, 1, len(problem.types))
    total, expected = graph.tilted(theta)
    shifted, same = graph.tilted(theta + weight)
    assert shifted == pytest.approx(total + weight * instance.size, abs=1e-8)
    assert np.abs(expected - same).max() < 1e-8
    plain, _ = graph.tilted(np.zeros(len(problem.types)))
    assert plain == pytest.approx(math.log(graph.panels()), rel=1e-12)


@given(middle_instances)
@settings(max_examples=20, deadline=None)
def test_the_order_of_features_changes_nothing(instance):
    names = list(instance.quotas.features)
    renamed = {name: f"{9 - index}-{name}" for index, name in enumerate(names)}
    pool = Pool(
        tuple(
            Entry(one.id, {renamed[name]: value for name, value in one.features.items()})
            for one in instance.pool
        )
    )
    quotas = Quotas(
        tuple(
            Quota(renamed[q.feature], q.value, q.minimum, q.maximum) for q in reversed(instance.quotas.rows)
        )
    )
    assert count_panels(pool, quotas, instance.size) == count_panels(
        instance.pool, instance.quotas, instance.size
    )
    assert uniform_chances(pool, quotas, instance.size) == uniform_chances(
        instance.pool, instance.quotas, instance.size
    )


@given(middle_instances)
@settings(max_examples=10, deadline=None)
def test_the_gradient_of_the_sum_is_the_expected_number_of_each_type(instance):
    problem = problem_of(instance.pool, instance.quotas, instance.size)
    graph = PanelGraph(problem)
    theta = np.sin(np.arange(len(problem.types)))
    _, expected = graph.tilted(theta)
    for t in range(0, len(problem.types), 5):
        step = np.zeros(len(theta))
        step[t] = 1e-5
        slope = (graph.tilted(theta + step)[0] - graph.tilted(theta - step)[0]) / 2e-5
        assert slope == pytest.approx(expected[t], abs=1e-5)


def test_sampled_compositions_come_as_often_as_they_should():
    instance = realistic_pool(30, 6, {"age": 3, "sex": 2}, slack=1)
    problem = problem_of(instance.pool, instance.quotas, instance.size)
    graph = PanelGraph(problem)
    theta = np.linspace(-1, 1, len(problem.types))
    _, expected = graph.tilted(theta)
    drawn = graph.sample(theta, 20_000, generator(bytes(32), "test"))
    assert all(problem.holds(panel) for panel in drawn)
    error = drawn.std(axis=0) / math.sqrt(len(drawn)) + 1e-12
    assert (np.abs(drawn.mean(axis=0) - expected) / error).max() < 4.5


def greatest_entropy(panels: list[tuple[int, ...]], chances: np.ndarray) -> float:
    """The slow twin: the dual over all panels of persons, by a general minimiser."""
    contains = np.array(
        [[person in panel for panel in panels] for person in range(len(chances))], dtype=float
    )

    def dual(theta):
        powers = theta @ contains
        top = powers.max()
        shares = np.exp(powers - top)
        return top + math.log(shares.sum()) - theta @ chances, contains @ (shares / shares.sum()) - chances

    found = optimize.minimize(
        dual, np.zeros(len(chances)), jac=True, method="L-BFGS-B", bounds=[(-60, 60)] * len(chances)
    )
    return found.fun / math.log(2)


@given(small_instances)
@settings(max_examples=40, deadline=None)
def test_the_largest_entropy_agrees_with_listing_every_panel(instance):
    panels = every_panel(instance.pool, instance.quotas, instance.size)
    lottery = solve(instance.pool, instance.quotas, instance.size)
    chances = np.array([float(chance) for chance in lottery.chances().values()])
    found = most_random(lottery)
    assert found.most_bits == pytest.approx(greatest_entropy(panels, chances), abs=1e-3)


@given(middle_instances, st.sampled_from([2_000_000, 0]))
@settings(max_examples=10, deadline=None)
def test_everybody_keeps_her_chance_and_the_panel_is_harder_to_foresee(instance, limit):
    lottery = solve(instance.pool, instance.quotas, instance.size)
    found = most_random(lottery, limit=limit, compositions=120)
    for before, after in zip(lottery.type_chances(), found.lottery.type_chances(), strict=True):
        assert abs(before - after) < Fraction(1, 10**9)
    assert found.lottery.verify().gap <= Fraction(1, 10**8)
    found.lottery.check(found.lottery.tickets)
    assert found.bits >= found.bits_before - 1e-9
    assert found.bits == pytest.approx(entropy_bits(found.lottery), abs=1e-9)
    assert (found.most_bits is None) == (limit == 0)
    if found.most_bits is not None:
        assert found.bits <= found.most_bits + 1e-3
    assert found.lottery == most_random(lottery, limit=limit, compositions=120).lottery


@given(middle_instances)
@settings(max_examples=5, deadline=None)
def test_the_entropy_of_a_lottery_agrees_with_listing_its_panels(instance):
    lottery = solve(instance.pool, instance.quotas, instance.size)
    ways = [
        math.prod(math.comb(t.count, c) for t, c in zip(lottery.types, one.counts, strict=True))
        for one in lottery.compositions
    ]
    shares = [one.tickets / lottery.tickets for one in lottery.compositions]
    expected = sum(-share * math.log2(share / way) for share, way in zip(shares, ways, strict=True))
    assert entropy_bits(lottery) == pytest.approx(expected, abs=1e-9)


def test_couples_are_no_longer_always_or_never_drawn_together():
    instance = realistic_pool(60, 10, {"age": 4, "sex": 2, "place": 5}, slack=1)
    lottery = solve(instance.pool, instance.quotas, instance.size)
    found = most_random(lottery)

    def never_together(one) -> int:
        held = np.array([composition.counts for composition in one.compositions]) > 0
        return sum(
            not np.any(held[:, a] & held[:, b]) for a, b in itertools.combinations(range(held.shape[1]), 2)
        )

    assert len(found.lottery.compositions) > 3 * len(lottery.compositions)
    assert never_together(found.lottery) < never_together(lottery)


@pytest.mark.parametrize("limit", [2_000_000, 0])
def test_a_spread_lottery_with_households_can_be_drawn(limit):
    instance = with_households(realistic_pool(60, 8, {"age": 3, "sex": 2}, slack=2), 0.5)
    lottery = solve(instance.pool, instance.quotas, instance.size)
    found = most_random(lottery, limit=limit).lottery
    members = draw(found, "2-7-1-8").members
    chosen = [entry for entry in instance.pool if entry.id in members]
    assert meets([entry.features for entry in chosen], instance.quotas)
    homes = [entry.household for entry in chosen if entry.household]
    assert len(homes) == len(set(homes))


def test_too_many_combinations_are_refused_with_the_limit():
    instance = realistic_pool(120, 20)
    with pytest.raises(GraphTooLarge, match="2000000"):
        count_panels(instance.pool, instance.quotas, instance.size)


def test_a_number_of_compositions_out_of_range_is_refused():
    instance = realistic_pool(30, 6, {"age": 3, "sex": 2})
    lottery = solve(instance.pool, instance.quotas, instance.size)
    with pytest.raises(BadInput, match="-1"):
        most_random(lottery, compositions=-1)
