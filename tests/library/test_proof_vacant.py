"""Sealed draws for vacant seats: what strangers, observers and persons check, and what the public record gives away."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.records import failed, rehashed
from tests.support.transcripts import sealed_seats
from typer.testing import CliRunner

from isegoria import lottery, pool
from isegoria.cli.proof import app
from isegoria.errors import BadInput
from isegoria.proof import (
    CommittedLottery,
    Completed,
    Entry,
    Quota,
    RandomValue,
    RuleBook,
    Source,
    Specification,
    commit_vacant,
    commitment,
    dump,
    observers,
    record,
    record_vacant,
    verify,
    verify_earlier,
)
from isegoria.proof.quotas import left_to_vacant
from isegoria.proof.vacant import (
    CELLS,
    cell_leaf,
    cells_of,
    chances_of,
    entry_seal,
    hidden_seal,
    panel_seal,
    salt_of,
    sealed_cells,
)

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
FIRST_KEY, KEY = bytes(range(32)), bytes(range(1, 33))
SOURCE = Source("public:lotto", NOON, "The draw is announced again.")
VALUE = RandomValue(SOURCE.name, "41-7-23", NOON)
BODY = [("age", "young", 2, 4), ("age", "old", 2, 4), ("health", "ill", 1, 2), ("health", "well", 4, 5)]
SIZE = 6


def specification(size, quotas, completes=None):
    rules = RuleBook("example", "1", "0" * 64)
    return Specification(
        "Eupen", "council", "2027", size, [Quota(*one) for one in quotas], 2, "leximin", "isegoria", rules,
        [SOURCE], "sealed", completes,
    )  # fmt: skip


def town():
    """Return 24 people, 4 of them ill, by code."""
    return {
        f"P{number:02}": {
            "age": "young" if number % 2 else "old",
            "health": "ill" if number % 6 == 0 else "well",
        }
        for number in range(24)
    }


def solved(people, quotas, size):
    found = lottery.solve(
        pool.Pool(tuple(pool.Entry(code, dict(features)) for code, features in people.items())),
        pool.Quotas(tuple(pool.Quota(*one) for one in quotas)),
        size,
    )
    return lottery.committed(found)


def leaves_of(people):
    return [
        Entry(code, features, bytes([number]) * 16)
        for number, (code, features) in enumerate(people.items())
    ]


@cache
def first():
    """Return the sealed draw of the whole body, with its observers' file."""
    people = town()
    found = solved(people, BODY, SIZE)
    before = NOON - timedelta(days=30)
    made = commitment(specification(SIZE, BODY), leaves_of(people), found, before, FIRST_KEY)
    return record(made, [VALUE]), observers(made, found.types, found.certificate, FIRST_KEY)


@cache
def second(leaver):
    """Return the sealed replacement of one member, by her place among the members: record and observers' file."""
    earlier, people = first()[0], town()
    members, waiting = earlier["result"]["members"], earlier["result"]["alternates"]
    gone = members[leaver]
    sitting = [({**people[code]}, [code]) for code in members if code != gone]
    left = {f"N{number:02}": code for number, code in enumerate(sorted({*people} - {*members, *waiting}))}
    quotas = [tuple(one.values()) for one in residual(sitting)]
    entrants = {code: people[known] for code, known in left.items()}
    completes = Completed(SIZE, [Quota(*one) for one in BODY], sitting, earlier["hash"])
    made = commit_vacant(
        specification(1, quotas, completes), leaves_of(entrants), solved(entrants, quotas, 1),
        NOON - timedelta(days=1), KEY, left,
    )  # fmt: skip
    return record_vacant(made.commitment, made.observers, [VALUE]), made.observers


def residual(sitting):
    names = ("feature", "value", "minimum", "maximum")
    return left_to_vacant(
        {
            "quotas": [dict(zip(names, one, strict=True)) for one in BODY],
            "sitting": [{"features": features, "codes": codes} for features, codes in sitting],
        }
    )


def unchecked(document, **options):
    return {step.name for step in verify(document, **options).steps if step.unchecked}


# -- who checks what ------------------------------------------------------------------------------------------


def test_strangers_check_all_but_three_points_and_sworn_observers_everything():
    document, file = second(0)
    assert verify(document).ok
    assert unchecked(document) == {"quotas", "chances", "certificate"}
    assert verify(document, observers=file).ok
    assert unchecked(document, observers=file) == set()
    quotas = next(step for step in verify(document, observers=file).steps if step.name == "quotas")
    assert "with those who sit, 6 persons meet those of the whole body" in quotas.detail


def test_observers_compare_it_with_their_file_of_the_earlier_draw():
    (earlier, before), (document, file) = first(), second(0)
    alone = verify_earlier(document, earlier)
    assert [(step.name, step.ok, bool(step.unchecked)) for step in alone] == [
        ("earlier", True, False), ("sitting", True, True), ("candidates", True, True),
    ]  # fmt: skip
    together = verify_earlier(document, earlier, observers=file, earlier_observers=before)
    assert all(step.ok and not step.unchecked for step in together)
    assert "5 members stay, 1 left" in together[1].detail


@pytest.mark.parametrize(
    ("bend", "step"),
    [
        (lambda file: file["sitting"][0]["codes"].__setitem__(0, "OUTSIDE"), "sitting"),
        (lambda file: file["sitting"][0]["features"].update(age="middle"), "sitting"),
        (lambda file: file["origins"][0].update(earlier="OUTSIDE"), "candidates"),
    ],
)
def test_who_comes_in_from_elsewhere_is_found_by_observers(bend, step):
    (earlier, before), (document, file) = first(), second(0)
    bent = copy.deepcopy(file)
    bend(bent)
    made = sealed_as(document, bent)
    found = verify_earlier(made, earlier, observers=bent, earlier_observers=before)
    assert step in {one.name for one in found if one.false}


def test_who_sits_and_could_be_drawn_under_another_code_is_found_with_this_record_alone():
    document, file = second(0)
    bent = copy.deepcopy(file)
    bent["origins"][0]["earlier"] = bent["sitting"][0]["codes"][0]
    found = verify(sealed_as(document, bent), observers=bent)
    assert found.failed.name == "observers"
    assert "sits, and could be drawn" in found.failed.first_difference


def test_features_that_the_earlier_record_seals_are_left_open_without_its_observers_file():
    """Somebody who sits is told to be well although she was drawn as ill: only the earlier file shows it."""
    (earlier, before), (document, file) = first(), second(0)
    rare = {kind for kind, one in enumerate(earlier["pool"]["types"]) if one["features"] is None}
    sealed = {one["code"] for one in earlier["pool"]["entries"] if one["type"] in rare}
    bent = copy.deepcopy(file)
    group = next(group for group in bent["sitting"] if sealed.intersection(group["codes"]))
    group["features"]["health"] = "well" if group["features"]["health"] == "ill" else "ill"
    made = sealed_as(document, bent)
    known = verify_earlier(made, earlier, observers=bent, earlier_observers=before)
    assert "sitting" in {one.name for one in known if one.false}
    alone = verify_earlier(made, earlier, observers=bent)
    assert [(one.name, one.ok, bool(one.unchecked)) for one in alone] == [
        ("earlier", True, False), ("sitting", True, True), ("candidates", True, True),
    ]  # fmt: skip
    sits = sum(len(sealed.intersection(group["codes"])) for group in bent["sitting"])
    assert f"features of {sits} people" in alone[1].unchecked
    assert "--earlier-observers" in alone[2].unchecked


def sealed_as(document, file):
    """Return the record of somebody who seals a file of his own, with every hash made to fit."""
    made = copy.deepcopy(document)
    made["lottery"]["sealed"] = hidden_seal(KEY, file)
    made = rehashed(made)
    file["commitment"] = made["commitment"]
    return made


@pytest.mark.parametrize(
    "bend",
    [
        lambda file: file.update(commitment="0" * 64),
        lambda file: file.update(key="0" * 64),
        lambda file: file["types"].reverse(),
        lambda file: file["types"][0]["features"].update(health="other"),
        lambda file: file["types"][0]["codes"].pop(),
        lambda file: file["compositions"][0].update(tickets=file["compositions"][0]["tickets"] + 1),
        lambda file: file.update(certificate=None),
        lambda file: file["sitting"].pop(),
        lambda file: file["origins"].pop(),
        lambda file: file.update(sitting=None),
        lambda file: file["types"][0]["features"].update(age="e\u0301"),
    ],
)
def test_an_observers_file_that_was_not_committed_is_caught(bend):
    document, file = second(0)
    bent = copy.deepcopy(file)
    bend(bent)
    assert failed(document, observers=bent) == {"observers"}


def test_a_lottery_that_is_sealed_but_not_drawn_from_is_caught_by_observers():
    """Whoever owns the server seals one lottery, and puts other panels into the cells, or other chances into seals."""
    document, file = second(0)
    bent = copy.deepcopy(file)
    bent["compositions"] = bent["compositions"][:1]
    assert "observers" in failed(sealed_as(document, bent), observers=bent)
    swapped = copy.deepcopy(document)
    code = swapped["pool"]["entries"][0]["code"]
    mine = next(kind for kind in file["types"] if code in kind["codes"])
    swapped["pool"]["entries"][0]["seal"] = entry_seal(salt_of(KEY, "entry", code), mine["features"], "1/1")
    own = copy.deepcopy(file)
    swapped = rehashed(swapped)
    own["commitment"] = swapped["commitment"]
    assert "observers" in failed(swapped, observers=own)


def test_quotas_that_the_whole_body_misses_are_found_by_observers():
    document, file = second(0)
    bent = copy.deepcopy(file)
    bent["sitting"].pop()
    assert "quotas" in failed(sealed_as(document, bent), observers=bent)


@pytest.mark.parametrize(
    ("bend", "step"),
    [
        (lambda result, other: result["members"].__setitem__(0, other), "composition"),
        (lambda result, _other: result.update(ticket=(result["ticket"] + 1) % CELLS), "ticket"),
        (lambda result, _other: result["parts"][0].update(panel="0" * 64), "composition"),
        (lambda result, _other: result["parts"][0].update(share="1/2"), "composition"),
        (lambda result, _other: result.update(salt="0" * 32), "composition"),
        (lambda result, _other: result["path"].pop(), "composition"),
        (lambda result, _other: result["members"].append(result["members"][0]), "composition"),
        (lambda result, _other: result["alternates"].reverse(), "alternates"),
        (lambda result, _other: result.update(parts=[]), "composition"),
    ],
)
def test_a_swapped_panel_is_caught_by_everybody_although_nobody_sees_the_lottery(bend, step):
    document, _file = second(0)
    bent = copy.deepcopy(document)
    bend(bent["result"], bent["result"]["alternates"][0])
    assert step in failed(rehashed(bent))


def test_the_commands_check_as_an_observer_with_both_files(tmp_path):
    (earlier, before), (document, file) = first(), second(0)
    for name, one in (("1", earlier), ("1o", before), ("2", document), ("2o", file)):
        (tmp_path / f"{name}.json").write_bytes(dump(one))

    def run(*options):
        return CliRunner().invoke(app, ["verify", str(tmp_path / "2.json"), *map(str, options)])

    alone = run("--earlier", tmp_path / "1.json")
    assert alone.exit_code == 0
    assert "not checked: who sits" in alone.output
    together = run(
        "--earlier", tmp_path / "1.json", "--observers", tmp_path / "2o.json",
        "--earlier-observers", tmp_path / "1o.json",
    )  # fmt: skip
    assert together.exit_code == 0
    assert "not checked" not in together.output
    small = CliRunner().invoke(app, ["open", str(tmp_path / "2.json"), str(tmp_path / "small.json")])
    assert small.exit_code == 2
    assert "no more of the lottery than the cell that was drawn" in small.output


# -- what the public record gives away ----------------------------------------------------------------------------


def masked(document):
    """Return a public record with every hash and every code of it made alike."""
    text = re.sub(r"[0-9a-f]{32,64}", "#", json.dumps(document, sort_keys=True))
    return re.sub(r"N\d\d", "N", re.sub(r'"ticket": \d+', '"ticket": 0', text))


def test_whoever_leaves_the_public_record_is_the_same_but_for_hashes_and_fresh_codes():
    """The attack by difference: without the seal the quotas of the seat tell the features of who left, one by one."""
    members, people = first()[0]["result"]["members"], town()
    told = set()
    for leaver in range(SIZE):
        sitting = [(people[code], [code]) for code in members if code != members[leaver]]
        told.add(json.dumps(residual(sitting)))
    features = {json.dumps(people[code], sort_keys=True) for code in members}
    assert len(told) == len(features) > 2, "an open record would tell all of them"
    leavers = {json.dumps(people[members[leaver]], sort_keys=True): leaver for leaver in range(SIZE)}
    assert len({masked(second(leaver)[0]) for leaver in leavers.values()}) == 1


def test_no_feature_and_no_earlier_code_stands_in_the_public_record():
    document, _file = second(0)
    written = dump(document).decode()
    assert not [code for code in town() if f'"{code}"' in written], (
        "nobody is found again under the earlier code"
    )
    quotas = json.dumps(document["specification"]["quotas"])
    for value in ("young", "old", "ill", "well"):
        assert written.count(value) == quotas.count(value), "values stand in the quotas of the body alone"
    names = ("feature", "value", "minimum", "maximum")
    assert document["specification"]["quotas"] == [dict(zip(names, one, strict=True)) for one in BODY]


def test_seals_of_equal_people_and_of_equal_panels_differ():
    document, file = second(0)
    seals = [entry["seal"] for entry in document["pool"]["entries"]]
    assert len({*seals}) == len(seals) > len(file["types"])
    cells = cells_of(file)
    assert len({parts[0].members for parts in cells}) < 20, "few panels fill many cells"
    sealed = {parts[0]["panel"] for parts in sealed_cells(KEY, cells)}
    assert len(sealed) == CELLS


# -- the cells ------------------------------------------------------------------------------------------------


@st.composite
def lotteries(draw):
    sizes = draw(st.lists(st.integers(1, 7), min_size=1, max_size=5))
    row = st.tuples(*(st.integers(0, size) for size in sizes)).filter(any)
    compositions = draw(
        st.lists(st.tuples(st.integers(1, 50), row), min_size=1, max_size=4, unique_by=lambda one: one[1])
    )
    codes = [[f"T{t}P{place}" for place in range(size)] for t, size in enumerate(sizes)]
    return {
        "types": [{"features": {}, "codes": own} for own in codes],
        "compositions": [{"tickets": tickets, "counts": list(counts)} for tickets, counts in compositions],
    }


@settings(max_examples=15, deadline=None)
@given(lotteries())
def test_equal_cells_give_everybody_exactly_the_chance_of_the_lottery(hidden):
    """Against brute force: the shares of all cells in which a person stands add up to the chance of her type."""
    cells = cells_of(hidden)
    counts = {tuple(one["counts"]) for one in hidden["compositions"]}
    drawn: Counter[str] = Counter()
    for parts in cells:
        assert sum(part.share for part in parts) == 1
        for part in parts:
            assert len({*part.members}) == len(part.members)
            tally = Counter(code[:2] for code in part.members)
            assert tuple(tally[f"T{t}"] for t in range(len(hidden["types"]))) in counts
            drawn.update(dict.fromkeys(part.members, part.share))
    exact = {code: Fraction(chance) for code, chance in chances_of(hidden).items() if Fraction(chance)}
    assert {code: Fraction(share, CELLS) for code, share in drawn.items()} == exact


def test_golden_values_of_seals_and_cells():
    assert salt_of(bytes(32), "panel", 5, 0).hex() == GOLDEN["salt"]
    assert panel_seal(bytes(16), ["B", "A"]) == GOLDEN["panel"]
    assert cell_leaf([{"share": "1/1", "panel": "0" * 64}]).hex() == GOLDEN["cell"]
    assert entry_seal(bytes(16), {"age": "old"}, "1/4") == GOLDEN["entry"]
    hidden = {
        "types": [{"codes": ["A", "B", "C"]}, {"codes": ["D", "E"]}],
        "compositions": [{"tickets": 1, "counts": [1, 1]}, {"tickets": 2, "counts": [2, 0]}],
    }
    assert [cells_of(hidden)[number][0].members for number in (0, 600, 800, 1200, 2000, 3000, 4000)] == [
        ("A", "D"), ("B", "D"), ("B", "E"), ("C", "E"), ("A", "B"), ("B", "C"), ("A", "C"),
    ]  # fmt: skip


GOLDEN = {
    "salt": "2f5491fef9f55139a067108bbcaf5d99",
    "panel": "cc904425e8a04676fbcff8267ca63e149ccf405317402f782170d1171c74b3de",
    "cell": "3409aab36ffeac97a11f778dc362a6cafb26aae4c34386401637720982a8d6c1",
    "entry": "100a21031c7f93e4a1495e50c050fe544b1b4dc3efde522a9c53587f586c9535",
}


# -- what is refused --------------------------------------------------------------------------------------------


def test_only_a_sealed_draw_that_completes_a_body_is_committed_so():
    people = {f"N{number}": one for number, one in enumerate(town().values())}
    found, before = solved(people, BODY, SIZE), NOON - timedelta(days=1)
    completes = Completed(SIZE + 1, [Quota(*one) for one in BODY], [(people["N0"], ["S1"])])

    def refused(spec, entries=None, made=found, key=KEY, origins=None):
        with pytest.raises(BadInput) as caught:
            commit_vacant(
                spec, leaves_of(people) if entries is None else entries, made, before, key, origins
            )
        return caught.value.code

    sealed = specification(SIZE, BODY, completes)
    assert refused(specification(SIZE, BODY)) == "disclosure_wrong"
    assert refused(sealed, key=b"short") == "seal_key_wrong"
    assert refused(sealed, entries=leaves_of(people)[1:] * 2) == "draw_codes_repeated"
    assert refused(sealed, origins={"N0": "P00"}) == "draw_codes_repeated"
    other = leaves_of({**people, "N0": {"age": "old", "health": "other"}})
    assert refused(sealed, entries=other) == "draw_type_unknown"
    assert refused(sealed, made=CommittedLottery(found.types, [])) == "draw_no_tickets"
    with pytest.raises(BadInput) as caught:
        commitment(sealed, leaves_of(people), found, before, KEY)
    assert caught.value.code == "disclosure_wrong"


def test_every_kind_of_source_and_of_body_holds_for_observers_too():
    for number in range(2):
        made, document = sealed_seats(number)
        assert verify(made.commitment, observers=made.observers).ok
        assert verify(document, observers=made.observers).ok
