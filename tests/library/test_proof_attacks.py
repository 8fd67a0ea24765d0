"""Every way to bend a draw that we know of, one test each: refused by the library, or caught by the verifier.

The attacker is whoever runs the server. She knows the format, recomputes every hash that she can, and controls the
clock; what she does not control is what others have kept: the published hash, a mirror, a signed line, a receipt.
"""

from __future__ import annotations

import copy
import hashlib
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from scipy import stats
from tests.support.records import failed, rehashed
from typer.testing import CliRunner

from isegoria.cli.proof import app
from isegoria.errors import BadInput
from isegoria.proof import (
    CommittedLottery,
    Entry,
    LetterDesign,
    LetterSpecification,
    Party,
    Quota,
    RuleBook,
    Source,
    Specification,
    Stratum,
    beacon_value,
    canonical,
    chances,
    commitment,
    dice_source,
    digest,
    draw,
    dump,
    letter_commitment,
    letter_record,
    observers,
    opening,
    parse,
    quicknet_source,
    receipt,
    record,
    reveal_commitment,
    reveal_source,
    revealed_value,
    typed_value,
    verify,
    verify_bytes,
    verify_journal,
    verify_published,
    verify_receipt,
)
from isegoria.proof.journal import GENESIS, entry, export
from isegoria.proof.record import seed_of

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
BEFORE = NOON - timedelta(days=1)
ANNUL = "The draw is annulled in public and announced again."
DICE = dice_source(6, 10, "town-hall-2027-03-01")
THROWN = "3-5-2-6-1-4"
ROUND = 657_413
ROUND_AT = datetime.fromtimestamp(1_692_803_367 + 3 * (ROUND - 1), UTC)
SIGNATURE = (
    "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
)
YOUNG, OLD = {"age": "young"}, {"age": "old"}
RULEBOOK = RuleBook("example", "1", "0" * 64)
KEY = bytes(range(32))


def people(count=12):
    return [
        Entry(
            f"C{number:02}",
            YOUNG if number < count // 2 else OLD,
            hashlib.sha256(bytes([number])).digest()[:16],
        )
        for number in range(count)
    ]


def specification(sources=None, disclosure="open", **changes):
    values = {
        "institution": "Eupen", "body": "council", "cycle": "2027", "size": 4, "alternates": 3, "objective": "none",
        "quotas": [Quota("age", "young", 1, 3), Quota("age", "old", 1, 3)],
    }  # fmt: skip
    return Specification(
        **(values | changes),
        software="isegoria",
        rulebook=RULEBOOK,
        sources=sources or [Source(DICE, NOON, ANNUL)],
        disclosure=disclosure,
    )


LOTTERY = CommittedLottery([YOUNG, OLD], [(300, [1, 3]), (400, [2, 2]), (300, [3, 1])])


def committed(entries=None, lottery=LOTTERY, **changes):
    return commitment(specification(**changes), entries or people(), lottery, BEFORE)


def thrown(value=THROWN, at=NOON):
    return typed_value(DICE, ("chair", value), ("clerk", value), at, film="film 17", notary="notary")


def drawn(**changes):
    return record(committed(**changes), [thrown()])


def followed(document):
    """Let seed and result follow from the bent document, as an attacker does who redraws consistently."""
    values = [(one["source"], one["value"]) for one in document["randomness"]]
    document = rehashed(document)
    seed = seed_of(document["commitments"], values)
    codes = [
        [one["code"] for one in document["pool"]["entries"] if one["type"] == index]
        for index in range(len(document["pool"]["types"]))
    ]
    compositions = [(one["tickets"], one["counts"]) for one in document["lottery"]["compositions"]]
    outcome = draw(seed, compositions, codes, document["specification"]["alternates"])
    document["seed"] = seed.hex()
    document["result"] = {
        "ticket": outcome.ticket,
        "composition": outcome.composition,
        "members": list(outcome.members),
        "alternates": list(outcome.alternates),
    }
    return rehashed(document)


def refused(code):
    return pytest.raises(BadInput, check=lambda error: error.code == code and bool(error.way_out))


PUBLISHED = committed()["hash"]


def test_the_honest_draw_holds_against_what_was_published():
    assert verify(drawn(), published=PUBLISHED).ok


# -- the seed -----------------------------------------------------------------------------------------


def test_seed_grinding_no_seed_of_ones_own_is_accepted():
    wanted = "C00"
    accepted, honest = 0, drawn()
    for number in range(1000):
        document = honest | {"result": dict(honest["result"])}
        document["seed"] = hashlib.sha256(bytes([number % 256, number // 256])).hexdigest()
        codes = [[f"C{n:02}" for n in range(6)], [f"C{n:02}" for n in range(6, 12)]]
        outcome = draw(bytes.fromhex(document["seed"]), LOTTERY.compositions, codes, 3)
        if wanted not in outcome.members:
            continue
        document["result"]["members"] = list(outcome.members)
        rest = {key: value for key, value in document.items() if key != "hash"}
        accepted += verify(rest | {"hash": digest(rest)}, published=PUBLISHED).ok
    assert accepted == 0


def test_seed_grinding_through_the_commitment_is_refused_where_outcomes_are_few():
    with refused("source_wrong"):
        committed(sources=[Source(dice_source(2, 6, "hall"), NOON, ANNUL)])
    changed = {committed(cycle=f"2027 {number}")["hash"] for number in range(20)}
    assert len(changed | {PUBLISHED}) == 21, "every trial is another hash, and one was published"


def test_redrawing_until_it_pleases_needs_another_value_or_another_commitment():
    with refused("randomness_not_as_announced"):
        record(committed(), [thrown(), thrown("1-1-1-1-1-1")])
    again = record(committed(cycle="2027, second try"), [thrown()])
    assert verify(again).ok, "alone it is a perfect record"
    assert failed(again, published=PUBLISHED) == {"commitment"}


def test_redrawing_with_other_dice_is_found_in_the_journal():
    first, second = drawn(), record(committed(), [thrown("1-1-1-1-1-1")])
    lines = journal(
        facts=[{"commitment": PUBLISHED}, {"record": first["hash"]}, {"record": second["hash"]}]
    )
    for document in (first, second):
        assert "only_draw" in {step.name for step in verify_published(document, lines) if step.false}


def test_replaying_an_old_beacon_round_is_refused_and_caught():
    later = ROUND_AT + timedelta(days=1)
    source = Source(quicknet_source(later), later, ANNUL)
    made = commitment(specification([source]), people(), LOTTERY, ROUND_AT)
    with refused("randomness_wrong"):
        beacon_value(source.name, SIGNATURE, later)
    honest_value = beacon_value(quicknet_source(ROUND_AT), SIGNATURE, later)
    with refused("randomness_not_as_announced"):
        record(made, [honest_value])
    other = commitment(
        specification([Source(quicknet_source(ROUND_AT), ROUND_AT, ANNUL)]),
        people(),
        LOTTERY,
        ROUND_AT - timedelta(1),
    )
    forged = record(other, [honest_value])
    forged["specification"] = made["specification"]
    forged["randomness"][0]["source"] = source.name
    assert "beacon" in failed(followed(forged))


def test_withholding_a_reveal_follows_the_rule_leaves_one_outcome_and_names_the_party():
    name = reveal_source("council")
    secrets = {party: hashlib.sha256(party.encode()).digest() for party in ("a", "b", "c")}
    parties = [Party(party, reveal_commitment(name, party, secret)) for party, secret in secrets.items()]
    early = Source(name, NOON - timedelta(hours=1), ANNUL, parties)
    made = committed(sources=[early, Source(DICE, NOON, ANNUL)])
    for party in secrets:
        told = revealed_value(early, secrets | {party: None}, early.moment)
        outcomes = {record(made, [told, thrown()])["seed"] for _ in range(3)}
        assert len(outcomes) == 1
        detail = next(
            s for s in verify(record(made, [told, thrown()])).steps if s.name == "randomness"
        ).detail
        assert f"withheld by {party}" in detail
    with refused("source_wrong"):
        committed(sources=[Source(name, NOON, ANNUL, parties), Source(DICE, NOON, ANNUL)])


def test_whoever_collects_the_reveals_cannot_lose_one_after_the_dice_fell():
    name = reveal_source("council")
    secrets = {party: hashlib.sha256(party.encode()).digest() for party in ("a", "b")}
    parties = [Party(party, reveal_commitment(name, party, secret)) for party, secret in secrets.items()]
    early = Source(name, NOON - timedelta(hours=1), ANNUL, parties)
    made = committed(sources=[early, Source(DICE, NOON, ANNUL)])
    lost = revealed_value(early, secrets | {"b": None}, NOON + timedelta(minutes=1))
    with refused("randomness_wrong"):
        record(made, [lost, thrown()])
    document = record(made, [revealed_value(early, secrets | {"b": None}, early.moment), thrown()])
    document["randomness"][0]["obtained_at"] = "2027-03-01T12:01:00Z"
    assert "randomness" in failed(rehashed(document))


# -- the pool and the lottery -------------------------------------------------------------------------


def test_stuffing_an_entry_after_the_commitment_is_caught():
    document = drawn()
    document["pool"]["entries"].append({"code": "C99", "leaf": "ab" * 32, "type": 1})
    document["pool"]["types"][1]["count"] += 1
    assert {"pool_root", "chances"} <= failed(rehashed(copy.deepcopy(document)))
    whole = record(committed(entries=[*people(), Entry("C99", OLD, bytes(16))]), [thrown()])
    assert failed(whole, published=PUBLISHED) == {"commitment"}


def test_removing_an_entry_after_the_commitment_is_caught_by_everybody_and_by_the_person():
    without = record(committed(entries=people()[1:]), [thrown()])
    assert verify(without).ok
    assert failed(without, published=PUBLISHED) == {"commitment"}
    own = receipt(people()[0], [one.leaf for one in people()])
    assert verify_receipt(without, own).failed.name == "entry"


def test_changing_one_quota_after_seeing_the_pool_is_caught():
    document = drawn()
    document["specification"]["quotas"][0]["maximum"] = 4
    assert {"specification", "commitment"} & failed(document)
    assert failed(rehashed(copy.deepcopy(document))) == {
        "seed",
        "ticket",
        "members",
        "alternates",
    } & failed(rehashed(copy.deepcopy(document)))
    assert "seed" in failed(rehashed(copy.deepcopy(document)))
    assert verify(followed(document)).ok
    assert failed(followed(document), published=PUBLISHED) == {"commitment"}


def test_swapping_a_panel_is_caught():
    document = drawn()
    document["result"]["members"], document["result"]["alternates"] = (
        [*document["result"]["alternates"][:1], *document["result"]["members"][1:]],
        [*document["result"]["members"][:1], *document["result"]["alternates"][1:]],
    )
    assert failed(rehashed(document)) == {"members", "alternates"}


def test_swapping_a_composition_after_the_draw_is_caught_even_in_the_opening_alone():
    small = opening(drawn())
    small["drawn"]["counts"] = (
        small["drawn"]["counts"][::-1] if small["drawn"]["counts"] != [2, 2] else [1, 3]
    )
    small["hash"] = digest({key: value for key, value in small.items() if key != "hash"})
    assert "composition" in failed(small)


def test_wrong_tickets_are_caught():
    document = drawn()
    first, second = document["lottery"]["compositions"][:2]
    first["tickets"], second["tickets"] = second["tickets"], first["tickets"]
    assert {"lottery_root", "chances"} <= failed(rehashed(copy.deepcopy(document)))
    document["lottery"]["tickets"] += 1
    assert "tickets" in failed(rehashed(document))


# -- time ---------------------------------------------------------------------------------------------


def journal(facts, *, start=BEFORE - timedelta(hours=1), told=""):
    entries, prev = [], GENESIS
    for seq, one in enumerate(facts, start=1):
        made = entry(
            seq=seq, prev=prev, time=start + timedelta(hours=seq), actor="secretariat", action="lottery.committed",
            subject="d" * 32, facts={**one, **({"told": told} if told else {})},
        )  # fmt: skip
        entries.append(made)
        prev = made["hash"]
    return list(export(entries))


def test_publishing_late_is_refused_and_a_back_dated_commitment_is_found_in_the_journal():
    with refused("committed_too_late"):
        commitment(specification(), people(), LOTTERY, NOON)
    document = drawn()
    document["committed_at"] = "2027-03-01T12:00:01Z"
    assert "commitment" in failed(rehashed(document))
    late = journal([{"commitment": PUBLISHED}], start=NOON)
    found = verify_published(drawn(), late)
    assert {step.name for step in found if step.false} == {"published"}
    assert {step.name for step in verify_published(drawn(), journal([{"a": 1}])) if step.false} == {
        "published"
    }


def test_an_honest_draw_is_found_in_the_journal_once_and_in_time(tmp_path):
    document = drawn()
    lines = journal([{"commitment": PUBLISHED}, {"record": document["hash"]}])
    assert all(step.ok for step in verify_published(document, lines))
    (tmp_path / "draw.json").write_bytes(dump(document))
    (tmp_path / "journal.jsonl").write_text("".join(lines), encoding="utf-8")
    (tmp_path / "late.jsonl").write_text(
        "".join(journal([{"commitment": PUBLISHED}], start=NOON)), encoding="utf-8"
    )
    run = CliRunner().invoke
    both = ["verify", str(tmp_path / "draw.json"), "--journal"]
    assert run(app, [*both, str(tmp_path / "journal.jsonl")]).exit_code == 0
    late = run(app, [*both, str(tmp_path / "late.jsonl")])
    assert late.exit_code == 1
    assert "names the commitment only at" in late.output


# -- the journal --------------------------------------------------------------------------------------

SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def signed(lines):
    last = parse(lines[-1])
    made = {
        "format": "isegoria-checkpoint/1", "chain": "c" * 32, "length": last["seq"], "head": last["hash"],
        "time": "2027-03-02T00:00:00Z", "key": SIGNER.public_key().public_bytes_raw().hex(),
    }  # fmt: skip
    return canonical(made | {"signature": SIGNER.sign(canonical(made)).hex()}).decode() + "\n"


STORY = [{"number": number} for number in range(9)]


def test_truncating_the_journal_is_caught_by_a_mirror_and_by_one_signed_line():
    whole = journal(STORY)
    for cut in range(1, len(whole) - 1):
        assert verify_journal(whole[:cut], whole).failed.name == "mirror"
        assert verify_journal(whole[:cut], checkpoints=[signed(whole)]).failed.name == "checkpoints"


def test_forking_the_journal_is_caught_by_a_mirror_and_by_one_signed_line():
    truth, other = journal(STORY), journal(STORY, told="another story")
    assert verify_journal(other).ok
    assert verify_journal(other, truth).failed.first_difference == "entry 1 differs from the mirror"
    assert verify_journal(other, checkpoints=[signed(truth)]).failed.name == "checkpoints"


# -- one byte of any file -----------------------------------------------------------------------------


def letters():
    made = letter_commitment(
        LetterSpecification(
            "Eupen", "council", "2027", "residents", LetterDesign(), "isegoria", RULEBOOK, [Source(DICE, NOON, ANNUL)]
        ),
        extract_sha256="ab" * 32, extract_rows=1000, strata=[Stratum("Eupen", 900, 90)], committed_at=BEFORE,
    )  # fmt: skip
    return letter_record(made, [thrown()], {"Eupen": ["04" * 32]})


def sealed():
    made = commitment(specification(disclosure="sealed"), people(8), LOTTERY, BEFORE, KEY)
    file = observers(made, LOTTERY.types, None, KEY)
    return record(made, [thrown()]), file


def one_file(kind):
    """Return the bytes of a file and the function that says whether it holds."""
    hidden, file = sealed()
    lines = journal(STORY)
    people_of = [one.leaf for one in people()]
    files = {
        "record": (dump(drawn()), lambda data: verify_bytes(data, published=PUBLISHED).ok),
        "commitment": (dump(committed()), lambda data: verify_bytes(data, published=PUBLISHED).ok),
        "sealed record": (dump(hidden), lambda data: verify_bytes(data).ok),
        "observers' file": (
            dump(file),
            lambda data: verify(hidden, observers=parse(data)).ok and spelled(data),
        ),
        "opening": (dump(opening(drawn())), lambda data: verify_bytes(data).ok),
        "letters": (dump(letters()), lambda data: verify_bytes(data).ok),
        "receipt": (
            canonical(receipt(people()[0], people_of)) + b"\n",
            lambda data: verify_receipt(drawn(), parse(data)).ok and spelled(data),
        ),
        "journal": (
            "".join(lines).encode(),
            lambda data: (
                verify_journal(data.decode().splitlines(keepends=True), lines).ok and data.endswith(b"\n")
            ),
        ),
        "checkpoint": (
            signed(lines).encode(),
            lambda data: (
                verify_journal(lines, checkpoints=data.decode().splitlines(keepends=True)).ok
                and data.endswith(b"\n")
            ),
        ),
    }
    return files[kind]


def spelled(data):
    return canonical(parse(data)) + b"\n" == data


@pytest.mark.parametrize(
    "kind",
    [
        *(
            "record",
            "commitment",
            "sealed record",
            "observers' file",
            "opening",
            "letters",
            "receipt",
            "journal",
        ),
        "checkpoint",
    ],
)
def test_editing_one_byte_of_any_file_is_caught(kind):
    data, holds = one_file(kind)
    assert holds(data)
    step = max(1, len(data) // 150)
    survivors = []
    for place in range(0, len(data), step):
        for flip in (0x01, 0x20):
            bent = data[:place] + bytes([data[place] ^ flip]) + data[place + 1 :]
            try:
                if holds(bent):
                    survivors.append((place, bent[max(0, place - 20) : place + 20]))
            except (BadInput, UnicodeDecodeError):
                continue  # it cannot be read any more: exit code 2
    assert survivors == []


# -- the whole chain, 100,000 times -------------------------------------------------------------------

SEEDS = 100_000


def test_over_a_hundred_thousand_seeds_the_draw_has_the_published_chances():
    """Chi-square over all outcomes, from the dice to the persons, at level 1e-6 (the seeds are fixed, so it never flakes).

    Power: were a composition of a quarter of the tickets drawn 5 % more often than they say, or in it one person of three
    10 % more often than the others, the test would find it with a probability above 99.9 %; it computes that itself.
    """
    entries = [
        Entry(f"P{number}", YOUNG if number < 3 else OLD, bytes([number]) * 16) for number in range(5)
    ]
    lottery = CommittedLottery([YOUNG, OLD], [(1, [1, 1]), (1, [2, 0]), (2, [0, 2])])
    made = commitment(
        specification(size=2, alternates=0, quotas=[Quota("age", "young", 0, 2)]), entries, lottery, BEFORE
    )
    codes = [["P0", "P1", "P2"], ["P3", "P4"]]
    panels: dict[tuple[int, tuple[str, ...]], int] = {}
    for number in range(SEEDS):
        value = "-".join(f"{number:06}")
        outcome = draw(seed_of(made["commitments"], [(DICE, value)]), lottery.compositions, codes, 0)
        cell = outcome.composition, tuple(sorted(outcome.members))
        panels[cell] = panels.get(cell, 0) + 1
    # Each panel of a composition is equally likely: 3 x 2 of the first, 3 of the second, 1 of the third.
    expected = {
        cell: Fraction(lottery.compositions[cell[0]][0], 4) / (6, 3, 1)[cell[0]] * SEEDS for cell in panels
    }
    assert sum(expected.values()) == SEEDS, "no panel was left out"
    statistic = float(sum((panels[cell] - mean) ** 2 / mean for cell, mean in expected.items()))
    critical = stats.chi2.isf(1e-6, len(panels) - 1)
    assert statistic < critical
    composition = 2 * 0.25 * 0.05**2  # one composition 5 % more often, another as much less often
    person = 0.25 * (
        0.1**2 / 3 + 2 * 0.05**2 / 3
    )  # one of three persons 10 % more often, in one composition
    for shift in (composition, person):
        assert stats.ncx2.sf(critical, len(panels) - 1, SEEDS * shift) > 0.999
    exact = chances(lottery.compositions, [3, 2])
    for code in (*codes[0], *codes[1]):
        drawn_times = sum(count for (_, members), count in panels.items() if code in members)
        chance = float(exact[0 if code in codes[0] else 1])
        assert abs(drawn_times - SEEDS * chance) < 5 * (SEEDS * chance * (1 - chance)) ** 0.5
