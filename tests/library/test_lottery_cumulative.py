"""Equal chances over several draws: who had the least so far is lifted first, with the proof of it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from isegoria.errors import BadInput
from isegoria.lottery import Lottery, solve, with_earlier
from isegoria.pool import Entry, Pool, Quota, Quotas
from isegoria.proof.certificate import EARLIER, earlier_chance
from isegoria.seeding import Stream, seed_from_text
from isegoria.solvers.brute import every_panel, leximin_chances
from isegoria.testing import NAMED, realistic_pool, small_pool

GAP = Fraction(1, 10**9)


def histories(pool: Pool, seed: str, parts: int, most: int) -> dict[str, Fraction]:
    random = Stream(seed_from_text(seed), "history")
    return {one.id: Fraction(random.below(most + 1), parts) for one in pool}


small_instances = st.builds(
    small_pool,
    people=st.integers(4, 10),
    size=st.integers(1, 4),
    values=st.lists(st.integers(1, 3), min_size=1, max_size=4),
    seed=st.integers(0, 10**6).map(str),
    slack=st.integers(0, 2),
)


@given(small_instances, st.integers(0, 10**6).map(str), st.sampled_from([(2, 1), (4, 5), (10, 12)]))
@settings(max_examples=80, deadline=None)
@example(NAMED[1], "3", (2, 1))
def test_the_sums_agree_with_listing_every_panel_and_are_proved(instance, seed, grid):
    earlier = histories(instance.pool, seed, *grid)
    found = solve(with_earlier(instance.pool, earlier), instance.quotas, instance.size, "cumulative")
    before = [float(earlier[one.id]) for one in instance.pool]
    panels = every_panel(instance.pool, instance.quotas, instance.size)
    expected = leximin_chances(panels, len(instance.pool), before)
    chances = found.chances()
    assert np.abs(expected - [float(chances[one.id]) for one in instance.pool]).max() < 1e-6
    certified = found.verify()
    assert certified.solver_free
    assert -GAP <= min(certified.gaps) <= certified.gap <= GAP
    assert Lottery.from_document(found.to_document()) == found


@given(small_instances, st.integers(0, 10**6).map(str), st.data())
@settings(max_examples=25, deadline=None)
def test_linked_persons_do_not_disturb_it(instance, seed, data):
    pairs = st.lists(
        st.sampled_from([one.id for one in instance.pool]), min_size=2, max_size=2, unique=True
    )
    apart, together = data.draw(pairs), data.draw(pairs)
    assume(len({*apart, *together}) > 2)  # else they contradict each other
    pool = replace(instance.pool, apart=(tuple(apart),), together=(tuple(together),))
    panels = every_panel(pool, instance.quotas, instance.size)
    assume(panels)
    earlier = histories(pool, seed, 4, 3)
    found = solve(with_earlier(pool, earlier), instance.quotas, instance.size, "cumulative")
    expected = leximin_chances(panels, len(pool), [float(earlier[one.id]) for one in pool])
    chances = found.chances()
    assert np.abs(expected - [float(chances[one.id]) for one in pool]).max() < 1e-6
    assert found.verify().gap <= GAP


@given(small_instances)
@settings(max_examples=20, deadline=None)
def test_without_earlier_draws_it_is_leximin(instance):
    found = solve(with_earlier(instance.pool, {}), instance.quotas, instance.size, "cumulative").chances()
    plain = solve(instance.pool, instance.quotas, instance.size).chances()
    assert max(abs(found[one] - plain[one]) for one in plain) < GAP


def test_people_with_the_same_features_and_the_same_past_have_the_same_chance():
    instance = realistic_pool(80, 12, {"age": 3, "sex": 2}, seed="past")
    earlier = histories(instance.pool, "past", 10, 3)
    chances = solve(with_earlier(instance.pool, earlier), instance.quotas, 12, "cumulative").chances()
    by_kind: dict[object, set[Fraction]] = {}
    for one in instance.pool:
        by_kind.setdefault((tuple(one.features.items()), earlier[one.id]), set()).add(chances[one.id])
    assert all(len(same) == 1 for same in by_kind.values())


def test_a_second_draw_makes_up_for_the_first():
    instance = realistic_pool(120, 12, {"age": 3, "sex": 2}, seed="twice", slack=1)
    people = list(instance.pool)
    first = {one.id: Fraction(1, 10) for one in people[::2]}  # the others came into the pool later
    again = solve(instance.pool, instance.quotas, 12).chances()
    fair = solve(with_earlier(instance.pool, first), instance.quotas, 12, "cumulative")
    chances = fair.chances()
    assert fair.verify().gap < GAP
    least = min(first.get(one.id, 0) + chances[one.id] for one in people)
    assert least > min(first.get(one.id, 0) + again[one.id] for one in people) + Fraction(1, 100)
    assert all(chances[one.id] >= least for one in people[1::2])


def test_many_different_pasts_are_many_types_and_the_proof_holds():
    instance = realistic_pool(150, 20, {"age": 4, "sex": 2, "place": 5}, seed="decimals")
    random = Stream(seed_from_text("decimals"), "history")
    earlier = {one.id: Fraction(random.below(10**12), 2 * 10**12) for one in instance.pool}
    found = solve(with_earlier(instance.pool, earlier), instance.quotas, 20, "cumulative")
    assert len(found.types) == 150
    assert found.verify().gap < GAP
    assert found.verify().solver_free


def test_a_certificate_does_not_hold_for_another_past():
    pool = Pool(tuple(Entry(f"p{n}", {"sex": "fm"[n % 2]}) for n in range(8)))
    quotas = Quotas((Quota("sex", "f", 1, 2), Quota("sex", "m", 1, 2)))
    found = solve(with_earlier(pool, {"p0": Fraction(1, 2), "p1": Fraction(1, 4)}), quotas, 3, "cumulative")
    assert found.verify().gap < GAP
    swapped = [
        replace(
            one,
            features={**one.features, EARLIER: {"0": "1/2", "1/2": "0"}.get(one.features[EARLIER], "1/4")},
        )
        for one in found.types
    ]
    assert replace(found, types=tuple(swapped)).verify().gap > GAP


@pytest.mark.parametrize("text", ["", "-1", "1/0", "0.5", "1/", "01", "٣", "1/2 "])
def test_an_earlier_chance_is_written_as_a_fraction(text):
    with pytest.raises(BadInput):
        earlier_chance({EARLIER: text})


def test_a_negative_earlier_chance_is_refused():
    with pytest.raises(BadInput) as caught:
        with_earlier(NAMED[0].pool, {"p0000": Fraction(-1, 2)})
    assert caught.value.code == "earlier_negative"
