from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.library.test_proof_letters import (
    NOON,
    committed,
    drawn,
    in_waves,
    refused,
)
from tests.support.letter_transcripts import forged_waves, with_waves

from isegoria.errors import BadInput
from isegoria.proof import Wave, continue_letters, digest, dump, verify, verify_bytes
from isegoria.proof.waves import letters_of

LATER = NOON + timedelta(days=40)
MORE = {"Eupen": 60, "Raeren": 20, "nobody": 0}
CUT_OFFS = {"Eupen": "05" * 32, "Raeren": "04" * 32, "nobody": None}


def wave(letters=MORE, cut_offs=CUT_OFFS, drawn_at=LATER):
    return Wave({"en": "Too few answered"}, date(2027, 4, 1), drawn_at, letters, cut_offs)


def continued():
    second = wave({"Eupen": 0, "Raeren": 5, "nobody": 0}, CUT_OFFS | {"Raeren": "05" * 32})
    return continue_letters(continue_letters(drawn(), wave()), second)


def test_a_record_with_further_waves_verifies_and_holds_the_first_to_the_byte():
    document = continued()
    assert verify_bytes(dump(document), published=committed()["hash"]).ok
    assert dump(document["record"]) == dump(drawn())
    assert [one["wave"] for one in document["waves"]] == [2, 3]
    assert [one["chance"] for one in document["waves"][1]["strata"]] == ["31/1600", "31/1700", "0/1"]
    assert letters_of(document) == {"Eupen": 310, "Raeren": 155, "nobody": 0}


def test_waves_that_were_planned_count_before_the_further_ones():
    planned = in_waves({"Eupen": ["04" * 32, "05" * 32], "Raeren": ["04" * 32, "05" * 32]})
    later = Wave(
        {"en": "x"}, date(2027, 4, 1), LATER, {"Eupen": 1, "Raeren": 0}, {"Eupen": "06" * 32, "Raeren": "05" * 32}
    )  # fmt: skip
    document = continue_letters(planned, later)
    assert document["waves"][0]["wave"] == 3
    assert verify(document).ok


@pytest.mark.parametrize(
    ("code", "build"),
    [
        ("letters_not_drawn", lambda: continue_letters(committed(), wave())),
        ("letters_cut_offs_wrong", lambda: continue_letters(drawn(), wave({"Eupen": 1}))),
        ("letters_too_many", lambda: continue_letters(drawn(), wave(MORE | {"nobody": 1}))),
        ("letters_too_many", lambda: continue_letters(drawn(), wave(MORE | {"Eupen": -1}))),
    ],
)
def test_a_wave_that_cannot_follow_is_refused(code, build):
    with refused(code) as caught:
        build()
    assert caught.value.problem
    assert caught.value.way_out


def set_to(*path: Any) -> Callable[[dict[str, Any]], None]:
    *parents, last, value = path

    def bend(document: dict[str, Any]) -> None:
        inside: Any = document
        for key in parents:
            inside = inside[key]
        inside[last] = value

    return bend


FORGERIES = {
    "a wave left out": lambda document: document["waves"].pop(0),
    "waves changed about": lambda document: document["waves"].reverse(),
    "no wave": lambda document: document["waves"].clear(),
    "a number that does not follow": set_to("waves", 0, "wave", 3),
    "no reason": set_to("waves", 0, "reason", {}),
    "a wave before its draw": set_to("waves", 0, "drawn_at", "2027-01-01T00:00:00Z"),
    "letters that do not add up": set_to("waves", 0, "letters", 81),
    "a chance embellished": set_to("waves", 0, "strata", 0, "chance", "1/2"),
    "more letters than persons": set_to("waves", 0, "strata", 0, "letters", 16_000),
    "another stratum": set_to("waves", 0, "strata", 0, "stratum", "Kelmis"),
    "a stratum left out": lambda document: document["waves"][0]["strata"].pop(),
    "a cut-off that falls": set_to("waves", 0, "strata", 0, "cut_off", "03" * 32),
    "letters without a cut-off": set_to("waves", 0, "strata", 0, "cut_off", None),
    "a cut-off without letters": set_to("waves", 0, "strata", 2, "cut_off", "03" * 32),
    "a cut-off that rises without letters": set_to("waves", 1, "strata", 0, "cut_off", "06" * 32),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_wave_is_caught_even_if_all_hashes_fit(name):
    document = copy.deepcopy(continued())
    FORGERIES[name](document)
    assert verify(forged_waves(document)).failed.name == "waves"


def test_a_wave_that_hangs_on_another_record_is_caught():
    document = continued()
    document["record"] = drawn("1-1-1-1-1-1")
    whole = {key: document[key] for key in ("format", "record", "waves")}
    assert verify(whole | {"hash": digest(whole)}).failed.name == "waves"


def test_letters_in_proportion_stay_in_proportion():
    document = next(
        one
        for one in map(with_waves, range(300))
        if one["format"].endswith("waves/1")
        and one["record"]["specification"]["design"]["allocation"] == "proportional"
        and len(one["record"]["register"]["strata"]) > 1
        and letters_of(one)[(first := one["record"]["register"]["strata"][0])["stratum"]] + 2
        < first["eligible"]
    )
    one = document["waves"][-1]
    names = [stratum["stratum"] for stratum in one["strata"]]
    cut_offs = dict.fromkeys(names, "f" * 64)
    moment = datetime.fromisoformat(one["drawn_at"]).astimezone(UTC)
    with refused("letters_not_shared_out"):
        continue_letters(
            document, Wave({"en": "x"}, date(2027, 9, 1), moment, dict.fromkeys(names, 0) | {names[0]: 2}, cut_offs)
        )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10_000), st.data())
def test_a_malformed_file_of_waves_is_reported_and_never_crashes(number, data):
    document = copy.deepcopy(with_waves(number))
    if "waves" not in document:
        return
    assert verify(document).ok
    junk = data.draw(st.sampled_from([None, -1, "", "x", "0" * 64, [], [[]], {}, {"a": 1}]))
    places = [(document["waves"][0], key) for key in document["waves"][0]]
    places += [(document["waves"][0]["strata"][0], key) for key in document["waves"][0]["strata"][0]]
    inside, key = data.draw(st.sampled_from(places))
    was, inside[key] = inside[key], junk
    if was == junk:
        return
    assert not verify(document).ok
    try:
        again = forged_waves(document)
    except (BadInput, TypeError, KeyError, AttributeError):
        return
    verify(again)
