from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.ballots import Paper, count_approval, equal_shares, is_justified, ranking
from isegoria.errors import BadInput

OPTIONS = "abcde"
WEIGHTS = st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2)])
APPROVALS = st.lists(
    st.builds(Paper, st.sets(st.sampled_from(OPTIONS)).map(lambda one: tuple(sorted(one))), WEIGHTS),
    min_size=1,
    max_size=9,
)
RANKINGS = st.lists(
    st.builds(
        Paper, st.lists(st.sampled_from(OPTIONS), max_size=5, unique=True).map(tuple), st.just(Fraction(1))
    ),
    max_size=9,
)


@settings(max_examples=200, deadline=None)
@given(APPROVALS, st.integers(1, 5))
def test_every_large_enough_group_is_represented(papers, places):
    found = equal_shares(OPTIONS, papers, places)
    assert len(set(found.chosen)) == places
    assert is_justified(found.chosen, OPTIONS, papers, places)


def slow_equal_shares(options, papers, places):
    """As the rule is written, with one voter for each half weight: the price is tried, not computed."""
    voters = [set(paper.options) for paper in papers for _ in range(int(paper.weight * 2))]
    purse = [Fraction(places, len(voters))] * len(voters)
    chosen = []
    while len(chosen) < places:
        offers = []
        for place, option in enumerate(options):
            payers = [i for i, voter in enumerate(voters) if option in voter]
            if option in chosen or sum(purse[i] for i in payers) < 1:
                continue
            # The price lies where all with less pay all, so it is one of these.
            for rich in range(1, len(payers) + 1):
                paid = sorted(purse[i] for i in payers)
                price = (Fraction(1) - sum(paid[: len(payers) - rich])) / rich
                if sum(min(price, purse[i]) for i in payers) == 1:
                    offers.append((price, place, option, payers))
        if not offers:
            rest = [option for option in options if option not in chosen]
            rest.sort(key=lambda option: -sum(option in voter for voter in voters))
            return (*chosen, *rest[: places - len(chosen)])
        price, _, option, payers = min(offers)
        for i in payers:
            purse[i] -= min(price, purse[i])
        chosen.append(option)
    return tuple(chosen)


@settings(max_examples=200, deadline=None)
@given(APPROVALS, st.integers(1, 5))
def test_equal_shares_are_those_of_the_slow_twin(papers, places):
    assert equal_shares(OPTIONS, papers, places).chosen == slow_equal_shares(OPTIONS, papers, places)


@given(APPROVALS, st.integers(1, 5), st.randoms(use_true_random=False))
def test_the_order_of_the_papers_does_not_matter(papers, places, shuffler):
    turned = list(papers)
    shuffler.shuffle(turned)
    assert equal_shares(OPTIONS, turned, places) == equal_shares(OPTIONS, papers, places)
    assert count_approval(OPTIONS, turned) == count_approval(OPTIONS, papers)
    assert ranking(OPTIONS, turned) == ranking(OPTIONS, papers)


def test_a_tie_is_decided_by_the_published_order_and_named():
    papers = [Paper(("b",)), Paper(("a",))]
    assert equal_shares("ab", papers, 1).chosen == ("a",)
    assert equal_shares("ab", papers, 1).tied == (("b",),)
    assert equal_shares("ba", papers, 1).chosen == ("b",)


def prefers(papers, one, other):
    def better(paper):
        places = {option: place for place, option in enumerate(paper.options)}
        return places.get(one, 9) < places.get(other, 9)

    return sum(better(paper) for paper in papers)


@settings(max_examples=60, deadline=None)
@given(RANKINGS)
def test_a_ranking_is_that_of_all_paths(papers):
    def strongest(start, end):
        best = 0
        between = [option for option in OPTIONS if option not in {start, end}]
        for length in range(len(between) + 1):
            for middle in permutations(between, length):
                steps = list(zip((start, *middle), (*middle, end), strict=True))
                wins = [
                    prefers(papers, x, y) if prefers(papers, x, y) > prefers(papers, y, x) else 0
                    for x, y in steps
                ]
                best = max(best, min(wins))
        return best

    order = {option: place for place, group in enumerate(ranking(OPTIONS, papers)) for option in group}
    paths = {pair: strongest(*pair) for pair in permutations(OPTIONS, 2)}
    for one, other in permutations(OPTIONS, 2):
        if paths[one, other] > paths[other, one]:
            assert order[one] < order[other]
        if prefers(papers, one, other) > len(papers) / 2 and all(
            prefers(papers, one, x) > prefers(papers, x, one) for x in OPTIONS if x != one
        ):
            assert order[one] == 0


def test_golden_ranking_of_the_literature():
    # Schulze (2011), example 1: 45 voters, five candidates; the order is E, A, C, B, D.
    votes = {"acbed": 5, "adecb": 5, "bedac": 8, "cabed": 3, "caebd": 7, "cbade": 2, "dceba": 7, "ebadc": 8}
    papers = [Paper(tuple(order)) for order, count in votes.items() for _ in range(count)]
    assert ranking("abcde", papers) == (("e",), ("a",), ("c",), ("b",), ("d",))


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("choice_options_repeated", lambda: count_approval("aa", [])),
        ("choice_option_unknown", lambda: count_approval("a", [Paper(("x",))])),
        ("choice_option_twice", lambda: ranking("ab", [Paper(("a", "a"))])),
        ("choice_weight_wrong", lambda: count_approval("a", [Paper(("a",), Fraction(0))])),
        ("choice_places_wrong", lambda: equal_shares("ab", [Paper(("a",))], 3)),
        ("choice_places_wrong", lambda: equal_shares("ab", [], 0)),
    ],
)
def test_a_ballot_that_makes_no_sense_is_refused(code, call):
    with pytest.raises(BadInput, check=lambda error: error.code == code):
        call()
