"""The lottery keeps its promises on generated pools, and agrees with the definition where it can be listed."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import pools

from isegoria.errors import BadInput, Infeasible
from isegoria.lottery import (
    Cancelled,
    Lottery,
    check,
    draw,
    equal_tickets,
    measures,
    relaxed,
    replacement,
    solve,
    solving,
)
from isegoria.pool import Entry, Pool, Quota, Quotas
from isegoria.proof.canonical import LARGEST_INTEGER, canonical
from isegoria.solvers.brute import every_panel, leximin_chances, meets
from isegoria.testing import NAMED, realistic_pool, small_pool, with_households
from isegoria.tolerances import CERTIFICATE_GAP, CHANCE

GAP = Fraction(1, 10**9)


small_instances = pools.small_instances()
middle_instances = pools.middle_instances()


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
    lottery = solve(*pools.public_pool("fixture_150_22", "features.csv", "candidates.csv"), 22)
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
    lottery = solve(*pools.public_pool(folder), size)
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


@given(small_instances)
@settings(max_examples=30, deadline=None)
def test_nash_has_a_proved_product_and_agrees_with_listing_every_panel(instance):
    lottery = solve(instance.pool, instance.quotas, instance.size, objective="nash")
    certified = lottery.verify()
    assert certified.solver_free
    assert 0 <= certified.gap <= GAP * 10
    panels = every_panel(instance.pool, instance.quotas, instance.size)
    chances = [float(lottery.chances()[entry.id]) for entry in instance.pool]
    assert all((chance > 0) == any(i in p for p in panels) for i, chance in enumerate(chances))
    reachable = sum(chance > 0 for chance in chances)
    for panel in panels:  # the condition of optimality, panel by panel
        assert sum(1 / chances[person] for person in panel) <= reachable * (1 + 1e-7)


@pytest.mark.data
def test_the_fixture_150_22_keeps_its_nash_chances():
    pool, limits = pools.public_pool("fixture_150_22", "features.csv", "candidates.csv")
    lottery = solve(pool, limits, 22, objective="nash")
    assert measures(lottery).smallest == pytest.approx(0.087703, abs=1e-6)
    assert measures(lottery).geometric_mean == pytest.approx(0.141903, abs=1e-6)
    assert lottery.verify().gap < CERTIFICATE_GAP


def homes_of(pool: Pool) -> dict[str, str]:
    return {entry.id: entry.household for entry in pool if entry.household is not None}


def living_together(instance, share, seed):
    """Return the instance with households, or None if its quotas can no longer be met."""
    housed = with_households(instance, share, seed=seed)
    return housed if check(housed.pool, housed.quotas, housed.size).feasible else None


@given(small_instances, st.sampled_from([0.4, 0.8]), st.integers(0, 999).map(str))
@settings(max_examples=40, deadline=None)
def test_with_households_leximin_agrees_with_listing_every_panel(instance, share, seed):
    housed = living_together(instance, share, seed)
    if housed is None:
        assert not every_panel(
            *(with_households(instance, share, seed=seed).pool, instance.quotas, instance.size)
        )
        return
    lottery = solve(housed.pool, housed.quotas, housed.size)
    expected = leximin_chances(every_panel(housed.pool, housed.quotas, housed.size), len(housed.pool))
    found = [float(lottery.chances()[entry.id]) for entry in housed.pool]
    assert np.abs(expected - found).max() < 1e-6
    assert lottery.verify().gap <= GAP


def test_of_a_household_at_most_one_is_drawn_also_as_alternate():
    housed = living_together(realistic_pool(60, 10, {"age": 4, "sex": 2}, seed="homes"), 0.7, "1")
    lottery = Lottery.from_document(solve(housed.pool, housed.quotas, 10).to_document())
    features = {entry.id: entry.features for entry in housed.pool}
    homes = homes_of(housed.pool)
    for seed in range(60):
        outcome = draw(lottery, str(seed), alternates=8)
        everybody = [*outcome.members, *outcome.alternates]
        assert len(set(everybody)) == 18
        known = [homes[one] for one in everybody if one in homes]
        assert len(known) == len(set(known))
        assert meets([features[one] for one in outcome.members], housed.quotas)
        counts = lottery.compositions[outcome.composition].counts
        for one, count in zip(lottery.types, counts, strict=True):
            assert len(set(one.ids) & set(outcome.members)) == count


def test_with_households_people_are_drawn_as_often_as_their_chance_says():
    people = [
        ("a", "x", "1"),
        ("b", "y", "1"),
        ("c", "x", "2"),
        ("d", "y", "2"),
        ("e", "x", "3"),
        ("f", "x", "3"),
    ]
    pool = Pool(tuple(Entry(name, {"k": kind}, {}, home) for name, kind, home in people))
    lottery = solve(pool, Quotas((Quota("k", "x", 1, 2), Quota("k", "y", 0, 1))), 2)
    drawn = [one for seed in range(900) for one in draw(lottery, str(seed)).members]
    for name, chance in lottery.chances().items():
        expected = 900 * float(chance)
        assert abs(drawn.count(name) - expected) < 5 * (expected * (1 - float(chance)) + 1) ** 0.5


@pytest.mark.parametrize("tickets", [100, 1000])
def test_equal_tickets_keep_the_quotas_and_tell_what_they_change(tickets):
    instance = realistic_pool(120, 16, seed="tickets")
    lottery = solve(instance.pool, instance.quotas, 16)
    rounded = equal_tickets(lottery, tickets)
    rounded.lottery.check(tickets)
    exact, after = lottery.chances(), rounded.lottery.chances()
    changes = [abs(float(exact[one] - after[one])) for one in exact]
    assert rounded.largest_change == pytest.approx(max(changes))
    assert rounded.largest_change < 3 / tickets + 0.01
    assert rounded.smallest_after == float(min(after.values()))
    assert rounded.lottery.verify().gap >= min(exact.values()) - min(after.values())


@pytest.mark.parametrize("tickets", [0, 99, 10**6])
def test_a_number_of_tickets_out_of_range_is_refused(tickets):
    lottery = solve(NAMED[0].pool, NAMED[0].quotas, NAMED[0].size)
    with pytest.raises(BadInput) as caught:
        equal_tickets(lottery, tickets)
    assert caught.value.code == "tickets_out_of_range"


@given(middle_instances, st.integers(1, 3), st.integers(0, 999).map(str))
@settings(max_examples=15, deadline=None)
def test_after_a_replacement_the_whole_panel_meets_its_quotas(instance, vacant, seed):
    members = draw(solve(instance.pool, instance.quotas, instance.size), seed).members
    gone = members[:vacant]
    try:
        lottery = replacement(instance.pool, instance.quotas, instance.size, members, gone)
    except Infeasible:
        return
    new = draw(lottery, seed + " again").members
    assert len(new) == vacant
    assert not set(new) & set(members)
    features = {entry.id: entry.features for entry in instance.pool}
    assert meets([features[one] for one in (*members[vacant:], *new)], instance.quotas)


def test_a_replacement_comes_from_no_household_of_a_sitting_member():
    people = [("a", "1"), ("b", "1"), ("c", None), ("d", None), ("e", None)]
    pool = Pool(tuple(Entry(name, {"k": "x"}, {}, home) for name, home in people))
    lottery = replacement(pool, Quotas((Quota("k", "x", 0, 3),)), 2, ["a", "c"], ["c"])
    assert set(lottery.chances()) == {"d", "e"}


def test_a_replacement_needs_a_vacant_seat_and_known_members():
    pool, quotas = NAMED[0].pool, NAMED[0].quotas
    for members, gone, code in (
        (["p0000", "nobody"], [], "members_unknown"),
        ([f"p000{n}" for n in (0, 1, 6, 7)], [], "nothing_vacant"),
    ):
        with pytest.raises(BadInput) as caught:
            replacement(pool, quotas, 4, members, gone)
        assert caught.value.code == code
