from __future__ import annotations

import contextlib
import copy
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria.errors import BadInput
from isegoria.proof import (
    LetterSpecification,
    RandomValue,
    RuleBook,
    Source,
    Stratum,
    digest,
    dump,
    letter_commitment,
    letter_record,
    verify,
    verify_bytes,
)

NOON = datetime(2027, 1, 11, 12, tzinfo=UTC)
STRATA = [Stratum("Eupen", 16_000, 250), Stratum("Raeren", 8_500, 130), Stratum("nobody", 0, 0)]
CUT_OFFS = {"Eupen": "04" * 8, "Raeren": "03ff" * 4, "nobody": None}


def refused(code):
    return pytest.raises(BadInput, check=lambda error: error.code == code)


def committed(strata=STRATA, committed_at=NOON - timedelta(days=2), sources=None):
    announced = [Source("public:dice-2027-01-11", NOON, "It is thrown the day after.")]
    return letter_commitment(
        LetterSpecification(
            *(
                "Eupen",
                "Bürgerdialog",
                "2027",
                "residents aged 16 and over",
                "keyed-hash/1",
                "isegoria 0.1.0",
            ),
            RuleBook("example", "1", "0" * 64),
            announced if sources is None else sources,
        ),
        extract_sha256="ab" * 32,
        extract_rows=30_000,
        strata=strata,
        committed_at=committed_at,
    )


def drawn(value="3-5-2-6-1-4", cut_offs=CUT_OFFS):
    return letter_record(committed(), [RandomValue("public:dice-2027-01-11", value, NOON)], cut_offs)


def failed(document, **options):
    return {step.name for step in verify(document, **options).steps if not step.ok}


def change(document, path, value):
    *parents, last = path
    for key in parents:
        document = document[key]
    document[last] = value


def rehashed(document):
    for part in document["commitments"]:
        document["commitments"][part] = digest(document[part])
    before = {part: document[part] for part in ("specification", "register", "commitments", "committed_at")}
    document["commitment"] = digest(before | {"format": "isegoria-letter-commitment/1"})
    rest = {key: value for key, value in document.items() if key != "hash"}
    return rest | {"hash": digest(rest)}


def test_an_honest_record_of_the_letters_verifies():
    assert verify_bytes(dump(drawn())).ok
    assert verify(committed()).ok
    assert verify(drawn(), published=committed()["hash"]).ok
    assert failed(drawn(), published="0" * 64) == {"commitment"}


def test_the_seed_follows_from_register_and_randomness():
    assert drawn("1")["seed"] != drawn("2")["seed"]
    assert drawn()["seed"] == "c84b49d0dc7513d7602822357466ccdd164ec490b3fd995be86560d5c2eeae1e"


FORGERIES = {
    "another extract": (("register", "extract_sha256"), "cd" * 32, "seed"),
    "more letters than persons": (("register", "strata", 0, "letters"), 17_000, "strata"),
    "more persons than rows": (("register", "rows"), 24_000, "strata"),
    "a chance embellished": (("register", "strata", 0, "chance"), "1/2", "strata"),
    "a stratum twice": (("register", "strata", 1, "stratum"), "Eupen", "strata"),
    "another random value": (("randomness", 0, "value"), "1-1-1-1-1-1", "seed"),
    "a total that is none": (("result", "letters"), 381, "cut_offs"),
    "a cut-off without letters": (("result", "cut_offs", 2, "key"), "0" * 16, "cut_offs"),
    "letters without a cut-off": (("result", "cut_offs", 0, "key"), None, "cut_offs"),
    "a stratum left out": (("result", "cut_offs"), [], "cut_offs"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_caught_even_if_all_hashes_fit(name):
    path, value, step = FORGERIES[name]
    document = copy.deepcopy(drawn())
    change(document, path, value)
    assert failed(document)
    assert step in failed(rehashed(document))


@pytest.mark.parametrize(
    ("code", "build"),
    [
        ("letters_too_many", lambda: committed([Stratum("Eupen", 3, 4)])),
        ("letters_cut_offs_wrong", lambda: committed([Stratum("Eupen", 3, 1)] * 2)),
        ("letters_cut_offs_wrong", lambda: drawn(cut_offs={"Eupen": "04" * 8})),
        ("committed_too_late", lambda: committed(committed_at=NOON)),
        ("seed_empty", lambda: committed(sources=[])),
    ],
)
def test_letters_that_could_not_be_drawn_are_refused(code, build):
    with refused(code) as caught:
        build()
    assert caught.value.problem
    assert caught.value.way_out


def paths(value, before=()):
    yield before
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield from paths(child, (*before, key))


@settings(max_examples=200, deadline=None)
@given(
    st.data(),
    st.sampled_from([None, -1, 0, 1.5, "", "x", "0" * 64, "\ud800", [], [[]], {}, {"a": 1}, "9/0"]),
)
def test_a_malformed_record_of_the_letters_is_reported_and_never_crashes(data, junk):
    document = copy.deepcopy(drawn())
    path = data.draw(st.sampled_from([path for path in paths(document) if path]))
    change(document, path, junk)
    if document != drawn():
        assert not verify(document).ok
        with contextlib.suppress(BadInput, KeyError, TypeError, AttributeError):
            verify(rehashed(document))
