"""The verifier of the browser and the verifier of the library: two hands, one page of specification, one verdict."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.proof import canonical, dump, receipt, verify_bytes, verify_receipt
from tests.support import browser_verifier
from tests.support.browser_verifier import first_failure, kept, of_the_library, verdicts_on
from tests.support.transcripts import (
    KEY,
    Choice,
    bent_records,
    first_of,
    honest,
    pool_of,
    town_of,
    valid_records,
)

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def node():
    with browser_verifier.browser() as found:
        yield found


def test_both_verifiers_agree_on_a_thousand_records(node):
    verdicts = verdicts_on(node, st.one_of(valid_records(), bent_records(), bent_records(), bent_records()))
    # The corruptions reach deep: many kinds of steps fail first.
    assert len(verdicts) > 10, verdicts


@given(valid_records())
@settings(max_examples=100, deadline=None)
def test_what_is_made_honestly_holds_in_every_step(data):
    assert of_the_library(data) == (True, None)


def test_a_difference_is_kept_as_a_file_that_can_be_looked_at_again(node):
    data = dump(honest(0)) + b" "
    path = Path(kept(data).rsplit(" ", 1)[1])
    try:
        assert path.read_bytes() == data
        assert node.verdict(data) == of_the_library(data) == (False, "spelling")
    finally:
        path.unlink()


def test_both_name_the_same_steps_in_the_same_order(node):
    for number in range(20):
        data = dump(honest(number))
        answer = node.ask(data)
        assert [step["name"] for step in answer["steps"]] == [
            step.name for step in verify_bytes(data).steps
        ]
        shown = {step["name"] for step in answer["steps"] if step["unchecked"]}
        assert shown == {step.name for step in verify_bytes(data).steps if step.unchecked}


def test_the_published_hash_counts_in_the_browser_too(node):
    document = next(one for one in map(honest, range(20)) if "result" in one)
    data = dump(document)
    assert node.verdict(data, published=document["commitment"]) == (True, None)
    assert node.verdict(data, published="0" * 64) == (False, "commitment")


def test_a_receipt_says_the_same_in_the_browser(node):
    for number in range(30):
        document, choice = honest(number), Choice(number, "receipts")
        town, rule = town_of(Choice(number, "honest")), document["specification"]["objective"]
        entries = pool_of(town, rule)
        entry = choice.of(entries)
        first = first_of(town, rule, entry.code)
        sealed = document["specification"]["disclosure"] == "sealed"
        own = receipt(entry, [one.leaf for one in entries], KEY if sealed else None, first)
        if choice.below(3) == 0:
            field = choice.of(["salt", "code", "features", "path", "seal"])
            own[field] = {
                "salt": "0" * 32,
                "code": "C99",
                "features": {"age": "x"},
                "path": [],
                "seal": "0" * 32,
            }[field]
        found = verify_receipt(document, own)
        answer = node.ask(dump(document), receipt=json.loads(canonical(own)))
        assert first_failure(answer["steps"])[0] == found.ok, (own, answer)
        if answer["root"] is not None:
            assert answer["root"] == document["pool"]["root"]
            chance = document["lottery"]["chances"][
                next(one["type"] for one in document["pool"]["entries"] if one["code"] == own["code"])
            ]
            assert answer["chance"] == chance
        if found.ok:
            words = {"member": "drawn as a member", "none": "; not drawn", "open": "still to come"}
            word = words.get(answer["outcome"], f"drawn as alternate number {answer['place']}")
            assert word in found.steps[-1].detail
