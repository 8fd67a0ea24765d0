"""Who spoke how much, by group: nothing that is told is about fewer than five people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isegoria.errors import BadInput
from isegoria.evaluation import Spoken, spoken_by_group

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
