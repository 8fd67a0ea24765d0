"""The verifier of the browser and the verifier of the library: two hands, one page of specification, one verdict."""

from __future__ import annotations

import copy
import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.proof import (
    canonical,
    dump,
    receipt,
    receipt_vacant,
    verify_bytes,
    verify_earlier,
    verify_receipt,
)
from isegoria.proof.vacant import chances_of
from tests.support import browser_verifier
from tests.support.browser_verifier import first_failure, kept, of_the_library, verdicts_on
from tests.support.transcripts import (
    KEY,
    Choice,
    bent_records,
    first_of,
    honest,
    pool_of,
    sealed_seats,
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
        if "types" not in document["pool"]:
            continue  # a sealed draw for vacant seats; below
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


@pytest.mark.parametrize(
    ("field", "bad"),
    [(None, None), ("salt", "0" * 32), ("code", "C99"), ("features", {"age": "x"}), ("path", []),
     ("seal", "0" * 32), ("seal", None), ("chance", "1/1"), ("chance", "2/4")],
)  # fmt: skip
def test_a_receipt_of_a_sealed_draw_for_vacant_seats_says_the_same_in_the_browser(node, field, bad):
    made, document = sealed_seats(0)
    entries = pool_of(0)
    chance = Fraction(chances_of(made.observers)[entries[3].code])
    own = receipt_vacant(entries[3], [one.leaf for one in entries], KEY, chance)
    if field is not None:
        own[field] = bad
    found = verify_receipt(document, own)
    answer = node.ask(dump(document), receipt=json.loads(canonical(own)))
    assert found.ok == (field is None)
    assert first_failure(answer["steps"])[0] == found.ok
    if found.ok:
        assert f"the chance to be drawn was {chance}" in found.steps[-1].detail
        assert answer["chance"] is None, "only the receipt tells it"


def test_beside_the_earlier_record_the_browser_leaves_sealed_people_to_observers(node):
    earlier = next(one for one in map(honest, range(20)) if "result" in one)
    document = copy.deepcopy(sealed_seats(0)[1])
    document["specification"]["completes"]["record"] = earlier["hash"]
    own = verify_earlier(document, earlier)
    answer = node.ask(dump(document), earlier=earlier)
    assert (
        [(step["name"], step["ok"], bool(step["unchecked"])) for step in answer["steps"]]
        == [(step.name, step.ok, bool(step.unchecked)) for step in own]
        == [("earlier", True, False), ("sitting", True, True), ("candidates", True, True)]
    )
    other = node.ask(dump(document), earlier=made_other(earlier))
    assert first_failure(other["steps"]) == (False, "earlier")
    (told,) = node.ask(dump(document), earlier={})["steps"]
    (said,) = verify_earlier(document, {})
    assert told["difference"] == said.first_difference
    assert "isegoria-draw-record/2" in told["difference"]


def test_both_leave_features_open_that_the_earlier_record_seals(node):
    earlier = next(
        one
        for one in map(honest, range(200))
        if "result" in one
        and one["specification"].get("completes") is None
        and any(kind["features"] is None for kind in one.get("pool", {}).get("types", ()))
    )
    document, pool, members = copy.deepcopy(earlier), earlier["pool"], earlier["result"]["members"]
    for kind in document["pool"]["types"]:
        kind["features"] = kind["features"] or {"told": "as anything"}
    features = {one["code"]: document["pool"]["types"][one["type"]]["features"] for one in pool["entries"]}
    document["pool"]["entries"] = [one for one in pool["entries"] if one["code"] not in members]
    document["specification"]["completes"] = {
        "record": earlier["hash"], "size": earlier["specification"]["size"],
        "quotas": earlier["specification"]["quotas"],
        "sitting": [{"features": features[code], "codes": [code]} for code in members],
    }  # fmt: skip
    sealed = {one["code"] for one in pool["entries"] if pool["types"][one["type"]]["features"] is None}
    answer = node.ask(dump(document), earlier=earlier)
    own = verify_earlier(document, earlier)
    assert [(step["name"], step["ok"], bool(step["unchecked"])) for step in answer["steps"]] == [
        (step.name, step.ok, bool(step.unchecked)) for step in own
    ]
    assert [(step.ok, bool(step.unchecked)) for step in own] == [
        (True, False), (True, bool(sealed & {*members})), (True, bool(sealed - {*members})),
    ]  # fmt: skip


def made_other(earlier):
    return next(one for one in map(honest, range(20)) if "result" in one and one["hash"] != earlier["hash"])
