"""The lottery keeps its promises on generated pools, and agrees with the definition where it can be listed."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.errors import BadInput, Infeasible
from isegoria.lottery import Cancelled, Lottery, check, draw, measures, relaxed, solve, solving
from isegoria.pool import Entry, Pool, Quota, Quotas, read_pool, read_quotas
from isegoria.proof.canonical import LARGEST_INTEGER, canonical
from isegoria.solvers.brute import every_panel, leximin_chances, meets
from isegoria.testing import NAMED, realistic_pool, small_pool
from isegoria.tolerances import CERTIFICATE_GAP, CHANCE

DATA = Path(__file__).parents[3] / "shared" / "data" / "lottery"
GAP = Fraction(1, 10**9)


def public(folder: str, quotas: str, pool: str, size: int) -> Lottery:
    if not DATA.exists():
        pytest.skip("the public data in ../shared/data are missing")
    limits = read_quotas(DATA / folder / quotas)
    return solve(read_pool(DATA / folder / pool, limits), limits, size)


small_instances = st.builds(
    small_pool,
    people=st.integers(4, 12),
    size=st.integers(1, 4),
    values=st.lists(st.integers(1, 3), min_size=1, max_size=5),
    seed=st.integers(0, 10**6).map(str),
    slack=st.integers(0, 2),
)
middle_instances = st.builds(
    realistic_pool,
    people=st.integers(20, 60),
    size=st.integers(4, 12),
    features=st.sampled_from([{"age": 4, "sex": 2}, {"age": 4, "sex": 2, "place": 5}]),
    seed=st.integers(0, 10**6).map(str),
    slack=st.integers(0, 2),
)


@given(small_instances)
@settings(max_examples=60, deadline=None)
def test_leximin_agrees_with_listing_every_panel(instance):
    lottery = solve(instance.pool, instance.quotas, instance.size)
    expected = leximin_chances(
        every_panel(instance.pool, instance.quotas, instance.size), len(instance.pool)
    )
    found = [float(lottery.chances()[entry.id]) for entry in instance.pool]
    assert np.abs(expected - found).max() < 1e-6
    certified = lottery.verify()
    assert certified.solver_free
    assert -GAP <= min(certified.gaps) <= certified.gap <= GAP


@pytest.mark.parametrize("instance", NAMED, ids=lambda instance: instance.name)
def test_named_instances_have_their_exact_chances(instance):
    lottery = solve(instance.pool, instance.quotas, instance.size)
    assert lottery.chances() == instance.chances
    assert lottery.verify().gap == 0


@given(middle_instances)
@settings(max_examples=25, deadline=None)
def test_every_composition_is_a_panel_and_the_chances_add_up_to_the_seats(instance):
    lottery = solve(instance.pool, instance.quotas, instance.size)
    lottery.check(lottery.tickets)
    for composition in lottery.compositions:
        members = [
            one.features
            for one, count in zip(lottery.types, composition.counts, strict=True)
            for _ in range(count)
        ]
        assert len(members) == instance.size
        assert meets(members, instance.quotas)
    assert sum(lottery.chances().values()) == instance.size
    assert lottery.tickets <= LARGEST_INTEGER
    assert len(lottery.compositions) <= 2 * len(lottery.types) + 60
    assert lottery.verify().gap <= GAP


@given(middle_instances)
@settings(max_examples=15, deadline=None)
def test_equal_persons_have_equal_chances(instance):
    chances = solve(instance.pool, instance.quotas, instance.size).chances()
    seen: dict[tuple[str, ...], Fraction] = {}
    for entry in instance.pool:
        assert seen.setdefault(tuple(entry.features.values()), chances[entry.id]) == chances[entry.id]


@given(middle_instances, st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_the_lottery_does_not_depend_on_the_order_of_people_or_quotas(instance, shuffler):
    people, rows = list(instance.pool.entries), list(instance.quotas.rows)
    shuffler.shuffle(people)
    shuffler.shuffle(rows)
    first = solve(instance.pool, instance.quotas, instance.size)
    second = solve(Pool(tuple(people)), Quotas(tuple(rows)), instance.size)
    assert first.compositions == second.compositions
    assert first.chances() == second.chances()
    assert second.verify().gaps == first.verify().gaps


@given(middle_instances)
@settings(max_examples=10, deadline=None)
def test_new_names_for_people_features_and_values_leave_the_chances(instance):
    pool = Pool(
        tuple(
            Entry(
                f"x{9999 - index}", {f"z-{name}"[::-1]: value[::-1] for name, value in one.features.items()}
            )
            for index, one in enumerate(instance.pool)
        )
    )
    rows = (Quota(f"z-{q.feature}"[::-1], q.value[::-1], q.minimum, q.maximum) for q in instance.quotas)
    renamed = solve(pool, Quotas(tuple(rows)), instance.size).chances()
    for index, (_, chance) in enumerate(
        solve(instance.pool, instance.quotas, instance.size).chances().items()
    ):
        assert abs(renamed[f"x{9999 - index}"] - chance) < CHANCE


@pytest.mark.parametrize("seed", [0, 3, 6, 9, 10])
def test_where_fractions_promise_too_much_the_exact_optimum_is_proved_by_cases(seed, monkeypatch):
    instance = small_pool(30, 8, (4, 3, 4, 3, 2), seed=str(seed), slack=0 if seed < 8 else 1)
    asked = []
    over_panels = solving.leximin_over_panels
    monkeypatch.setattr(solving, "leximin_over_panels", lambda *a: asked.append(1) or over_panels(*a))
    lottery = solve(instance.pool, instance.quotas, instance.size)
    certified = lottery.verify()
    assert asked
    assert certified.solver_free
    assert certified.gap <= GAP


@pytest.mark.data
def test_the_fixture_150_22_keeps_its_leximin_chances():
    lottery = public("fixture_150_22", "features.csv", "candidates.csv", 22)
    levels = sorted({round(float(chance), 8) for chance in lottery.type_chances()})
    assert levels[:5] == pytest.approx([1 / 11, 3 / 26, 1 / 8, 3 / 19, 1 / 6], abs=1e-8)
    numbers = measures(lottery)
    assert numbers.smallest == pytest.approx(1 / 11, abs=1e-9)
    assert numbers.largest == pytest.approx(0.470903, abs=1e-6)
    assert numbers.geometric_mean == pytest.approx(0.141206, abs=1e-6)
    assert lottery.verify().gap < CERTIFICATE_GAP
    assert lottery.verify().solver_free


@pytest.mark.data
@pytest.mark.parametrize(("folder", "size"), [("example_small_20", 20), ("example_large_200", 200)])
def test_the_published_toys_give_everybody_exactly_ten_per_cent(folder, size):
    lottery = public(folder, "categories.csv", "respondents.csv", size)
    assert set(lottery.type_chances()) == {Fraction(1, 10)}
    assert lottery.verify().gap == 0
    assert measures(lottery).gini == pytest.approx(0, abs=1e-12)


def test_a_middle_pool_is_solved_within_the_gap():
    instance = realistic_pool(300, 40, slack=1)
    certified = solve(instance.pool, instance.quotas, instance.size).verify()
    assert certified.gap <= CERTIFICATE_GAP
    assert certified.solver_free


def test_a_pool_where_everybody_is_alike_gives_everybody_the_same_chance():
    pool = Pool(tuple(Entry(f"p{index}", {"sex": "f"}) for index in range(7)))
    lottery = solve(pool, Quotas((Quota("sex", "f", 0, 3),)), 3)
    assert set(lottery.chances().values()) == {Fraction(3, 7)}


def test_the_whole_pool_can_be_drawn():
    instance = small_pool(6, 6, (2, 3), seed="whole")
    assert set(solve(instance.pool, instance.quotas, 6).chances().values()) == {1}


def test_thirty_features_are_no_obstacle():
    instance = realistic_pool(60, 10, {f"f{index:02d}": 2 for index in range(30)}, slack=4)
    assert solve(instance.pool, instance.quotas, 10).verify().gap <= GAP


def test_maximin_is_the_leximin_lottery_under_its_own_name():
    instance = realistic_pool(40, 8, {"age": 4, "sex": 2})
    maximin = solve(instance.pool, instance.quotas, 8, objective="maximin")
    assert maximin.objective == "maximin"
    assert maximin.chances() == solve(instance.pool, instance.quotas, 8).chances()


def test_an_unknown_objective_is_an_error_and_never_another_method():
    instance = NAMED[0]
    with pytest.raises(BadInput) as caught:
        solve(instance.pool, instance.quotas, instance.size, objective="fairest")
    assert caught.value.code == "objective_unknown"


def test_a_value_scarcer_than_its_minimum_is_named_with_both_numbers_and_a_relaxation():
    pool = Pool(tuple(Entry(f"p{i:02d}", {"age": "16–24" if i < 9 else "25+"}) for i in range(40)))
    quotas = Quotas((Quota("age", "16–24", 12, 14), Quota("age", "25+", 6, 20)))
    with pytest.raises(Infeasible) as caught:
        solve(pool, quotas, 20)
    assert caught.value.exit_code == 3
    assert "age 16–24 needs 12, the pool has 9" in str(caught.value)
    assert "minimum 9 instead of 12" in caught.value.way_out


def conflicting() -> tuple[Pool, Quotas, int]:
    """All women are old, so that 4 women and 4 young people need 8 seats."""
    kinds = [("f", "old"), ("m", "old"), ("m", "young")]
    pool = Pool(
        tuple(Entry(f"p{i:02d}", dict(zip(("sex", "age"), kinds[i % 3], strict=True))) for i in range(30))
    )
    quotas = Quotas(
        (
            Quota("sex", "f", 4, 6, 2, 6),
            Quota("sex", "m", 0, 6),
            Quota("age", "young", 4, 6, 1, 6),
            Quota("age", "old", 0, 6),
        )
    )
    return pool, quotas, 6


def test_the_conflict_is_minimal_and_the_relaxation_is_smallest_and_helps():
    pool, quotas, size = conflicting()
    found = check(pool, quotas, size)
    assert not found.feasible
    assert {str(side) for side in found.conflict} == {
        "sex f needs 4, the pool has 10",
        "age young needs 4, the pool has 10",
    }
    assert sum(change.seats for change in found.smallest) == 2
    assert max(change.seats for change in found.evenest) == 1
    for changes in (found.smallest, found.evenest):
        assert check(pool, relaxed(quotas, changes), size).feasible


def test_flexibilities_are_respected_and_where_they_forbid_everything_it_is_said():
    pool, quotas, size = conflicting()
    rigid = Quotas(
        tuple(Quota(q.feature, q.value, q.minimum, q.maximum, q.minimum, q.maximum) for q in quotas)
    )
    found = check(pool, rigid, size)
    assert found.smallest is None
    with pytest.raises(Infeasible) as caught:
        solve(pool, rigid, size)
    assert caught.value.code == "quotas_conflict_rigid"
    one_way = Quotas((Quota("sex", "f", 4, 6, 4, 6), *quotas.rows[1:]))
    assert [str(change) for change in check(pool, one_way, size).smallest] == [
        "age young: minimum 2 instead of 4"
    ]


def test_people_who_cannot_or_must_be_drawn_are_shown_by_type():
    pool = Pool(
        (
            Entry("a", {"sex": "f"}),
            Entry("b", {"sex": "m"}),
            Entry("c", {"sex": "x"}),
            Entry("d", {"sex": "m"}),
        )
    )
    found = check(
        pool, Quotas((Quota("sex", "f", 1, 1), Quota("sex", "m", 0, 2), Quota("sex", "x", 0, 0))), 2
    )
    assert [one.ids for one in found.never] == [("c",)]
    assert [one.ids for one in found.always] == [("a",)]


def test_progress_is_told_by_phase_and_cancelling_stops_the_work():
    instance = realistic_pool(60, 10)
    phases: list[str] = []
    solve(
        instance.pool,
        instance.quotas,
        10,
        progress=lambda phase, done: phases.append(phase) or 0 <= done <= 1,
    )
    assert {"levels", "panels", "tickets"} <= set(phases)
    with pytest.raises(Cancelled):
        solve(instance.pool, instance.quotas, 10, cancelled=lambda: True)


def test_a_lottery_survives_its_document_which_holds_whole_numbers_and_text_only():
    instance = realistic_pool(60, 10)
    lottery = solve(instance.pool, instance.quotas, 10)
    document = lottery.to_document()
    canonical(document)
    again = Lottery.from_document(json.loads(json.dumps(document)))
    assert again.chances() == lottery.chances()
    assert again.verify() == lottery.verify()


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"tickets": 5},
        {"compositions": []},
        {"size": 3},
        {"types": None},
        {"compositions": [{"tickets": 3, "counts": [[0, 99]]}]},
        {"compositions": [{"tickets": 3, "counts": [[-1, 2]]}]},
    ],
)
def test_a_document_that_contradicts_itself_is_refused(change):
    instance = NAMED[0]
    document = solve(instance.pool, instance.quotas, instance.size).to_document()
    with pytest.raises(BadInput):
        Lottery.from_document(document | change)


def test_a_draw_is_fixed_by_its_seed_and_meets_the_quotas():
    instance = realistic_pool(60, 10, seed="draw")
    lottery = solve(instance.pool, instance.quotas, 10)
    features = {entry.id: entry.features for entry in instance.pool}
    outcome = draw(lottery, "3-1-4-1-5", alternates=4)
    assert outcome == draw(lottery, " 3-1-4-1-5 ", alternates=4)
    assert len(outcome.members) == 10
    assert len(outcome.alternates) == 4
    assert meets([features[one] for one in outcome.members], instance.quotas)
    assert len({draw(lottery, f"seed {number}").members for number in range(20)}) > 1


def test_over_many_seeds_people_are_drawn_as_often_as_their_chance_says():
    instance = NAMED[1]
    lottery = solve(instance.pool, instance.quotas, instance.size)
    drawn = [name for seed in range(600) for name in draw(lottery, str(seed)).members]
    assert drawn.count("d") == 600
    for name in "abc":
        assert abs(drawn.count(name) - 200) < 5 * (600 * 1 / 3 * 2 / 3) ** 0.5
