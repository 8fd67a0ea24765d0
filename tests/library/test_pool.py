"""Pools and quotas as values."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isegoria.errors import BadInput, BadInputs
from isegoria.pool import Entry, Pool, Quota, Quotas, floor_ceiling_quotas


def test_people_stand_in_the_order_of_their_ids_whatever_the_input_order():
    entries = [Entry(name, {"sex": "f"}) for name in ("c", "a", "b")]
    for order in itertools.permutations(entries):
        assert [entry.id for entry in Pool(tuple(order))] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("entries", "code"),
    [((), "pool_none"), ((Entry("secret-name", {}), Entry("secret-name", {})), "ids_repeated")],
)
def test_a_pool_needs_people_with_ids_of_their_own(entries, code):
    with pytest.raises(BadInput) as caught:
        Pool(entries)
    assert caught.value.code == code
    assert "secret-name" not in str(caught.value)


def test_people_without_a_quota_for_their_value_are_counted_but_not_named():
    pool = Pool((Entry("secret-name", {"sex": "x"}), Entry("b", {"sex": "f"}), Entry("c", {})))
    with pytest.raises(BadInput, match="2 people") as caught:
        pool.check(Quotas((Quota("sex", "f", 0, 1),)))
    assert "secret-name" not in str(caught.value)


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ((-1, 2), "quota_negative"),
        ((3, 2), "quota_reversed"),
        ((2, 3, 3), "quota_flex"),
        ((2, 3, 0, 2), "quota_flex"),
    ],
)
def test_a_quota_that_contradicts_itself_is_refused(numbers, code):
    with pytest.raises(BadInput) as caught:
        Quota("sex", "f", *numbers)
    assert caught.value.code == code


def test_two_quotas_for_one_value_are_refused():
    with pytest.raises(BadInput, match="two quotas for sex: f"):
        Quotas((Quota("sex", "f", 0, 1), Quota("sex", "f", 0, 2)))


def test_sums_that_cannot_meet_the_size_name_feature_and_both_numbers():
    quotas = Quotas((Quota("age", "old", 3, 4), Quota("age", "young", 3, 4), Quota("sex", "f", 1, 3)))
    with pytest.raises(BadInputs) as caught:
        quotas.check(5)
    text = str(caught.value)
    assert "minima of age add up to 6, more than the 5 seats" in text
    assert "maxima of sex add up to 3, fewer than the 5 seats" in text


@pytest.mark.parametrize(
    ("size", "people", "code"),
    [(0, 5, "size_not_positive"), (-2, None, "size_not_positive"), (6, 5, "size_over_pool")],
)
def test_a_panel_size_must_be_positive_and_within_the_pool(size, people, code):
    with pytest.raises(BadInput) as caught:
        Quotas((Quota("sex", "f", 0, 9),)).check(size, people)
    assert caught.value.code == code


def test_quotas_survive_their_document():
    quotas = Quotas(
        (Quota("age", "old", 1, 2, 0, 3), Quota("age", "young", 1, 2), Quota("sex", "f", 0, 3, 0))
    )
    assert Quotas.from_document(quotas.to_document()) == quotas


shares = st.lists(st.integers(1, 1000), min_size=1, max_size=9).map(
    lambda parts: {f"v{index}": part / sum(parts) for index, part in enumerate(parts)}
)


@given(shares, st.integers(1, 500))
def test_proposed_quotas_leave_room_for_a_panel_and_stay_within_one_seat_of_the_share(of_values, size):
    quotas = floor_ceiling_quotas({"age": of_values}, size)
    quotas.check(size)
    for quota in quotas:
        assert quota.maximum - quota.minimum <= 1
        assert quota.minimum - 1e-6 <= of_values[quota.value] * size <= quota.maximum + 1e-6


def test_a_whole_share_of_the_seats_is_an_exact_quota():
    quotas = floor_ceiling_quotas({"sex": {"f": 0.3, "m": 0.7}}, 10)
    assert [(q.minimum, q.maximum) for q in quotas] == [(3, 3), (7, 7)]


@pytest.mark.parametrize(
    ("of_values", "code"),
    [({"f": 51, "m": 49}, "share_out_of_range"), ({"f": 0.5, "m": 0.4}, "shares_sum")],
)
def test_shares_must_be_shares(of_values, code):
    with pytest.raises(BadInput) as caught:
        floor_ceiling_quotas({"sex": of_values}, 10)
    assert caught.value.code == code
