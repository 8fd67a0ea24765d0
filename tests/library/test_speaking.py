"""Who spoke how much, by group: nothing that is told is about fewer than five people."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.errors import BadInput
from isegoria.evaluation import Speaker, Spoken, spoken_by_features, spoken_by_group, tells_of_few
from isegoria.seeding import Stream

PEOPLE = st.lists(
    st.builds(
        Spoken,
        group=st.sampled_from("abcdefg"),
        places=st.integers(0, 4),
        seconds=st.integers(0, 7200),
    ),
    max_size=60,
)


@given(PEOPLE)
def test_no_sum_is_of_fewer_than_five_people_not_even_what_is_left_of_everybody(people):
    told = spoken_by_group(people)
    assert all(each.people >= 5 for each in told)
    left = len(people) - sum(each.people for each in told)
    assert left == 0 or (not told and left < 5)


@given(PEOPLE)
def test_everything_adds_up(people):
    told = spoken_by_group(people)
    if told:
        assert sum(each.seconds for each in told) == sum(each.seconds for each in people)
        assert sum(each.places for each in told) == sum(each.places for each in people)


@given(PEOPLE, st.randoms(use_true_random=False))
def test_the_order_of_the_people_does_not_matter(people, shuffled):
    other = list(people)
    shuffled.shuffle(other)
    assert spoken_by_group(other) == spoken_by_group(people)


@given(PEOPLE)
def test_a_group_that_is_told_by_name_is_told_whole(people):
    for each in spoken_by_group(people):
        if each.group is not None:
            own = [one for one in people if one.group == each.group]
            assert (each.people, each.seconds) == (len(own), sum(one.seconds for one in own))


@given(PEOPLE)
def test_where_no_group_is_small_every_group_is_told(people):
    sizes = {group: [one.group for one in people].count(group) for group in {one.group for one in people}}
    if sizes and min(sizes.values()) >= 5:
        assert [each.group for each in spoken_by_group(people)] == sorted(sizes)


def test_time_does_not_run_backwards():
    with pytest.raises(BadInput):
        spoken_by_group([Spoken("a", 1, -1)])


# -- several features side by side ---------------------------------------------------------------------------


def brute_force(groups, most):
    """Whether a combination of the sums vanishes for everybody but a few: without them the rank is smaller."""
    whole = np.array(groups, dtype=float)
    people = range(whole.shape[1])
    rank = np.linalg.matrix_rank(whole)
    return any(
        np.linalg.matrix_rank(np.delete(whole, few, axis=1)) < rank
        for count in range(1, most + 1)
        for few in combinations(people, min(count, len(people)))
    )


@st.composite
def partitions(draw):
    people = draw(st.integers(1, 9))
    labels = st.lists(st.integers(0, 2), min_size=people, max_size=people)
    found = draw(st.lists(labels, min_size=1, max_size=4))
    return [[label == one for label in each] for each in found for one in sorted(set(each))]


@settings(max_examples=60, deadline=None)
@given(partitions(), st.integers(0, 4))
def test_what_can_be_computed_of_few_is_found_as_by_trying_everything(groups, most):
    assert tells_of_few(groups, most) == brute_force(groups, most)


SPEAKERS = st.lists(
    st.builds(
        Speaker,
        groups=st.fixed_dictionaries({"sex": st.sampled_from("FM"), "age": st.sampled_from("abc"), "place": st.sampled_from("xy")}),
        places=st.integers(0, 4),
        seconds=st.integers(0, 7200),
    ),
    max_size=18,
)  # fmt: skip
FEATURES = ["sex", "age", "place"]


@settings(max_examples=40, deadline=None)
@given(SPEAKERS)
def test_no_combination_of_all_that_is_told_is_about_fewer_than_five_people(people):
    rows = []
    for feature, told in spoken_by_features(people, FEATURES).items():
        named = {each.group for each in told}
        for each in told:
            row = [
                one.groups[feature] == each.group if each.group else one.groups[feature] not in named
                for one in people
            ]
            assert (each.people, each.seconds) == (
                sum(row), sum(one.seconds for one, here in zip(people, row, strict=True) if here),
            )  # fmt: skip
            rows.append(row)
    assert not rows or not brute_force(rows, 4)


def panel(*cells):
    """People with the same features, and how many of them."""
    return [Speaker({"sex": sex, "age": age}, 1, 60) for sex, age, count in cells for _each in range(count)]


def test_a_group_inside_another_but_for_a_few_is_not_told_beside_it():
    people = panel(("F", "young", 8), ("F", "old", 3), ("M", "old", 7))
    told = spoken_by_features(people, ["sex", "age"])
    assert [each.people for each in told["sex"]] == [11, 7]
    assert told["age"] == []
    assert [each.people for each in spoken_by_features(people, ["age", "sex"])["age"]] == [10, 8]


def test_a_feature_is_coarsened_before_it_is_left_out():
    people = panel(
        ("F", "a", 8),
        ("F", "b", 6),
        ("M", "a", 7),
        ("M", "c", 6),
        ("F", "c", 6),
        ("M", "d", 8),
        ("F", "d", 6),
    )
    people += panel(("M", "b", 6))
    whole = spoken_by_features(people, ["sex", "age"])
    assert [each.group for each in whole["age"]] == ["a", "b", "c", "d"]
    people = panel(("F", "a", 12), ("F", "b", 9), ("M", "c", 8), ("M", "d", 12), ("M", "b", 2))
    told = spoken_by_features(people, ["sex", "age"])["age"]
    assert [(each.group, each.people) for each in told] == [("a", 12), ("d", 12), (None, 19)]


def test_hundreds_of_people_with_six_features_are_checked_in_a_moment():
    dice = Stream(bytes(32), "people")
    sizes = {"a": 2, "b": 4, "c": 3, "d": 5, "e": 4, "f": 3}
    people = [
        Speaker({key: str(dice.below(size)) for key, size in sizes.items()}, 1, 60) for _each in range(150)
    ]
    told = spoken_by_features(people, list(sizes))
    assert {key: len(groups) for key, groups in told.items()} == sizes
