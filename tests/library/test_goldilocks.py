"""Goldilocks is the best trade between smallest and largest chance, and its curve is the true one."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import pools

from isegoria.errors import BadInput
from isegoria.lottery import Lottery, draw, fairness_curve, measures, solve
from isegoria.lottery.goldilocks import OverPanels, optimum
from isegoria.lottery.nash import covering, without
from isegoria.lottery.problem import problem_of
from isegoria.pool import Entry, Pool, Quota, Quotas
from isegoria.solvers.brute import every_panel, goldilocks_value, meets, smallest_largest_chance
from isegoria.testing import NAMED, realistic_pool, small_pool, with_households

GAP = Fraction(1, 10**7)

small_instances = pools.small_instances()
middle_instances = pools.middle_instances()
gammas = st.sampled_from([Fraction(1, 3), Fraction(1), Fraction(2), Fraction(10)])


def objective(lottery: Lottery, gamma: Fraction) -> float:
    drawn = [
        (chance, one.count)
        for chance, one in zip(lottery.type_chances(), lottery.types, strict=True)
        if chance
    ]
    mean = Fraction(lottery.size, sum(count for _, count in drawn))
    smallest, largest = min(drawn)[0], max(drawn)[0]
    return float(largest / mean + gamma * mean / smallest)


@given(small_instances, gammas)
@settings(max_examples=60, deadline=None)
def test_goldilocks_agrees_with_listing_every_panel(instance, gamma):
    lottery = solve(instance.pool, instance.quotas, instance.size, "goldilocks", gamma=gamma)
    panels = every_panel(instance.pool, instance.quotas, instance.size)
    assert objective(lottery, gamma) == pytest.approx(
        goldilocks_value(panels, len(instance.pool), float(gamma)), abs=1e-5
    )
    certified = lottery.verify()
    assert certified.solver_free
    assert -GAP <= certified.gap <= GAP


@given(small_instances)
@settings(max_examples=30, deadline=None)
def test_goldilocks_over_panels_alone_finds_the_same(instance):
    """The fallback, asked directly, so that it is tried on pools that do not need it too."""
    problem = problem_of(instance.pool, instance.quotas, instance.size)
    panels, never = covering(problem)
    within = without(problem, never)
    master = OverPanels(within, [panel[~never] for panel in panels], lambda: False)
    best, _ = optimum(within, 1.0, master)
    mixture = master.leximin_below(best.largest)
    chances = np.array(mixture.panels).T @ mixture.weights / within.counts
    lottery = solve(instance.pool, instance.quotas, instance.size, "goldilocks")
    expected = [float(chance) for chance, out in zip(lottery.type_chances(), never, strict=True) if not out]
    assert np.abs(chances - expected).max() < 1e-6


@given(middle_instances)
@settings(max_examples=15, deadline=None)
def test_every_composition_is_a_panel_and_equal_persons_have_equal_chances(instance):
    lottery = solve(instance.pool, instance.quotas, instance.size, "goldilocks")
    lottery.check(lottery.tickets)
    for composition in lottery.compositions:
        members = [
            one.features
            for one, count in zip(lottery.types, composition.counts, strict=True)
            for _ in range(count)
        ]
        assert meets(members, instance.quotas)
    assert sum(lottery.chances().values()) == instance.size
    assert lottery.verify().gap <= GAP
    chances = lottery.chances()
    seen: dict[tuple[str, ...], Fraction] = {}
    for entry in instance.pool:
        assert seen.setdefault(tuple(entry.features.values()), chances[entry.id]) == chances[entry.id]


@given(middle_instances, st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_goldilocks_does_not_depend_on_the_order_of_rows_nor_on_names(instance, shuffler):
    people, rows = list(instance.pool.entries), list(instance.quotas.rows)
    shuffler.shuffle(people)
    shuffler.shuffle(rows)
    first = solve(instance.pool, instance.quotas, instance.size, "goldilocks")
    second = solve(Pool(tuple(people)), Quotas(tuple(rows)), instance.size, "goldilocks")
    assert first.compositions == second.compositions
    assert second.verify().gap == first.verify().gap
    named = Pool(
        tuple(
            Entry(
                f"x{9999 - index}", {f"z-{name}"[::-1]: value[::-1] for name, value in one.features.items()}
            )
            for index, one in enumerate(instance.pool)
        )
    )
    quotas = Quotas(
        tuple(Quota(f"z-{q.feature}"[::-1], q.value[::-1], q.minimum, q.maximum) for q in instance.quotas)
    )
    renamed = solve(named, quotas, instance.size, "goldilocks").chances()
    chances = first.chances()
    for index, entry in enumerate(instance.pool):
        assert float(renamed[f"x{9999 - index}"]) == pytest.approx(float(chances[entry.id]), abs=1e-8)


@given(middle_instances)
@settings(max_examples=10, deadline=None)
def test_goldilocks_lies_between_leximin_and_the_flattest_lottery(instance):
    leximin = measures(solve(instance.pool, instance.quotas, instance.size))
    lottery = measures(solve(instance.pool, instance.quotas, instance.size, "goldilocks"))
    assert lottery.smallest <= leximin.smallest + 1e-9
    assert lottery.largest <= leximin.largest + 1e-9


def test_goldilocks_holds_with_one_person_per_household():
    instance = with_households(realistic_pool(80, 10, {"age": 4, "sex": 2}, slack=2), 0.4)
    lottery = solve(instance.pool, instance.quotas, instance.size, "goldilocks")
    assert lottery.verify().gap <= GAP
    assert Lottery.from_document(lottery.to_document()) == lottery
    members = draw(lottery, "3-1-4-1-5").members
    homes = [entry.household for entry in instance.pool if entry.id in members and entry.household]
    assert len(homes) == len(set(homes))


def test_a_certificate_of_another_lottery_proves_nothing_about_this_one():
    instance = realistic_pool(60, 8, {"age": 4, "sex": 2, "place": 5}, slack=1)
    lottery = solve(instance.pool, instance.quotas, instance.size, "goldilocks")
    leximin = solve(instance.pool, instance.quotas, instance.size)
    assert objective(leximin, Fraction(1)) > objective(lottery, Fraction(1)) + 1e-3
    claimed = Lottery(
        leximin.types,
        leximin.compositions,
        leximin.size,
        leximin.quotas,
        "goldilocks",
        lottery.certificate,
    )
    assert claimed.verify().gap > Fraction(1, 1000)


@pytest.mark.parametrize("gamma", [Fraction(0), Fraction(-1), Fraction(10**7)])
def test_a_gamma_outside_of_its_range_is_refused(gamma):
    with pytest.raises(BadInput, match="Goldilocks"):
        solve(NAMED[0].pool, NAMED[0].quotas, NAMED[0].size, "goldilocks", gamma=gamma)


@given(small_instances)
@settings(max_examples=30, deadline=None)
def test_the_fairness_curve_agrees_with_listing_every_panel(instance):
    curve = fairness_curve(instance.pool, instance.quotas, instance.size)
    panels = every_panel(instance.pool, instance.quotas, instance.size)
    ends = curve[0].smallest, curve[-1].smallest
    for share in (0.0, 0.3, 0.5, 0.8, 1.0):
        floor = ends[0] + share * (ends[1] - ends[0])
        expected = np.interp(floor, [c.smallest for c in curve], [c.largest for c in curve])
        found = smallest_largest_chance(panels, len(instance.pool), floor - 1e-9)
        assert found == pytest.approx(expected, abs=1e-6)
    assert smallest_largest_chance(panels, len(instance.pool), ends[1] + 1e-4) is None


@given(middle_instances)
@settings(max_examples=15, deadline=None)
def test_the_fairness_curve_rises_and_bends_upwards(instance):
    curve = fairness_curve(instance.pool, instance.quotas, instance.size)
    slopes = [(b.largest - a.largest) / (b.smallest - a.smallest) for a, b in itertools.pairwise(curve)]
    assert all(slope > -1e-7 for slope in slopes)
    assert all(later > earlier - 1e-6 for earlier, later in itertools.pairwise(slopes))


@pytest.mark.data
def test_goldilocks_of_the_public_fixture_is_the_published_one():
    pool, quotas = pools.public_pool("fixture_150_22", "features.csv", "candidates.csv")
    lottery = solve(pool, quotas, 22, "goldilocks")
    numbers = measures(lottery)
    assert objective(lottery, Fraction(1)) == pytest.approx(2.89174, abs=1e-5)
    assert numbers.smallest == pytest.approx(1 / 11, abs=1e-9)
    assert numbers.largest == pytest.approx(0.1875, abs=1e-9)
    assert lottery.verify().gap <= GAP


def test_where_fractions_promise_too_much_the_panels_themselves_decide():
    """Small pools with exact quotas, of which many have their optimum below the relaxation's."""
    fell_back = 0
    for seed in range(8):
        instance = small_pool(30, 8, [2, 3, 2, 3, 2], seed=f"fallback-{seed}")
        phases: set[str] = set()
        for gamma in (Fraction(1, 14), Fraction(1), Fraction(6)):
            lottery = solve(
                instance.pool,
                instance.quotas,
                instance.size,
                "goldilocks",
                lambda phase, _done, seen=phases: seen.add(phase),
                gamma=gamma,
            )
            certified = lottery.verify()
            assert certified.solver_free
            assert -GAP <= certified.gap <= GAP
        fell_back += "exact" in phases
    assert fell_back >= 3
