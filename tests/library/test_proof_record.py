from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.records import failed, rehashed
from typer.testing import CliRunner

from isegoria.cli.proof import app
from isegoria.errors import BadInput
from isegoria.proof import (
    CommittedLottery,
    Entry,
    Quota,
    RandomValue,
    RuleBook,
    Source,
    Specification,
    canonical,
    chances,
    commitment,
    dump,
    quicknet_source,
    receipt,
    record,
    verify,
    verify_bytes,
    verify_receipt,
)
from isegoria.proof.record import seed_of

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
YOUNG, OLD, OTHER = {"age": "young", "sex": "f"}, {"age": "old", "sex": "f"}, {"age": "old", "sex": "m"}
COMPOSITIONS = [(400, [2, 1, 1]), (600, [2, 0, 2])]


def refused(code):
    return pytest.raises(BadInput, check=lambda error: error.code == code)


def specification(**changes):
    values = {
        "institution": "Eupen",
        "body": "Bürgerrat",
        "cycle": "2027",
        "size": 4,
        "quotas": [Quota("age", "young", 2, 2), Quota("sex", "m", 1, 2)],
        "alternates": 3,
        "objective": "nash",
        "software": "isegoria 0.1.0",
        "rulebook": RuleBook("example", "1", "0" * 64),
        "sources": [Source("public:balls-2027-03-01", NOON, "The draw is put off by a week.")],
    }
    return Specification(**(values | changes))


def entries():
    kinds = [YOUNG] * 5 + [OLD] * 4 + [OTHER] * 3
    return [
        Entry(f"C{number:02}", features, hashlib.sha256(bytes([number])).digest()[:16])
        for number, features in enumerate(kinds)
    ]


def lottery():
    return CommittedLottery([YOUNG, OLD, OTHER], COMPOSITIONS)


def committed(**changes):
    return commitment(specification(**changes), entries(), lottery(), NOON - timedelta(days=1))


def drawn(value="417", **changes):
    return record(committed(**changes), [RandomValue("public:balls-2027-03-01", value, NOON, "photo 17")])


def test_an_honest_record_verifies_in_every_step():
    found = verify(drawn())
    assert found.ok
    assert [step.name for step in found.steps] == [
        *(
            "format",
            "hash",
            "specification",
            "pool",
            "entries",
            "pool_root",
            "lottery",
            "tickets",
            "lottery_root",
            "quotas",
        ),
        *(
            "chances",
            "certificate",
            "sources",
            "commitment",
            "timestamps",
            "randomness",
            "beacon",
            "seed",
            "ticket",
        ),
        "composition",
        *("members", "alternates"),
    ]


def test_a_commitment_verifies_before_the_draw():
    assert verify(committed()).ok
    assert verify(committed(), published=committed()["hash"]).ok


def test_the_record_holds_no_salt():
    written = dump(drawn()).decode()
    assert not any(entry.salt.hex() in written for entry in entries())


def test_the_chances_are_exact():
    exact = chances(COMPOSITIONS, [5, 4, 3])
    assert exact == [Fraction(2, 5), Fraction(1, 10), Fraction(8, 15)]
    assert drawn()["lottery"]["chances"] == ["2/5", "1/10", "8/15"]
    assert sum(one * size for one, size in zip(exact, [5, 4, 3], strict=True)) == 4


def test_another_random_value_gives_another_seed_and_the_same_commitment():
    one, other = drawn("417"), drawn("418")
    assert one["seed"] != other["seed"]
    assert one["commitment"] == other["commitment"] == committed()["hash"]


def test_the_order_of_the_pool_rows_does_not_matter():
    turned = commitment(specification(), reversed(entries()), lottery(), NOON - timedelta(days=1))
    assert turned == committed()


@pytest.mark.parametrize(
    ("code", "build"),
    [
        ("committed_too_late", lambda: commitment(specification(), entries(), lottery(), NOON)),
        ("seed_empty", lambda: committed(sources=[])),
        (
            "draw_type_unknown",
            lambda: commitment(specification(), entries()[:9], lottery(), NOON - timedelta(1)),
        ),
        (
            "draw_type_unknown",
            lambda: commitment(
                specification(), entries(), CommittedLottery([YOUNG], [(1, [2])]), NOON - timedelta(1)
            ),
        ),
        (
            "draw_codes_repeated",
            lambda: commitment(
                specification(),
                [*entries(), Entry("C00", YOUNG, b"x" * 16)],
                lottery(),
                NOON - timedelta(1),
            ),
        ),
        (
            "draw_code_wrong",
            lambda: commitment(
                specification(),
                [*entries(), Entry("Zoe Example", YOUNG, b"x" * 16)],
                lottery(),
                NOON - timedelta(1),
            ),
        ),
        (
            "randomness_not_as_announced",
            lambda: record(committed(), [RandomValue("public:dice", "1", NOON)]),
        ),
        ("randomness_not_as_announced", lambda: record(committed(), [])),
        (
            "randomness_too_early",
            lambda: record(
                committed(), [RandomValue("public:balls-2027-03-01", "1", NOON - timedelta(seconds=1))]
            ),
        ),
    ],
)
def test_what_would_give_somebody_a_choice_is_refused(code, build):
    with refused(code) as caught:
        build()
    assert caught.value.problem
    assert caught.value.way_out


def change(document, path, value):
    *parents, last = path
    for key in parents:
        document = document[key]
    document[last] = value(document[last]) if callable(value) else value


def flipped(text):
    return ("0" if text[0] != "0" else "1") + text[1:]


FORGERIES = {
    "a quota changed after seeing the pool": (("specification", "quotas", 0, "maximum"), 3, "seed"),
    "a quota that no composition meets": (("specification", "quotas", 0, "minimum"), 3, "quotas"),
    "a quota twice": (
        ("specification", "quotas", 1),
        {"feature": "age", "value": "young", "minimum": 2, "maximum": 2},
        "quotas",
    ),
    "a quota on nothing": (("specification", "quotas", 1, "feature"), "height", "quotas"),
    "another size": (("specification", "size"), 5, "quotas"),
    "an entry under another code": (("pool", "entries", 11, "code"), "C11x", "seed"),
    "an entry moved to another type": (("pool", "entries", 0, "type"), 1, "entries"),
    "an entry without a type": (("pool", "entries", 0, "type"), 7, "entries"),
    "an entry twice": (("pool", "entries", 1, "code"), "C00", "entries"),
    "another leaf": (("pool", "entries", 0, "leaf"), flipped, "pool_root"),
    "another root": (("pool", "root"), flipped, "pool_root"),
    "a wrong count": (("pool", "types", 0, "count"), 6, "entries"),
    "two equal types": (("pool", "types", 1, "features"), OTHER, "entries"),
    "a type with other features": (("pool", "types", 1, "features"), {"age": "old"}, "entries"),
    "more tickets for one composition": (("lottery", "compositions", 0, "tickets"), 401, "tickets"),
    "a composition without a ticket": (("lottery", "compositions", 0, "tickets"), 0, "tickets"),
    "a composition that the pool cannot fill": (
        ("lottery", "compositions", 0, "counts"),
        [6, 0, 0],
        "tickets",
    ),
    "a composition of too few": (("lottery", "compositions", 0, "counts"), [2, 0, 1], "quotas"),
    "a chance embellished": (("lottery", "chances", 1), "1/5", "chances"),
    "committed later than it was": (("committed_at",), "2027-03-02T00:00:00Z", "commitment"),
    "another random value": (("randomness", 0, "value"), "418", "seed"),
    "another source": (("randomness", 0, "source"), "public:balls-2027-03-02", "randomness"),
    "a value from before the moment": (
        ("randomness", 0, "obtained_at"),
        "2027-03-01T11:59:59Z",
        "randomness",
    ),
    "no random value": (("randomness",), [], "randomness"),
    "a seed of one's own": (("seed",), flipped, "seed"),
    "another ticket": (("result", "ticket"), lambda ticket: (ticket + 1) % 1000, "ticket"),
    "another composition": (("result", "composition"), lambda index: 1 - index, "composition"),
    "a member exchanged": (("result", "members", 0), "C99", "members"),
    "a member left out": (("result", "members"), lambda members: members[1:], "members"),
    "an alternate moved up": (("result", "alternates"), lambda waiting: waiting[::-1], "alternates"),
    "a claim without a proof": (("specification", "objective"), "leximin", "certificate"),
    "an unknown rule for alternates": (("specification", "alternates_rule"), "mine/1", "format"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_careful_forgery_is_caught_even_if_all_hashes_fit(name):
    path, value, step = FORGERIES[name]
    document = copy.deepcopy(drawn())
    change(document, path, value)
    document = rehashed(document)
    assert step in failed(document)
    assert verify(document).failed.first_difference


@pytest.mark.parametrize("name", FORGERIES)
def test_a_clumsy_forgery_is_caught_by_the_hash(name):
    path, value, _ = FORGERIES[name]
    document = copy.deepcopy(drawn())
    change(document, path, value)
    assert not verify(document).ok


def test_a_record_forged_as_a_whole_is_caught_by_the_published_commitment():
    forged = drawn(cycle="2027 again")
    assert verify(forged).ok
    assert failed(forged, published=committed()["hash"]) == {"commitment"}


def test_a_certificate_that_cannot_be_checked_proves_nothing():
    lottery_with_a_claim = CommittedLottery([YOUNG, OLD, OTHER], COMPOSITIONS, {"trust": "me"})
    made = commitment(specification(), entries(), lottery_with_a_claim, NOON - timedelta(1))
    assert failed(made) == {"certificate"}


def test_the_step_names_the_first_difference():
    document = copy.deepcopy(drawn())
    document["result"]["members"][2] = "C99"
    step = next(step for step in verify(document).steps if step.name == "members")
    assert step.first_difference.startswith("result.members[2] is C99, but should be C")


def test_the_announced_round_is_the_first_at_or_after_the_moment():
    moment = datetime(2027, 3, 1, 18, tzinfo=UTC)
    assert quicknet_source(moment) == "drand:quicknet:37040212"
    assert quicknet_source(datetime.fromtimestamp(1_692_803_367, UTC)) == "drand:quicknet:1"
    assert quicknet_source(datetime.fromtimestamp(1_692_803_367, UTC) + timedelta(microseconds=1)) == (
        "drand:quicknet:2"
    )


def paths(value, before=()):
    yield before
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield from paths(child, (*before, key))


JUNK = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        2**60,
        1.5,
        "",
        "x",
        "0" * 64,
        "e\u0301",
        "\ud800",
        [],
        [[]],
        {},
        {"a": 1},
        "9/0",
        "2/4",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.data(), JUNK, st.booleans())
def test_a_malformed_record_is_reported_and_never_crashes(data, junk, fit):
    document = copy.deepcopy(drawn())
    path = data.draw(st.sampled_from([path for path in paths(document) if path]))
    before = copy.deepcopy(document)
    change(document, path, junk)
    if fit and isinstance(document["commitments"], dict):
        with contextlib.suppress(BadInput, KeyError, TypeError, AttributeError, ValueError):
            document = rehashed(document)
    found = verify(document)
    if json.dumps(document, sort_keys=True) == json.dumps(before, sort_keys=True):
        return
    # A consistent change of what is only said, not computed, is another draw and not a false one.
    assert not found.ok or path[0] == "randomness" or document["commitment"] != before["commitment"]
    if not fit:
        assert not found.ok


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_every_changed_byte_of_the_file_is_noticed(data):
    written = dump(drawn())
    place = data.draw(st.integers(0, len(written) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != written[place]))
    mutant = written[:place] + bytes([byte]) + written[place + 1 :]
    with contextlib.suppress(BadInput):  # a file that is no JSON any more
        assert not verify_bytes(mutant).ok


@pytest.mark.parametrize(
    "document", [None, 7, "x", [], {}, {"format": []}, {"format": "isegoria-draw-record/1"}]
)
def test_what_is_no_record_at_all_is_reported(document):
    found = verify(document)
    assert not found.ok
    assert found.failed.name == "format"


def leaves():
    return [entry.leaf for entry in entries()]


def test_every_person_finds_the_own_entry_and_chance():
    document = drawn()
    for entry in entries():
        found = verify_receipt(document, receipt(entry, leaves()))
        assert found.ok
    chance = verify_receipt(document, receipt(entries()[0], leaves())).steps[-1].detail
    assert chance.startswith("the chance to be drawn was 2/5; ")
    assert "still to come" in verify_receipt(committed(), receipt(entries()[0], leaves())).steps[-1].detail


def test_a_receipt_tells_members_and_alternates_their_result():
    document = drawn()
    by_code = {entry.code: entry for entry in entries()}
    details = {
        code: verify_receipt(document, receipt(by_code[code], leaves())).steps[-1].detail
        for code in by_code
    }
    assert {code for code in details if details[code].endswith("drawn as a member")} == set(
        document["result"]["members"]
    )
    first = document["result"]["alternates"][0]
    assert details[first].endswith("drawn as alternate number 1")


@pytest.mark.parametrize(
    ("path", "value", "step"),
    [
        (("code",), "C99", "entry"),
        (("salt",), "0" * 32, "entry"),
        (("features", "age"), "old", "entry"),
        (("path", 0, "hash"), "0" * 64, "path"),
        (("path",), [], "path"),
        (("salt",), "0", "receipt"),
        (("path",), None, "receipt"),
    ],
)
def test_a_receipt_that_does_not_fit_is_caught(path, value, step):
    own = receipt(entries()[0], leaves())
    change(own, path, value)
    assert verify_receipt(drawn(), own).failed.name == step


def test_an_organiser_who_counts_a_person_under_other_features_is_caught_by_that_person():
    document = copy.deepcopy(drawn())
    document["pool"]["entries"][0]["type"], document["pool"]["entries"][5]["type"] = 1, 0
    document = rehashed(document)
    assert verify_receipt(document, receipt(entries()[0], leaves())).failed.name == "features"


def test_a_removed_entry_is_caught_by_that_person():
    made = commitment(specification(), entries()[1:], lottery(), NOON - timedelta(1))
    assert verify(made).ok
    assert verify_receipt(made, receipt(entries()[0], leaves())).failed.name == "entry"


def test_verification_needs_nothing_but_the_standard_library():
    code = (
        "import sys; sys.modules['numpy'] = sys.modules['highspy'] = sys.modules['django'] = None\n"
        "import isegoria.proof"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_whole_chain_gives_the_published_chances():
    made, runs, members = committed(), 4000, dict.fromkeys((entry.code for entry in entries()), 0)
    for number in range(runs):
        for code in record(made, [RandomValue("public:balls-2027-03-01", str(number), NOON)])["result"][
            "members"
        ]:
            members[code] += 1
    expected = [Fraction(2, 5)] * 5 + [Fraction(1, 10)] * 4 + [Fraction(8, 15)] * 3
    # Five standard deviations at 4,000 draws are at most 0.04.
    assert all(abs(members[f"C{number:02}"] / runs - one) < 0.04 for number, one in enumerate(expected))


def test_golden_record():
    document = drawn()
    assert document["commitment"] == "5163c43fe7717bf5eac30ad1eb0955c2a4b40c6a8f2ee0f9e54032140df5ab53"
    assert document["seed"] == "e53e12e847ac091b15ceedb7717321574078943c40b566887e08687d79f803c1"
    assert document["hash"] == "c29272654621e2738bd03b5f0c9fb8d637d2069fd00df8c8f9d5e45a2e170235"
    assert seed_of(document["commitments"], [("public:balls-2027-03-01", "417")]).hex() == document["seed"]


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def files(tmp_path):
    (tmp_path / "draw.json").write_bytes(dump(drawn()))
    (tmp_path / "receipt.json").write_bytes(canonical(receipt(entries()[0], leaves())))
    return tmp_path


def test_the_command_redoes_a_draw_and_prints_every_step(files):
    done = run("verify", files / "draw.json")
    assert done.exit_code == 0
    assert "ok     members" in done.output
    assert "All 23 steps hold." in done.output
    assert run("verify", files / "draw.json", "--commitment", committed()["hash"]).exit_code == 0
    assert run("receipt", files / "draw.json", files / "receipt.json").exit_code == 0


def test_the_command_fails_on_a_forged_draw_and_names_the_step(files):
    forged = dump(drawn()).replace(b'"C0', b'"C9', 1)
    (files / "forged.json").write_bytes(forged)
    done = run("verify", files / "forged.json")
    assert done.exit_code == 1
    assert "It does not hold: step" in done.output
    assert run("verify", files / "draw.json", "--commitment", "0" * 64).exit_code == 1


def test_the_command_can_answer_in_json(files):
    done = run("verify", files / "draw.json", "--json")
    answer = json.loads(done.stdout)
    assert answer["ok"] is True
    assert answer["steps"][0] == {
        "name": "spelling",
        "ok": True,
        "detail": answer["steps"][0]["detail"],
        "first_difference": None,
        "unchecked": None,
    }


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{", b'{"a":1.5}', None])
def test_an_unreadable_file_has_its_own_exit_code_and_a_way_out(files, content):
    if content is not None:
        (files / "bad.json").write_bytes(content)
    done = run("verify", files / "bad.json")
    assert done.exit_code == 2
    assert "bad.json" in done.output
