"""Alternates who can replace those who leave: chosen by the published rule, measured on futures not used to choose."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.errors import BadInput
from isegoria.lottery import (
    called_up,
    choose_alternates,
    draw,
    learnt,
    read_history,
    same_for_everybody,
    solve,
)
from isegoria.lottery.alternates import _Futures, _Greedy
from isegoria.pool import Entry, Pool, Quota, Quotas
from isegoria.seeding import generator, keyed_order
from isegoria.testing import realistic_pool, small_pool, with_households

INSTANCE = realistic_pool(60, 10, {"age": 3, "sex": 2, "place": 3}, slack=1)
MEMBERS = draw(solve(INSTANCE.pool, INSTANCE.quotas, INSTANCE.size), "3-1-4").members
LEAVING = same_for_everybody(0.2)


def chosen(count: int, **options):
    return choose_alternates(
        INSTANCE.pool,
        INSTANCE.quotas,
        MEMBERS,
        count,
        LEAVING,
        **({"seed": "2-7", "scenarios": 120} | options),
    )


def slow_loss(quotas, staying, alternates, vacant) -> float:
    """The slow twin: every set of alternates, counted by hand."""
    best = np.inf
    for many in range(min(vacant, len(alternates)) + 1):
        for entering in itertools.combinations(alternates, many):
            panel = [*staying, *entering]
            loss = 0.0
            for quota in quotas:
                seats = sum(quota.counts(one) for one in panel)
                loss += max(0, quota.minimum - seats, seats - quota.maximum) / max(1, quota.maximum)
            best = min(best, loss)
    return best


def small(seed: int):
    instance = small_pool(11, 4, [2, 3], seed=str(seed))
    members = draw(solve(instance.pool, instance.quotas, instance.size), "1").members
    sitting = [entry for entry in instance.pool if entry.id in members]
    order = keyed_order(bytes(32), "x", [entry.id for entry in instance.pool if entry.id not in members])
    people = {entry.id: entry for entry in instance.pool}
    ordered = [people[one] for one in order]
    futures = _Futures(
        instance.quotas, sitting, ordered, same_for_everybody(0.3), generator(bytes(32), "futures"), 30
    )
    return instance, sitting, ordered, futures


@given(st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_the_loss_of_each_future_agrees_with_trying_every_replacement(seed):
    instance, sitting, ordered, futures = small(seed)
    rows = [list(one) for one in futures.counts]
    group = [0, 2, 3]
    losses = futures.losses(group)
    going = generator(bytes(32), "futures").random((30, len(sitting))) < 0.3
    for future in range(0, 30, 7):
        staying = [one.features for one, gone in zip(sitting, going[future], strict=True) if not gone]
        assert [sum(q.counts(one) for one in staying) for q in instance.quotas] == rows[future]
        willing = [ordered[index].features for index in group if futures.willing[future, index]]
        assert losses[future] == pytest.approx(
            slow_loss(instance.quotas, staying, willing, int(going[future].sum())), abs=1e-9
        )


@given(st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_the_first_alternate_is_the_best_one_of_all(seed):
    _, _, ordered, futures = small(seed)
    first = _Greedy(futures, ordered, {}).run(1, lambda: False)
    best = min(futures.losses([index]).sum() for index in range(len(ordered)))
    assert futures.losses([ordered.index(first[0])]).sum() == pytest.approx(best, abs=1e-9)


def test_three_alternates_are_nearly_as_good_as_the_best_three_of_all():
    ratios = []
    for seed in range(3):
        _, _, ordered, futures = small(seed)
        group = [ordered.index(one) for one in _Greedy(futures, ordered, {}).run(3, lambda: False)]
        best = min(
            futures.losses(list(three)).sum() for three in itertools.combinations(range(len(ordered)), 3)
        )
        ratios.append((futures.losses(group).sum() + 1e-12) / (best + 1e-12))
    assert min(ratios) >= 1 - 1e-9
    assert np.mean(ratios) < 1.05


def test_more_alternates_lose_less_and_less_than_the_usual_ways():
    results = [chosen(count) for count in (0, 2, 4, 8)]
    losses = [result.loss for result in results]
    assert losses == sorted(losses, reverse=True)
    assert results[0].loss == results[0].without == results[0].drawn == results[0].twins
    assert results[3].loss < results[3].drawn - 2 * results[3].error
    assert results[3].loss < results[3].twins


def test_a_shorter_list_is_the_beginning_of_a_longer_one():
    assert chosen(8).ids[:3] == chosen(3).ids


def test_the_list_is_reproduced_from_its_seed_whatever_the_order_of_the_pool():
    shuffled = Pool(tuple(reversed(INSTANCE.pool.entries)))
    again = choose_alternates(
        shuffled, INSTANCE.quotas, sorted(MEMBERS), 5, LEAVING, seed=" 2-7 ", scenarios=120
    )
    assert again == chosen(5)
    assert chosen(5, seed="another").ids != again.ids


def test_nobody_is_an_alternate_who_sits_or_lives_with_one_who_does():
    instance = with_households(INSTANCE, 0.8)
    members = draw(solve(instance.pool, instance.quotas, instance.size), "1").members
    found = choose_alternates(instance.pool, instance.quotas, members, 12, LEAVING, seed="1", scenarios=20)
    homes = {entry.id: entry.household for entry in instance.pool}
    together = [homes[one] for one in (*members, *found.ids) if homes[one]]
    assert not set(found.ids) & set(members)
    assert len(together) == len(set(together))


def test_equal_persons_have_equal_chances_to_be_alternates():
    """Ten alike: over many seeds each stands first about as often as the others."""
    pool = Pool(tuple(Entry(f"p{n:02d}", {"sex": "f" if n < 12 else "m"}) for n in range(14)))
    quotas = Quotas((Quota("sex", "f", 2, 2), Quota("sex", "m", 2, 2)))
    members = ("p00", "p01", "p12", "p13")
    firsts = [
        choose_alternates(pool, quotas, members, 1, LEAVING, seed=str(seed), scenarios=5).ids[0]
        for seed in range(200)
    ]
    counts = [firsts.count(f"p{n:02d}") for n in range(2, 12)]
    assert sum(counts) == 200
    assert sum((count - 20) ** 2 / 20 for count in counts) < 33  # chi square of 9, one in 10,000


def test_those_enter_who_leave_the_smallest_loss_earlier_ones_first():
    quotas = Quotas((Quota("sex", "f", 2, 2), Quota("sex", "m", 2, 2)))
    alternates = [("a", {"sex": "f"}), ("b", {"sex": "m"}), ("c", {"sex": "m"}), ("d", {"sex": "f"})]
    staying = [{"sex": "f"}, {"sex": "f"}]
    assert called_up(quotas, staying, alternates, 2) == ("b", "c")
    assert called_up(quotas, [{"sex": "f"}, {"sex": "m"}], alternates, 2) == ("a", "b")
    assert called_up(quotas, staying, alternates, 0) == ()
    assert called_up(quotas, staying, alternates[:1], 2) == ("a",)


@given(st.integers(0, 10**6), st.integers(1, 3))
@settings(max_examples=20, deadline=None)
def test_who_is_called_up_is_as_good_as_trying_everybody(seed, vacant):
    instance, sitting, ordered, _ = small(seed)
    staying = [entry.features for entry in sitting[vacant:]]
    alternates = [(entry.id, entry.features) for entry in ordered[:5]]
    entering = called_up(instance.quotas, staying, alternates, vacant)
    assert len(entering) == vacant

    def loss(group) -> float:
        panel = [*staying, *(features for one, features in alternates if one in group)]
        return sum(
            max(0, q.minimum - seats, seats - q.maximum) / max(1, q.maximum)
            for q in instance.quotas
            for seats in [sum(q.counts(one) for one in panel)]
        )

    best = min(loss(group) for group in itertools.combinations([one for one, _ in alternates], vacant))
    assert loss(entering) == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"count": -1}, "alternates_out_of_range"),
        ({"count": 201}, "alternates_out_of_range"),
        ({"count": 2, "scenarios": 0}, "scenarios_out_of_range"),
        ({"count": 2, "seed": " "}, "seed_empty"),
    ],
)
def test_bad_numbers_are_refused(change, code):
    with pytest.raises(BadInput) as refused:
        chosen(**change)
    assert refused.value.code == code


def test_members_who_are_not_in_the_pool_are_refused():
    with pytest.raises(BadInput, match="1 members"):
        choose_alternates(INSTANCE.pool, INSTANCE.quotas, ["nobody"], 2, LEAVING, seed="1")


# -- drop-out -------------------------------------------------------------------------------------


def test_a_value_of_few_people_is_drawn_towards_the_others():
    history = [({"school": "many"}, n % 10 == 0) for n in range(300)] + [({"school": "few"}, True)] * 2
    model = learnt(history)
    assert 0.08 < model.chance({"school": "many"}) < 0.13
    assert (
        model.chance({"school": "many"}) < model.chance({"school": "few"}) < 0.8
    )  # not 1, as the two would say
    low, high = model.interval({"school": "few"})
    assert low < model.chance({"school": "few"}) < high
    assert high - low > 0.2


def test_nothing_is_learnt_from_chance_alone():
    random = generator(bytes(32), "history")
    history = [
        ({"a": f"v{random.integers(4)}", "b": f"w{random.integers(3)}"}, random.random() < 0.15)
        for _ in range(400)
    ]
    model = learnt(history)
    chances = [model.chance({"a": f"v{a}", "b": f"w{b}"}) for a in range(4) for b in range(3)]
    assert max(chances) - min(chances) < 0.12


def test_true_effects_are_found_and_the_intervals_hold_nine_times_in_ten():
    random = generator(bytes(32), "truth")
    truth = {"young": 0.3, "old": 0.1}
    inside = 0
    for _ in range(60):
        history = [
            ({"age": age}, bool(random.random() < truth[age])) for age in truth for _person in range(150)
        ]
        model = learnt(history)
        for age, chance in truth.items():
            low, high = model.interval({"age": age})
            inside += low <= chance <= high
    assert 0.82 <= inside / 120 <= 0.98


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
@settings(max_examples=30, deadline=None)
def test_the_order_of_earlier_members_does_not_matter(rows, shuffler):
    history = [({"x": value}, left) for value, left in rows]
    shuffled = list(history)
    shuffler.shuffle(shuffled)
    assert learnt(shuffled).chance({"x": "a"}) == pytest.approx(
        learnt(history).chance({"x": "a"}), abs=1e-12
    )
    assert 0 < learnt(history).chance({"x": "never seen"}) < 1


def test_history_is_read_with_its_faults_by_row(tmp_path):
    file = tmp_path / "earlier.csv"
    file.write_text("age;name;dropped\nyoung;Ann;yes\nold;Bob;No\n", encoding="utf-8")
    assert read_history(file, ["age", "sex"]) == [({"age": "young"}, True), ({"age": "old"}, False)]
    file.write_text("age,dropped\nyoung,maybe\nold,no\n", encoding="utf-8")
    with pytest.raises(BadInput) as wrong:
        read_history(file, ["age"])
    assert wrong.value.code == "dropped_unreadable"
    assert "row 2" in str(wrong.value)
    file.write_text("age,left\nyoung,no\n", encoding="utf-8")
    with pytest.raises(BadInput, match="dropped"):
        read_history(file, ["age"])
    file.write_text("name,dropped\nAnn,no\n", encoding="utf-8")
    with pytest.raises(BadInput) as nothing:
        read_history(file, ["age"])
    assert nothing.value.code == "history_column"
    with pytest.raises(BadInput, match="earlier member"):
        learnt([])
    with pytest.raises(BadInput, match="rate"):
        same_for_everybody(1.0)
