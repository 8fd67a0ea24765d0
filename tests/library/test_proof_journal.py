from __future__ import annotations

import json
import sys
from datetime import timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.support.chains import START, chain, lines
from typer.testing import CliRunner

from isegoria.cli.proof import app
from isegoria.errors import BadInput
from isegoria.proof.canonical import canonical
from isegoria.proof.journal import GENESIS, entry, entry_hash, verify_journal


def broken(found):
    return found.failed.name, found.failed.first_difference


@given(st.integers(0, 12), st.integers(0, 12))
def test_a_journal_that_only_grew_verifies_against_its_mirror(length, kept):
    assert verify_journal(lines(chain(length))).ok
    found = verify_journal(lines(chain(length)), lines(chain(kept)))
    assert found.ok == (length >= kept)


@given(st.integers(2, 9), st.data())
def test_an_edited_entry_is_named(length, data):
    seq = data.draw(st.integers(1, length))
    entries = chain(length)
    field, value = data.draw(
        st.sampled_from(
            [
                ("facts", {"number": 0}),
                ("actor", "authority"),
                ("action", "meeting.ended"),
                ("time", "2027-01-01T09:00:00Z"),
                ("subject", "f" * 32),
                ("commitment", "cd" * 32),
            ]
        )
    )
    entries[seq - 1][field] = value
    name, difference = broken(verify_journal(lines(entries)))
    assert name == "chain"
    assert difference.startswith(f"entry {seq} was changed")


@given(st.integers(2, 9), st.data())
def test_an_edited_entry_with_a_new_hash_breaks_the_next(length, data):
    seq = data.draw(st.integers(1, length - 1))
    entries = chain(length)
    entries[seq - 1]["facts"] = {"number": 0}
    entries[seq - 1]["hash"] = entry_hash(entries[seq - 1])
    assert broken(verify_journal(lines(entries)))[1] == f"entry {seq + 1} does not continue entry {seq}"


@given(st.integers(3, 9), st.data())
def test_a_deleted_entry_is_named(length, data):
    seq = data.draw(st.integers(1, length - 1))
    entries = chain(length)
    del entries[seq - 1]
    assert broken(verify_journal(lines(entries)))[1] == (
        f"entry {seq} is missing: entry {seq + 1} stands in its place"
    )


@given(st.integers(3, 9), st.data())
def test_two_entries_in_another_order_are_named(length, data):
    seq = data.draw(st.integers(1, length - 1))
    entries = chain(length)
    entries[seq - 1], entries[seq] = entries[seq], entries[seq - 1]
    assert broken(verify_journal(lines(entries)))[1].startswith(f"entry {seq} is missing")


def test_a_cut_end_is_found_by_the_mirror_alone():
    cut = lines(chain(9)[:6])
    assert verify_journal(cut).ok
    assert broken(verify_journal(cut, lines(chain(9)))) == (
        "mirror",
        "entry 7 is missing: the mirror has 9 entries",
    )


def test_a_second_story_is_found_by_the_mirror_alone():
    truth, prev = chain(9), chain(9)[3]["hash"]
    fork = truth[:4]
    for old in truth[4:]:
        fork.append({**old, "prev": prev, "facts": {"told": "lie"}})
        fork[-1]["hash"] = prev = entry_hash(fork[-1])
    assert verify_journal(lines(fork)).ok
    assert broken(verify_journal(lines(fork), lines(truth))) == (
        "mirror",
        "entry 5 differs from the mirror",
    )


def test_a_mirror_that_is_broken_itself_is_named():
    bad = chain(4)
    bad[2]["facts"] = {}
    assert broken(verify_journal(lines(chain(4)), lines(bad)))[0] == "mirror_chain"


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "{}", '{"format":"isegoria-journal/2"}', '{"format":"isegoria-journal/1"', "1.5"],
)
def test_what_is_no_journal_is_reported(text):
    assert verify_journal([text]).failed.name == "format"
    assert not verify_journal([]).ok


@given(st.text(), st.integers(0, 3))
def test_a_line_that_is_no_entry_is_named_by_its_number(text, before):
    found = verify_journal([*lines(chain(before)), text])
    assert found.failed.first_difference.startswith(f"entry {before + 1}")


@pytest.mark.parametrize(
    "field", ["seq", "prev", "time", "actor", "action", "subject", "facts", "commitment", "hash"]
)
@pytest.mark.parametrize("junk", [7.5, [], True, "Zoe Example"])
def test_a_malformed_field_is_reported_and_never_crashes(field, junk):
    entries = [json.loads(line) for line in lines(chain(3))]
    entries[2][field] = junk
    found = verify_journal([json.dumps(one) for one in entries])
    assert found.failed.name == "chain"
    assert "Zoe" not in found.failed.first_difference


def test_a_clock_that_ran_backwards_is_noticed_but_breaks_nothing():
    first = chain(1)[0]
    second = entry(
        seq=2,
        prev=first["hash"],
        time=START - timedelta(days=1),
        actor="secretariat",
        action="a.b",
        subject="0" * 32,
        facts={},
    )
    found = verify_journal(lines([first, second]))
    assert found.ok
    assert "first entry 2" in found.steps[-1].detail


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "Zoe Example"},
        {"actor": "zoe@example.org"},
        {"subject": "12"},
        {"action": "Drawn!"},
        {"seq": -1},
    ],
)
def test_an_entry_takes_codes_and_no_names(change):
    values = {
        "seq": 1,
        "prev": GENESIS,
        "time": START,
        "actor": "secretariat",
        "action": "a",
        "subject": "0" * 32,
    }
    with pytest.raises(BadInput) as caught:
        entry(**(values | change), facts={})
    assert caught.value.code == "journal_entry_wrong"


def test_an_entry_has_one_hash_whatever_the_time_zone_or_order_of_facts():
    values = {"seq": 1, "prev": GENESIS, "actor": "secretariat", "action": "a", "subject": "0" * 32}
    one = entry(**values, time=START, facts={"a": 1, "b": 2})
    brussels = START.astimezone(timezone(timedelta(hours=1)))
    assert entry(**values, time=brussels, facts={"b": 2, "a": 1}) == one
    assert one["hash"] == "8303227ca794585785c0a165baf3f5dd0f095b4cefd303bcb8b1c49f4cd3f55f"


def test_the_command_verifies_an_export_and_compares_it_with_a_mirror(tmp_path):
    own, mirror = tmp_path / "journal.jsonl", tmp_path / "mirror.jsonl"
    own.write_text("".join(lines(chain(5))), encoding="utf-8")
    mirror.write_text("".join(lines(chain(7))), encoding="utf-8")
    run = CliRunner().invoke
    assert run(app, ["journal", str(own)]).exit_code == 0
    assert run(app, ["journal", str(mirror), "--mirror", str(own)]).exit_code == 0
    cut = run(app, ["journal", str(own), "--mirror", str(mirror)])
    assert cut.exit_code == 1
    assert "entry 6 is missing" in cut.output
    assert run(app, ["journal", str(tmp_path / "none")]).exit_code == 2
    (tmp_path / "empty").write_bytes(b"")
    assert run(app, ["journal", str(tmp_path / "empty")]).exit_code == 2
    (tmp_path / "picture").write_bytes(b"\x89PNG\xff")
    assert run(app, ["journal", str(tmp_path / "picture")]).exit_code == 2


# -- signed checkpoints -------------------------------------------------------------------------------

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw().hex()


def checkpoint(entries, length, signer=KEY, **changes):
    made = {
        "format": "isegoria-checkpoint/1",
        "chain": "c" * 32,
        "length": length,
        "head": entries[length - 1]["hash"] if length else GENESIS,
        "time": "2027-01-02T00:00:00Z",
        "key": signer.public_key().public_bytes_raw().hex(),
    } | changes
    return canonical(made | {"signature": signer.sign(canonical(made)).hex()}).decode() + "\n"


@given(st.integers(0, 9), st.lists(st.integers(0, 9), min_size=1, max_size=4))
def test_a_journal_agrees_with_its_checkpoints_unless_it_was_cut(length, signed):
    whole = chain(9)
    found = verify_journal(
        lines(whole[:length]), checkpoints=[checkpoint(whole, one) for one in signed], keys=[PUBLIC]
    )
    assert found.ok == (length >= max(signed))
    if not found.ok:
        assert broken(found)[0] == "checkpoints"
        assert broken(found)[1].startswith(f"entry {length + 1} is missing")


def test_a_second_story_is_found_by_one_signed_line():
    truth, other = chain(9), chain(9, told="lie")
    assert verify_journal(lines(other)).ok
    found = verify_journal(lines(other), checkpoints=[checkpoint(truth, 5)])
    assert broken(found) == (
        "checkpoints",
        "entry 5 differs from checkpoint 1, signed 2027-01-02T00:00:00Z",
    )


def test_a_forged_checkpoint_is_named():
    whole, thief = chain(5), Ed25519PrivateKey.from_private_bytes(bytes(32))
    own = checkpoint(whole, 3)
    forged = own.replace('"time":"2027-01-02', '"time":"2027-01-03')
    assert broken(verify_journal(lines(whole), checkpoints=[own, forged]))[0] == "signatures"
    stolen = checkpoint(whole, 3, thief, key=PUBLIC)
    assert broken(verify_journal(lines(whole), checkpoints=[stolen]))[0] == "signatures"
    foreign = checkpoint(whole, 3, thief)
    found = verify_journal(lines(whole), checkpoints=[own, foreign], keys=[PUBLIC])
    assert broken(found) == ("keys", "checkpoint 2 is signed by another key")
    moved = checkpoint(whole, 3, chain="d" * 32)
    assert broken(verify_journal(lines(whole), checkpoints=[own, moved]))[1] == (
        "checkpoint 2 belongs to another journal"
    )


def test_without_a_trusted_key_the_check_says_that_it_does_not_know_whose_it_is():
    found = verify_journal(lines(chain(3)), checkpoints=[checkpoint(chain(3), 3)])
    assert found.ok
    assert "whose keys" in found.steps[-1].unchecked


def test_without_its_library_a_signature_is_not_checked_and_does_not_hold(monkeypatch):
    for name in ("cryptography.exceptions", "cryptography.hazmat.primitives.asymmetric.ed25519"):
        monkeypatch.setitem(sys.modules, name, None)
    found = verify_journal(lines(chain(3)), checkpoints=[checkpoint(chain(3), 3)])
    assert not found.ok
    assert found.failed.name == "signatures"
    assert not found.failed.false


@pytest.mark.parametrize("line", ["", "{}", "[]", "x", '{"format":"isegoria-checkpoint/1"}', "\ud800"])
def test_a_file_that_holds_no_checkpoint_is_reported(line):
    found = verify_journal(lines(chain(3)), checkpoints=[line])
    assert broken(found)[0] == "checkpoints"
    assert broken(verify_journal(lines(chain(3)), checkpoints=[]))[1] == "the file holds no checkpoint"


def test_the_command_checks_checkpoints_and_keys(tmp_path):
    own, kept = tmp_path / "journal.jsonl", tmp_path / "checkpoints.jsonl"
    own.write_text("".join(lines(chain(5))), encoding="utf-8")
    kept.write_text(checkpoint(chain(5), 2) + checkpoint(chain(5), 5), encoding="utf-8")
    run = CliRunner().invoke
    both = ["journal", str(own), "--checkpoint", str(kept)]
    assert run(app, [*both, "--key", PUBLIC]).exit_code == 0
    assert run(app, [*both, "--key", "0" * 64]).exit_code == 1
    own.write_text("".join(lines(chain(4))), encoding="utf-8")
    cut = run(app, both)
    assert cut.exit_code == 1
    assert "entry 5 is missing: checkpoint 2" in cut.output
