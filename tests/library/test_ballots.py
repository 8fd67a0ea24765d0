from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isegoria.ballots import (
    Choice,
    count_yes_no,
    is_published,
    list_difference,
    new_secret,
    published_list,
    receipt,
)
from isegoria.errors import BadInput

PAPERS = st.lists(st.sampled_from(Choice), max_size=40)
SHARES = st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20)
FOUR_FIFTHS = {"quorum": None, "threshold": Fraction(4, 5), "abstention": "excluded"}


def refused(code):
    return pytest.raises(BadInput, check=lambda error: error.code == code)


def papers(yes, no=0, abstain=0):
    return [Choice.YES] * yes + [Choice.NO] * no + [Choice.ABSTAIN] * abstain


@st.composite
def ballots(draw):
    box = draw(PAPERS)
    rule = {
        "eligible": len(box) + draw(st.integers(0, 20)),
        "quorum": draw(st.none() | SHARES),
        "threshold": draw(SHARES),
        "abstention": draw(st.sampled_from(["excluded", "counted"])),
        "more_than": draw(st.booleans()),
        "of_eligible": draw(st.booleans()),
    }
    return box, rule


@given(ballots(), st.randoms(use_true_random=False))
def test_the_order_of_the_papers_does_not_matter(ballot, shuffler):
    box, rule = ballot
    turned = list(box)
    shuffler.shuffle(turned)
    assert count_yes_no(turned, **rule) == count_yes_no(box, **rule)


@given(ballots())
def test_the_count_follows_the_rule_as_written(ballot):
    box, rule = ballot
    result = count_yes_no(box, **rule)
    yes, no, abstain = (box.count(choice) for choice in Choice)
    base = yes + no + (abstain if rule["abstention"] == "counted" else 0)
    if rule["of_eligible"]:
        base = rule["eligible"]
    reached = yes > rule["threshold"] * base if rule["more_than"] else yes >= rule["threshold"] * base
    quorum = rule["quorum"] is None or len(box) >= rule["quorum"] * rule["eligible"]
    assert result.adopted == (yes > 0 and reached and quorum)
    assert result.quorum_met == quorum
    assert (result.yes, result.no, result.abstain, result.base) == (yes, no, abstain, base)


@given(ballots())
def test_one_more_yes_never_hurts_and_one_more_no_never_helps(ballot):
    box, rule = ballot
    rule["eligible"] += 1
    rule["quorum"] = None  # a no can meet a quorum: a known weakness of quorums, not of the count
    result = count_yes_no(box, **rule)
    assert count_yes_no([*box, Choice.YES], **rule).adopted >= result.adopted
    assert count_yes_no([*box, Choice.NO], **rule).adopted <= result.adopted


@given(ballots())
def test_an_abstention_is_neutral_where_it_is_not_counted_and_a_no_where_it_is(ballot):
    box, rule = ballot
    rule |= {"eligible": rule["eligible"] + 1, "quorum": None, "of_eligible": False}
    with_abstention = count_yes_no([*box, Choice.ABSTAIN], **rule).adopted
    as_no = count_yes_no([*box, Choice.NO], **rule).adopted
    without = count_yes_no(box, **rule).adopted
    assert with_abstention == (as_no if rule["abstention"] == "counted" else without)


@given(ballots())
def test_needed_is_the_smallest_number_of_yes_that_is_enough_with_this_base(ballot):
    box, rule = ballot
    result = count_yes_no(box, **rule)
    share = rule["threshold"] * result.base

    def enough(yes):
        return yes >= 1 and (yes > share if rule["more_than"] else yes >= share)

    assert enough(result.needed)
    assert not enough(result.needed - 1)


@pytest.mark.parametrize(
    ("box", "abstention", "adopted"),
    [
        (papers(20, 5), "excluded", True),
        (papers(19, 5), "excluded", False),
        (papers(20, 5, 1), "excluded", True),
        (papers(20, 5, 1), "counted", False),
        (papers(4, 1), "counted", True),
        (papers(0, 0, 5), "excluded", False),
        (papers(0), "counted", False),
    ],
)
def test_four_fifths_of_the_votes_cast(box, abstention, adopted):
    result = count_yes_no(box, eligible=30, quorum=None, threshold=Fraction(4, 5), abstention=abstention)
    assert result.adopted is adopted


def test_a_tie_is_no_simple_majority():
    rule = {"eligible": 10, "quorum": None, "threshold": Fraction(1, 2), "abstention": "excluded"}
    assert not count_yes_no(papers(5, 5), more_than=True, **rule).adopted
    assert count_yes_no(papers(5, 4), more_than=True, **rule).adopted
    assert count_yes_no(papers(5, 5), **rule).adopted


def test_an_absolute_majority_counts_those_who_stayed_away():
    rule = {"eligible": 25, "quorum": None, "threshold": Fraction(1, 2), "abstention": "excluded"}
    assert not count_yes_no(papers(12, 1), more_than=True, of_eligible=True, **rule).adopted
    assert count_yes_no(papers(13), more_than=True, of_eligible=True, **rule).adopted


def test_thirds_are_exact():
    rule = {"eligible": 3, "quorum": Fraction(2, 3), "threshold": Fraction(2, 3), "abstention": "excluded"}
    result = count_yes_no(papers(2, 1), **rule)
    assert result.adopted
    assert result.turnout == 1
    assert count_yes_no(papers(2), **rule).quorum_met
    assert not count_yes_no(papers(1), **rule).quorum_met


def test_the_result_says_its_rule_in_words():
    assert count_yes_no(papers(4, 1), eligible=5, **FOUR_FIFTHS).rule == (
        "at least 4/5 of the votes cast, abstentions not counted"
    )


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("ballot_papers_too_many", {"eligible": 2}),
        ("ballot_threshold_wrong", {"threshold": Fraction(0)}),
        ("ballot_threshold_wrong", {"threshold": Fraction(6, 5)}),
        ("ballot_threshold_wrong", {"threshold": Fraction(1), "more_than": True}),
        ("ballot_quorum_wrong", {"quorum": Fraction(3, 2)}),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(code, changes):
    with refused(code) as caught:
        count_yes_no(papers(2, 1), **({"eligible": 5} | FOUR_FIFTHS | changes))
    assert caught.value.problem
    assert caught.value.way_out


SECRETS = st.lists(st.binary(min_size=16, max_size=16), max_size=20, unique=True)


@given(SECRETS, st.randoms(use_true_random=False))
def test_the_list_says_nothing_about_the_order_of_the_papers(secrets, shuffler):
    turned = list(secrets)
    shuffler.shuffle(turned)
    assert published_list(turned) == published_list(secrets)


@given(SECRETS)
def test_every_voter_finds_the_own_paper_and_no_other_secret_does(secrets):
    receipts = published_list(secrets)
    assert all(is_published(receipts, secret) for secret in secrets)
    assert not is_published(receipts, new_secret())


@given(SECRETS)
def test_a_paper_lost_added_or_doubled_is_noticed(secrets):
    result = count_yes_no([Choice.YES] * len(secrets), eligible=30, **FOUR_FIFTHS)
    receipts = published_list(secrets)
    assert list_difference(receipts, result) is None
    assert list_difference(published_list([*secrets, new_secret()]), result) is not None
    if secrets:
        assert list_difference(receipts[1:], result) is not None
    if len(secrets) > 1:
        assert list_difference((receipts[0], *receipts[:-1]), result) is not None


def test_a_receipt_can_be_read_aloud():
    code = receipt(bytes(16))
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}", code)
    assert code == "PKFX-SMXC-BYXR-MBJD"
    with refused("paper_secret_length_wrong"):
        receipt(b"short")
