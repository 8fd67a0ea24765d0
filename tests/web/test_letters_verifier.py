"""The verifier of the letters in the browser and that of the library: one page of specification, one verdict."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.proof import canonical, dump, letter_key, letter_receipt, verify_bytes, verify_receipt
from tests.support import browser_verifier
from tests.support.browser_verifier import first_failure, of_the_library, verdicts_on
from tests.support.letter_transcripts import bent_letters, forged, honest, people_of, valid_letters
from tests.support.transcripts import Choice

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def node():
    with browser_verifier.browser() as found:
        yield found


def test_both_verifiers_agree_on_a_thousand_records_of_the_letters(node):
    letters = st.one_of(valid_letters(), bent_letters(), bent_letters(), bent_letters())
    verdicts = verdicts_on(node, letters, letters=True)
    assert len(verdicts) > 5, verdicts


def one_more_resident(document):
    document["register"]["strata"][0]["eligible"] += 1


def another_seed(document):
    document["seed"] = "0" * 64


def one_more_letter(document):
    document["result"]["letters"] += 1


def a_lower_cut_off(document):
    stratum = next(one for one in document["result"]["strata"] if one["cut_offs"])
    stratum["cut_offs"] = [None if one is None else "0" * 63 + "1" for one in stratum["cut_offs"]]


@pytest.mark.parametrize(
    ("bend", "steps"),
    [
        (one_more_resident, {"strata", "seed"}),  # the seed follows from what was committed
        (another_seed, {"seed"}),
        (one_more_letter, {"cut_offs"}),
        (a_lower_cut_off, {"cut_offs", None}),  # None: only a receipt shows that it is too low
    ],
)
def test_a_careful_forger_who_makes_all_hashes_fit_is_caught_by_both_at_the_same_step(node, bend, steps):
    """Beyond the form, at what the steps compute."""
    found = set()
    for number in range(40):
        document = honest(number)
        if "result" not in document or not any(one["cut_offs"] for one in document["result"]["strata"]):
            continue
        bend(document)
        data = dump(forged(document))
        own = of_the_library(data)
        assert node.verdict(data, letters=True) == own
        found.add(own[1])
    assert found <= steps
    assert found & (steps - {None})


@given(valid_letters())
@settings(max_examples=100, deadline=None)
def test_what_is_made_honestly_holds_in_every_step(data):
    assert of_the_library(data) == (True, None)


def test_both_name_the_same_steps_in_the_same_order(node):
    for number in range(20):
        data = dump(honest(number))
        answer = node.ask(data, letters=True)
        assert [step["name"] for step in answer["steps"]] == [
            step.name for step in verify_bytes(data).steps
        ]


def test_the_published_hash_counts_in_the_browser_too(node):
    document = next(one for one in map(honest, range(20)) if "result" in one)
    data = dump(document)
    assert node.verdict(data, letters=True, published=document["commitment"]) == (True, None)
    assert node.verdict(data, letters=True, published="0" * 64) == (False, "commitment")


JUNK = {
    "salt": "0" * 32,
    "pseudonym": "0" * 64,
    "stratum": "Nowhere",
    "path": [],
    "format": "isegoria-receipt/1",
}


def test_a_residents_receipt_says_the_same_in_the_browser(node):
    seen = Counter()
    for number in range(60):
        choice = Choice(number, "letters")
        people = people_of(choice, 1 + choice.below(6) if choice.below(3) > 0 else 1)
        everybody = [one for found in people.values() for one in found]
        document = honest(number)
        if not everybody:
            continue
        other = Choice(number, "receipts")
        own = letter_receipt(other.of(everybody), [one.leaf for one in everybody])
        if other.below(3) == 0:
            field = other.of(sorted(JUNK))
            own[field] = JUNK[field]
        found = verify_receipt(document, own)
        answer = node.ask(dump(document), letters=True, receipt=json.loads(canonical(own)))
        assert first_failure(answer["steps"])[0] == found.ok, (own, answer, found)
        seen[found.ok] += 1
        if found.ok and answer["wave"] is not None:
            assert ("a letter was drawn" in found.steps[-1].detail) == (answer["wave"] > 0)
            seen["drawn" if answer["wave"] else "not drawn"] += 1
    assert min(seen[True], seen[False], seen["drawn"], seen["not drawn"]) > 3, seen


def test_the_golden_key_of_the_documentation_holds():
    assert letter_key(bytes([7]) * 32, "reg-001").startswith("bf31203148db0bb4")
