from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isegoria.ballots import Choice, College, count_yes_no, each_by_itself, weighted
from isegoria.errors import BadInput

SHARES = st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20)
WEIGHTS = st.integers(1, 12)


@st.composite
def results(draw, choices=Choice):
    box = draw(st.lists(st.sampled_from(choices), max_size=20))
    return count_yes_no(
        box,
        eligible=len(box) + draw(st.integers(0, 8)),
        quorum=draw(st.none() | SHARES),
        threshold=draw(SHARES),
        abstention=draw(st.sampled_from(["excluded", "counted"])),
        more_than=draw(st.booleans()),
        of_eligible=draw(st.booleans()),
    )


@st.composite
def bodies(draw):
    found = draw(st.lists(results(), min_size=1, max_size=4))
    return [
        College(str(number), each, binding=draw(st.booleans()), weight=draw(WEIGHTS))
        for number, each in enumerate(found)
    ]


def refused(code):
    return pytest.raises(BadInput, check=lambda error: error.code == code)


def simple(yes, no, absent=0, **rule):
    box = [Choice.YES] * yes + [Choice.NO] * no
    rule = {"quorum": None, "threshold": Fraction(1, 2), "more_than": True, "abstention": "excluded"} | rule
    return count_yes_no(box, eligible=yes + no + absent, **rule)


@given(bodies(), SHARES, st.booleans())
def test_a_weight_never_changes_what_a_college_itself_said(colleges, threshold, more_than):
    found = weighted(colleges, threshold=threshold, more_than=more_than)
    assert [each.result for each in found.colleges] == [each.result for each in colleges]


@given(bodies(), WEIGHTS, SHARES, st.booleans())
def test_weights_matter_by_their_proportions_alone(colleges, factor, threshold, more_than):
    scaled = [dataclasses.replace(each, weight=factor * each.weight) for each in colleges]
    one, other = (weighted(each, threshold=threshold, more_than=more_than) for each in (colleges, scaled))
    assert other.adopted == one.adopted
    assert other.weighted_yes == factor * one.weighted_yes


@given(bodies(), SHARES)
def test_one_weight_for_all_is_one_body(colleges, threshold):
    """With equal weights the sum is the count of one box."""
    alike = [dataclasses.replace(each, weight=1) for each in colleges]
    found = weighted(alike, threshold=threshold)
    yes = sum(each.result.yes for each in alike)
    enough = yes >= max(threshold * sum(each.result.base for each in alike), 1)
    assert found.adopted == (enough and all(each.result.quorum_met for each in alike))


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=4), st.lists(WEIGHTS, min_size=4, max_size=4), SHARES
)
def test_what_everybody_wants_is_adopted_and_what_nobody_wants_is_not(sizes, weights, threshold):
    for yes in (True, False):
        colleges = [
            College(str(at), simple(size if yes else 0, 0 if yes else size), weight=weights[at])
            for at, size in enumerate(sizes)
        ]
        assert weighted(colleges, threshold=threshold).adopted is yes
        assert each_by_itself(colleges).adopted is yes


@given(bodies(), st.randoms(use_true_random=False))
def test_the_order_of_the_colleges_says_nothing(colleges, random):
    shuffled = list(colleges)
    random.shuffle(shuffled)
    half = Fraction(1, 2)
    assert weighted(shuffled, threshold=half).adopted == weighted(colleges, threshold=half).adopted


@given(results(), results())
def test_advice_never_decides(advice, vote):
    found = each_by_itself([College("citizens", advice, binding=False), College("parliament", vote)])
    assert found.adopted == vote.adopted


@given(results(), results())
def test_a_double_majority_takes_both(one, other):
    assert each_by_itself([College("a", one), College("b", other)]).adopted == (
        one.adopted and other.adopted
    )


def test_forty_five_citizens_weigh_as_much_as_fifteen_members_of_parliament():
    colleges = [College("citizens", simple(45, 0)), College("parliament", simple(0, 15), weight=3)]
    found = weighted(colleges, threshold=Fraction(1, 2), more_than=True)
    assert (found.weighted_yes, found.weighted_base, found.weighted_needed) == (45, 90, 46)
    assert not found.adopted
    assert weighted(colleges, threshold=Fraction(1, 2)).adopted


def test_a_college_below_its_quorum_stops_the_sum():
    few = simple(1, 0, absent=9, quorum=Fraction(1, 2))
    assert not weighted([College("a", simple(45, 0)), College("b", few)], threshold=Fraction(1, 2)).adopted


def test_what_cannot_be_added_up_is_refused():
    college = College("a", simple(1, 0))
    with refused("colleges_repeated"):
        each_by_itself([college, college])
    with refused("colleges_repeated"):
        weighted([], threshold=Fraction(1, 2))
    with refused("colleges_none_binds"):
        each_by_itself([dataclasses.replace(college, binding=False)])
    with refused("colleges_weight_wrong"):
        weighted([dataclasses.replace(college, weight=0)], threshold=Fraction(1, 2))
    with refused("ballot_threshold_wrong"):
        weighted([college], threshold=Fraction(0))
