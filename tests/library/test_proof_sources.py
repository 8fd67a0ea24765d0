from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.records import failed
from typer.testing import CliRunner

from isegoria.cli.proof import app
from isegoria.errors import BadInput
from isegoria.proof import (
    CommittedLottery,
    Entry,
    Party,
    RandomValue,
    RuleBook,
    Source,
    Specification,
    balls_source,
    beacon,
    beacon_value,
    commitment,
    default_source,
    dice_source,
    family,
    quicknet_source,
    record,
    reveal_commitment,
    reveal_source,
    revealed_value,
    typed_value,
    verify,
)
from isegoria.proof.beacon import randomness, round_of, verify_signature
from isegoria.proof.sources import announced_document, source_faults

QUICK = 657_413
QUICK_SIGNATURE = (
    "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
)
QUICK_VALUE = "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587"
SLOW = 3_311_596
SLOW_BEFORE = (
    "8ed588f2a7716fb1349e2d9803da5db0005e98a83783c353d4a08f183236a9ad91d70ddb01266f4b7c576983db464b43"
    "0e65680b9e0098552758afd6c1e6afcb77e3f62fe1b93d42d1cb63abbb2205512fe12fbf74ea9c5ac3b8f5c1e283a1d8"
)
SLOW_SIGNATURE = (
    "a696b9409ababce45749c3a4ec369074453dd4a79967734e1390d969c8ad8d98897d217b9121e92c8ddebbddda8d92f9"
    "00e3bd6bf9deb166863b1a19390d743f82774001487594c5c09e581db7365f02b70a2c8cc41ce32446ef08e4890c4754"
)
SLOW_VALUE = "647c07b2abbf7ff2afb4d670214f565e5cd9f9c91bfdcecb59a21f3c78d73920"
QUICK_MOMENT = datetime.fromtimestamp(1_692_803_367 + 3 * (QUICK - 1), UTC)
SLOW_MOMENT = datetime.fromtimestamp(1_595_431_050 + 30 * (SLOW - 1), UTC)
NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
ANNUL = "The draw is annulled in public and announced again."
DICE = dice_source(6, 10, "town-hall-2027-03-01")
BALLS = balls_source(6, 49, "town-hall-2027-03-01")
FILM = {"film": "town archive, film 17"}
SECRETS = {"council": bytes([1]) * 32, "opposition": bytes([2]) * 32, "press": bytes([3]) * 32}


def refused(code, words=""):
    return pytest.raises(
        BadInput, check=lambda error: error.code == code and words in error.problem and error.way_out
    )


def committed(*sources, before=timedelta(days=1)):
    entry = [Entry(f"C{number}", {"age": "any"}, bytes([number]) * 16) for number in range(4)]
    specification = Specification(
        "Eupen",
        "council",
        "2027",
        2,
        [],
        1,
        "nash",
        "isegoria",
        RuleBook("example", "1", "0" * 64),
        sources,
    )
    lottery = CommittedLottery([{"age": "any"}], [(1, [2])])
    return commitment(specification, entry, lottery, min(one.moment for one in sources) - before)


def reveal(*, moment=NOON):
    name = reveal_source("council-2027")
    parties = [Party(party, reveal_commitment(name, party, secret)) for party, secret in SECRETS.items()]
    return Source(name, moment, "A withheld secret counts as empty.", parties)


# -- the beacon ---------------------------------------------------------------------------------------


def test_the_published_rounds_of_both_networks_verify():
    assert verify_signature("quicknet", QUICK, QUICK_SIGNATURE)
    assert verify_signature("default", SLOW, SLOW_SIGNATURE, SLOW_BEFORE)
    assert (randomness(QUICK_SIGNATURE), randomness(SLOW_SIGNATURE)) == (QUICK_VALUE, SLOW_VALUE)


def test_the_same_signature_under_another_round_fails():
    assert not verify_signature("quicknet", QUICK + 1, QUICK_SIGNATURE)
    assert not verify_signature("default", SLOW + 1, SLOW_SIGNATURE, SLOW_BEFORE)
    assert not verify_signature("default", SLOW, SLOW_SIGNATURE, SLOW_SIGNATURE)
    assert not verify_signature("default", SLOW, SLOW_SIGNATURE)
    assert not verify_signature("quicknet", QUICK, QUICK_SIGNATURE, SLOW_BEFORE)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 48 * 8 - 1))
def test_a_signature_with_one_bit_turned_fails(bit):
    turned = bytearray.fromhex(QUICK_SIGNATURE)
    turned[bit // 8] ^= 1 << bit % 8
    assert not verify_signature("quicknet", QUICK, turned.hex())


def test_checking_a_signature_leaves_the_limit_for_nested_files_in_place():
    code = (
        "import sys; before = sys.getrecursionlimit()\n"
        "from isegoria.errors import BadInput\n"
        "from isegoria.proof import parse\n"
        "from isegoria.proof.beacon import verify_signature\n"
        f"assert verify_signature('quicknet', {QUICK}, '{QUICK_SIGNATURE}')\n"
        "assert sys.getrecursionlimit() == before\n"
        "try:\n    parse('[' * 100_000)\n"
        "except BadInput as error:\n    assert error.code == 'not_json'\n"
        "else:\n    raise SystemExit(1)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_point_at_infinity_signs_nothing():
    assert not verify_signature("quicknet", QUICK, "c0" + "00" * 47)


@given(st.datetimes(datetime(2024, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_round_of_a_moment_is_the_first_at_or_after_it(moment):
    for network, genesis, period in (("quicknet", 1_692_803_367, 3), ("default", 1_595_431_050, 30)):
        number = round_of(network, moment)
        at = datetime.fromtimestamp(genesis, UTC) + timedelta(seconds=period * (number - 1))
        assert at - timedelta(seconds=period) < moment <= at


def test_a_record_with_a_beacon_verifies_from_its_file_alone():
    for name, moment, value in (
        (quicknet_source(QUICK_MOMENT), QUICK_MOMENT, (QUICK_SIGNATURE, None)),
        (default_source(SLOW_MOMENT), SLOW_MOMENT, (SLOW_SIGNATURE, SLOW_BEFORE)),
    ):
        made = committed(Source(name, moment, ANNUL))
        document = record(made, [beacon_value(name, value[0], moment, previous=value[1])])
        assert verify(document).ok
        assert document["randomness"][0]["value"] in {QUICK_VALUE, SLOW_VALUE}


def test_an_old_round_cannot_be_replayed():
    later = QUICK_MOMENT + timedelta(seconds=3)
    name = quicknet_source(later)
    made = committed(Source(name, later, ANNUL))
    with refused("randomness_wrong", "not that of round 657414"):
        beacon_value(name, QUICK_SIGNATURE, later)
    replayed = RandomValue(name, QUICK_VALUE, later, None, {"signature": QUICK_SIGNATURE})
    with refused("randomness_wrong"):
        record(made, [replayed])
    with refused("randomness_not_as_announced"):
        record(made, [beacon_value(quicknet_source(QUICK_MOMENT), QUICK_SIGNATURE, later)])


def test_without_its_library_a_signature_is_not_checked_and_does_not_hold(monkeypatch):
    name = quicknet_source(QUICK_MOMENT)
    beacon._signed.cache_clear()
    for module in [module for module in sys.modules if module.startswith("py_ecc")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "py_ecc", None)
    monkeypatch.setitem(sys.modules, "py_ecc.bls", None)
    document = record(
        committed(Source(name, QUICK_MOMENT, ANNUL)), [beacon_value(name, QUICK_SIGNATURE, QUICK_MOMENT)]
    )
    found = verify(document)
    assert not found.ok
    assert found.failed.name == "beacon"
    assert not found.failed.false
    assert "isegoria[signatures]" in found.failed.unchecked


def test_the_round_must_be_that_of_the_moment():
    with refused("source_wrong", "drand:quicknet:657413"):
        committed(Source(quicknet_source(QUICK_MOMENT + timedelta(seconds=3)), QUICK_MOMENT, ANNUL))


# -- grammar and time ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "", "dice", "dice:3-5-2", "dice:0x6:a", "dice:3x7:a", "dice:3x6:", "dice:03x6:a", "dice:3x6:a b", "drand:",
        "drand:quicknet:0", "drand:quicknet:01", "drand:fastnet:7", "balls:6of49", "reveal:", "public:", "my number",
        "public:ä", "DICE:3x6:a", "dice:3x6:a\n", "drand:quicknet:7 ",
    ],
)  # fmt: skip
def test_a_name_outside_the_grammar_cannot_be_announced(name):
    assert family(name) is None
    with refused("source_wrong"):
        committed(Source(name, NOON, ANNUL))


def test_a_source_that_has_spoken_before_the_commitment_is_refused():
    for before in (timedelta(0), timedelta(days=-1)):
        with refused("committed_too_late"):
            committed(Source(DICE, NOON, ANNUL), before=before)


def test_a_source_that_has_not_spoken_yet_is_refused_as_seed():
    early = typed_value(
        DICE, ("chair", "3-5-2-6-1-4"), ("clerk", "3-5-2-6-1-4"), NOON - timedelta(seconds=1), **FILM
    )
    with refused("randomness_too_early"):
        record(committed(Source(DICE, NOON, ANNUL)), [early])


def test_too_few_outcomes_are_refused_for_they_could_be_tried_out():
    with refused("source_wrong", "1000 outcomes"):
        committed(Source(dice_source(3, 10, "hall"), NOON, ANNUL))
    both = Source(dice_source(3, 10, "hall"), NOON, ANNUL), Source(balls_source(2, 49, "hall"), NOON, ANNUL)
    assert verify(committed(*both)).ok
    with refused("source_wrong", "repeats"):
        committed(both[0], both[0])
    with refused("source_wrong", "more balls"):
        committed(Source(balls_source(7, 6, "hall"), NOON, ANNUL))


# -- dice and balls -----------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 9), min_size=6, max_size=6))
def test_dice_that_two_persons_typed_alike_become_the_seed(throws):
    value = "-".join(map(str, throws))
    made = record(
        committed(Source(DICE, NOON, ANNUL)),
        [typed_value(DICE, ("chair", value), ("clerk", value), NOON, notary="Notary Schmitz", **FILM)],
    )
    assert verify(made).ok
    assert made["randomness"][0]["proof"]["typed"][1] == {"by": "clerk", "value": value}


@pytest.mark.parametrize(
    ("source", "first", "second", "words"),
    [
        (DICE, ("chair", "3-5-2-6-1-4"), ("clerk", "3-5-2-6-1-5"), "same value"),
        (DICE, ("chair", "3-5-2-6-1-4"), ("chair", "3-5-2-6-1-4"), "two persons"),
        (DICE, ("chair", "3-5-2-6-1"), ("clerk", "3-5-2-6-1"), "6 throws"),
        (DICE, ("chair", "3-5-2-6-1-10"), ("clerk", "3-5-2-6-1-10"), "from 0 to 9"),
        (DICE, ("chair", "3-5-2-6-1-04"), ("clerk", "3-5-2-6-1-04"), "from 0 to 9"),
        (DICE, ("chair", "3 5 2 6 1 4"), ("clerk", "3 5 2 6 1 4"), "6 throws"),
        (BALLS, ("chair", "1-2-3-4-5-5"), ("clerk", "1-2-3-4-5-5"), "6 different numbers"),
        (BALLS, ("chair", "1-2-3-4-5-50"), ("clerk", "1-2-3-4-5-50"), "from 1 to 49"),
        (BALLS, ("chair", "0-2-3-4-5-6"), ("clerk", "0-2-3-4-5-6"), "from 1 to 49"),
    ],
)
def test_what_the_dice_cannot_have_shown_is_refused(source, first, second, words):
    with refused("randomness_wrong", words):
        typed_value(source, first, second, NOON, **FILM)


# -- commit and reveal --------------------------------------------------------------------------------


def later_dice():
    return Source(DICE, NOON + timedelta(hours=1), ANNUL)


def dice_value():
    throws = "3-5-2-6-1-4"
    return typed_value(DICE, ("chair", throws), ("clerk", throws), NOON + timedelta(hours=1), **FILM)


def test_every_secret_counts():
    values = {
        revealed_value(reveal(), SECRETS | {party: None}, NOON).value for party in [*SECRETS, "nobody"]
    }
    assert len(values) == len(SECRETS) + 1


@pytest.mark.parametrize("withheld", SECRETS)
def test_a_withheld_secret_follows_the_rule_and_stands_in_the_record(withheld):
    made = committed(reveal(), later_dice())
    document = record(made, [revealed_value(reveal(), SECRETS | {withheld: None}, NOON), dice_value()])
    found = verify(document)
    assert found.ok
    assert {"party": withheld, "secret": None} in document["randomness"][0]["proof"]["reveals"]
    assert withheld in next(step for step in found.steps if step.name == "randomness").detail


def test_nobody_can_reveal_another_secret_than_the_own_one():
    with refused("randomness_wrong", "council is not the one"):
        revealed_value(reveal(), SECRETS | {"council": bytes(32)}, NOON)
    copied = [Party("a", "ab" * 32), Party("b", "ab" * 32)]
    assert any("same commitment" in fault for fault in source_faults([announced_document(
        Source(reveal_source("x"), NOON, ANNUL, copied)), announced_document(later_dice())]))  # fmt: skip
    assert reveal_commitment("reveal:x", "a", bytes(32)) != reveal_commitment("reveal:x", "b", bytes(32))


def test_whoever_reveals_last_must_not_know_the_outcome():
    with refused("source_wrong", "the last to reveal could choose"):
        committed(reveal())
    with refused("source_wrong", "the last to reveal could choose"):
        committed(reveal(), Source(DICE, NOON, ANNUL))
    with refused("source_wrong", "two parties or more"):
        committed(Source(reveal_source("x"), NOON, ANNUL, reveal().parties[:1]), later_dice())


# -- the record ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [("value", "3-5-2-6-1-5"), ("proof", None), ("proof", {}), ("proof", {"typed": 7, "film": "x", "notary": None}),
     ("proof", {"typed": [{"by": "chair", "value": "3-5-2-6-1-4"}] * 2, "film": "x", "notary": None})],
)  # fmt: skip
def test_a_value_without_its_proof_is_caught_in_the_record(key, value):
    document = record(committed(later_dice()), [dice_value()])
    document["randomness"][0][key] = value
    assert "randomness" in failed(document)


def test_several_sources_give_one_seed_and_each_counts():
    made = committed(reveal(), later_dice())
    one = record(made, [revealed_value(reveal(), SECRETS, NOON), dice_value()])
    other = record(made, [revealed_value(reveal(), SECRETS | {"press": None}, NOON), dice_value()])
    assert one["seed"] != other["seed"]


def test_golden_values():
    assert reveal_commitment("reveal:council-2027", "council", bytes([1]) * 32) == GOLDEN[0]
    assert revealed_value(reveal(), SECRETS, NOON).value == GOLDEN[1]
    lp = lambda data: len(data).to_bytes(8, "big") + data  # noqa: E731
    parts = b"".join(map(lp, [b"reveal:council-2027", b"council"])) + bytes([1]) * 32
    assert hashlib.sha256(b"isegoria-reveal/1\0" + parts).hexdigest() == GOLDEN[0]
    assert (
        hashlib.sha256(b"isegoria-reveals/1\0" + b"".join(map(lp, SECRETS.values()))).hexdigest()
        == GOLDEN[1]
    )


GOLDEN = (
    "f739c0639c6818f160ba6f00435ef5399b03799e0fe245a5acf587e0772031a0",
    "0604a903d5a308837d5ab9ebea23e1283e8b5bf558f68e79d6b9e362893d2f60",
)


# -- the command for a party ----------------------------------------------------------------------------


def test_the_command_makes_a_secret_once_and_prints_the_hash_that_binds_to_it(tmp_path):
    file = tmp_path / "secret.txt"
    run = CliRunner().invoke
    first = run(app, ["promise", "reveal:council-2027", "council", str(file)])
    secret = bytes.fromhex(file.read_text().strip())
    assert first.stdout == f"council: {reveal_commitment('reveal:council-2027', 'council', secret)}\n"
    assert file.stat().st_mode & 0o077 == 0
    assert run(app, ["promise", "reveal:council-2027", "council", str(file)]).stdout == first.stdout
    assert file.read_text().strip() == secret.hex()
    file.write_text("01" * 32 + "\n")
    golden = run(app, ["promise", "reveal:council-2027", "council", str(file)]).stdout
    assert golden == "council: f739c0639c6818f160ba6f00435ef5399b03799e0fe245a5acf587e0772031a0\n"
    file.write_text("not a number")
    wrong = run(app, ["promise", "reveal:council-2027", "council", str(file)])
    assert wrong.exit_code == 2
    assert "64 hexadecimal digits" in wrong.stderr
