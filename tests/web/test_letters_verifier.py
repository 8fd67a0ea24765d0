"""The verifier of the letters in the browser and that of the library: one page of specification, one verdict."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from isegoria.proof import canonical, dump, letter_key, letter_receipt, verify_bytes, verify_receipt
from tests.support import browser_verifier
from tests.support.browser_verifier import first_failure, kept, of_the_library
from tests.support.letter_transcripts import bent_letters, honest, people_of, valid_letters
from tests.support.transcripts import Choice

EXAMPLES = 1000
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)


@pytest.fixture(scope="module")
def node():
    with browser_verifier.browser() as found:
        yield found


def test_both_verifiers_agree_on_a_thousand_records_of_the_letters(node):
    verdicts = Counter()

    @given(st.one_of(valid_letters(), bent_letters(), bent_letters(), bent_letters()))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=PHASES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    def agree(data):
        own = of_the_library(data)
        verdicts[own[1]] += 1
        if node.verdict(data, letters=True) != own:
            pytest.fail(kept(data))

    agree()
    assert verdicts.total() >= EXAMPLES
    assert verdicts[None] > EXAMPLES / 10
    # The corruptions reach deep: beyond the form to what the steps compute.
    assert {"strata", "seed", "cut_offs", "randomness"} <= set(verdicts), verdicts


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
