"""Draws by groups with room for further waves: records of version 3, and the order behind them."""

from __future__ import annotations

import copy
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.library.test_proof_letters import NOON, change, failed, refused
from tests.support.letter_transcripts import forged, forged_waves

from isegoria.proof import (
    LetterDesign,
    LetterSpecification,
    RandomValue,
    RuleBook,
    Source,
    Stratum,
    Wave,
    continue_letters,
    dump,
    letter_commitment,
    letter_entry,
    letter_receipt,
    letter_record,
    letters,
    verify,
    verify_bytes,
    verify_receipt,
)
from isegoria.register.draw import Candidate, in_groups
from isegoria.register.strata import MOST_STRATA, refuse_telling

STRATA = [Stratum("Eupen", 800, 40, places=160), Stratum("Raeren", 400, 0, places=80), Stratum("nobody", 0, 0, places=0)]  # fmt: skip
CUT_OFFS = {"Eupen": ["40" * 32], "Raeren": [None], "nobody": [None]}


def committed(strata=STRATA, groups=("household",)):
    return letter_commitment(
        LetterSpecification(
            *("Eupen", "council", "2027", "residents"),
            LetterDesign(stratified_by="municipality_name", allocation="chosen", groups=groups),
            "isegoria",
            RuleBook("example", "1", "0" * 64),
            [Source("public:dice-2027-01-11", NOON, "It is thrown the day after.")],
        ),
        extract_sha256="ab" * 32,
        extract_rows=1300,
        strata=strata,
        committed_at=NOON - timedelta(days=2),
    )


def drawn():
    return letter_record(committed(), [RandomValue("public:dice-2027-01-11", "3-5-2", NOON)], CUT_OFFS)


def wave(letters, cut_offs):
    return Wave({"en": "Too few answered"}, date(2027, 4, 1), NOON + timedelta(days=40), letters, cut_offs)


def continued():
    return continue_letters(
        drawn(),
        wave(
            {"Eupen": 20, "Raeren": 80, "nobody": 0},
            {"Eupen": "50" * 32, "Raeren": "ff" * 32, "nobody": None},
        ),
    )


def test_a_draw_by_groups_with_places_verifies_and_goes_on():
    assert committed()["format"] == "isegoria-letter-commitment/3"
    assert verify(committed()).ok
    found = verify_bytes(dump(drawn()), published=committed()["hash"])
    assert found.ok
    assert drawn()["format"] == "isegoria-letter-draw/3"
    seed = bytes.fromhex(drawn()["seed"])
    starts = [one["start"] for one in drawn()["result"]["strata"]]
    assert starts == [
        letters.systematic_start(seed, "Eupen", 800), letters.systematic_start(seed, "Raeren", 400), None,
    ]  # fmt: skip
    assert verify_bytes(dump(continued())).ok
    assert [one["chance"] for one in continued()["waves"][0]["strata"]] == ["3/40", "1/5", "0/1"]


FORGERIES = {
    "fewer places than letters": (("register", "strata", 0, "places"), 39, "strata"),
    "more places than people": (("register", "strata", 0, "places"), 801, "strata"),
    "other places": (("register", "strata", 0, "places"), 120, "seed"),
    "people drawn for themselves": (("specification", "design", "groups"), [], "strata"),
    "another group": (("specification", "design", "groups"), ["address"], "seed"),
    "other strata": (("specification", "design", "stratified_by"), "district", "seed"),
    "letters moved to another place": (("register", "strata", 1, "letters"), 5, "strata"),
    "the method of persons": (("specification", "design", "method"), "isegoria-letters/2", "format"),
    "the format of persons": (("format",), "isegoria-letter-draw/2", "format"),
    "another start": (("result", "strata", 0, "start"), 3, "cut_offs"),
    "no start": (("result", "strata", 1, "start"), None, "cut_offs"),
    "no cut-offs": (("result", "strata", 0, "cut_offs"), None, "cut_offs"),
    "a cut-off without letters": (("result", "strata", 1, "cut_offs"), ["01" * 32], "cut_offs"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_choosing_frame_strata_or_letters_anew_is_caught_even_if_all_hashes_fit(name):
    path, value, step = FORGERIES[name]
    document = copy.deepcopy(drawn())
    change(document, path, value)
    assert failed(document)
    assert step in failed(forged(document))


def test_a_wave_beyond_the_places_is_refused_and_caught():
    with refused("letters_too_many"):
        continue_letters(drawn(), wave({"Eupen": 121, "Raeren": 0, "nobody": 0}, CUT_OFFS))
    document = continued()
    one = document["waves"][0]["strata"][1]
    one["letters"], document["waves"][0]["letters"] = 81, 101
    assert verify(forged_waves(document)).failed.name == "waves"


@pytest.mark.parametrize(
    ("strata", "groups"),
    [
        ([Stratum("Eupen", 800, 40, places=39)], ("household",)),
        ([Stratum("Eupen", 800, 40, places=801)], ("household",)),
        ([Stratum("Eupen", 800, 40, places=160), Stratum("Raeren", 400, 0)], ("household",)),
        ([Stratum("Eupen", 800, 40, places=160)], ()),
    ],
)
def test_places_that_do_not_fit_are_refused(strata, groups):
    with refused("letters_places_wrong"):
        committed(strata, groups)


def test_a_receipt_says_that_none_was_drawn_or_that_it_depends_on_others():
    seed, secret = bytes.fromhex(drawn()["seed"]), bytes(range(32))
    seen = Counter()
    for number in range(30):
        entry = letter_entry(secret, f"reg-{number}", "Eupen")
        document = drawn()
        document["register"]["root"] = entry.leaf.hex()
        found = verify_receipt(document, letter_receipt(entry, [entry.leaf]))
        below = letters.letter_key(seed, entry.pseudonym, letters.WAVES) < CUT_OFFS["Eupen"][0]
        assert ("if the walk met this person" in found.steps[-1].detail) == below
        assert ("no letter was drawn" in found.steps[-1].detail) == (not below)
        seen[below] += 1
    assert min(seen.values()) > 3


HOMES = st.lists(st.integers(1, 4), min_size=4, max_size=40)


@settings(max_examples=120, deadline=None)
@given(HOMES, st.binary(min_size=32, max_size=32), st.data())
def test_waves_go_down_one_order_and_no_home_gets_two_letters(homes, seed, data):
    people = [
        Candidate(f"P{home}-{person}", (f"H{home}",))
        for home, size in enumerate(homes)
        for person in range(size)
    ]
    places = len(people) // max(homes)
    first = data.draw(st.integers(0, places))
    second = data.draw(st.integers(0, places - first))

    def drawn_in(waves):
        figure, chosen = in_groups("all", people, seed, waves, ("household",))
        return figure, [name for _wave, name in chosen]

    figure, order = drawn_in((first, places - first))
    later, same = drawn_in((first, second, places - first - second))
    assert order == same, "a later wave changes nothing of the order"
    assert later.cut_offs[0] == figure.cut_offs[0]
    assert len({name.split("-")[0] for name in order}) == len(order) == places
    cut_off = later.cut_offs[1] or ""
    with_letter = {name for name in order if letters.letter_key(seed, name, letters.WAVES) < cut_off}
    assert with_letter == set(order[: first + second])


def test_everybody_has_the_same_chance_in_a_first_wave_that_is_a_part_of_the_places():
    sizes = (1, 4, 2, 3, 1, 1)
    people = [
        Candidate(f"P{home}-{person}", (f"H{home}",))
        for home, size in enumerate(sizes)
        for person in range(size)
    ]
    draws, got = 6000, Counter[str]()
    for number in range(draws):
        _figure, chosen = in_groups("all", people, number.to_bytes(32, "big"), (2, 1), ("household",))
        got.update(name for wave_, name in chosen if wave_ == 1)
    expected = draws * 2 / len(people)
    statistic = sum((got[one.name] - expected) ** 2 / expected for one in people)
    # The chi-square statistic of 11 degrees of freedom is below 50 but once in a million; negatively linked counts
    # of draws without replacement make it smaller still.
    assert statistic < 50
    alone, of_four = got["P0-0"], got["P1-0"]
    assert abs(alone - of_four) < 6 * (2 * expected) ** 0.5


def test_strata_that_tell_single_people_apart_are_refused():
    refuse_telling("district", {"north": 5, "south": 700})
    for column, sizes, code in (
        ("Household", {"H1": 9}, "strata_personal"),
        ("tag", dict.fromkeys(map(str, range(MOST_STRATA + 1)), 9), "strata_personal"),
        ("district", {"north": 4, "south": 700}, "strata_too_small"),
    ):
        with refused(code):
            refuse_telling(column, sizes)
