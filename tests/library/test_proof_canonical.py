from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isegoria.errors import BadInput
from isegoria.proof.canonical import canonical, digest, instant, parse

TEXT = st.text(st.characters(exclude_categories=["Cs"])).map(
    lambda text: unicodedata.normalize("NFC", text)
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read_back(value):
    assert parse(canonical(value)) == value


@given(st.dictionaries(TEXT, st.integers(0, 9), min_size=2))
def test_the_order_of_keys_does_not_matter(value):
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_keys_are_sorted_by_utf16_code_units_as_rfc_8785_asks():
    # The example of RFC 8785 section 3.2.3; the emoji is above U+FFFF, yet sorts before U+FB33.
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    # U+FB33 is a composition exclusion, so it is not in normal form C; U+FB13 stands in for it.
    keys[2] = "\ufb13"
    written = json.loads(
        canonical(dict.fromkeys(keys, 1)), object_pairs_hook=lambda pairs: [k for k, _ in pairs]
    )
    assert written == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb13"]


def test_strings_are_escaped_as_in_rfc_8785():
    assert canonical('\u20ac$\u000f\u000aA\'B"\\\\"/') == b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        "e\u0301",
        "\ud800",
        {1: 2},
        {"e\u0301": 1},
        b"x",
        {"a": [{"b": 0.5}]},
        {1, 2},
    ],
)
def test_what_two_languages_could_read_differently_is_refused(value):
    with pytest.raises(BadInput) as caught:
        canonical(value)
    assert caught.value.code == "not_canonical"


def test_a_refusal_names_the_place_and_not_the_value():
    with pytest.raises(BadInput) as caught:
        canonical({"people": [{"name": "Zoe\u0301"}]})
    assert "$.people[0].name" in str(caught.value)
    assert "Zoe" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":2}', "1.5", "1e3", "NaN", "[", "", "[" * 100_000, "9" * 5000, b"\xff"]
)
def test_a_text_that_is_not_strict_json_is_refused(text):
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert caught.value.code == "not_json"


def test_nesting_without_end_is_refused():
    value: list = []
    for _ in range(40):
        value = [value]
    with pytest.raises(BadInput):
        canonical(value)


def test_a_digest_never_changes():
    assert digest({"b": [1, True, None], "a": "ä"}) == (
        "0a884a37e8c5845d526f49efb88b2fa39e02369bcac2f814ac0305f127385590"
    )


def test_moments_are_written_in_utc():
    assert instant(datetime(2027, 3, 1, 19, tzinfo=timezone(timedelta(hours=1)))) == "2027-03-01T18:00:00Z"
    assert instant(datetime(2027, 3, 1, 18, 0, 0, 5, tzinfo=UTC)) == "2027-03-01T18:00:00.000005Z"
    with pytest.raises(ValueError, match="time zone"):
        instant(datetime(2027, 3, 1))  # noqa: DTZ001
