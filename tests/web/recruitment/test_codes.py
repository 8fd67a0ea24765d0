"""The code of a letter: read, spoken and typed without mistakes, and its secret kept by nobody."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from isegoria_web.recruitment import codes
from isegoria_web.recruitment.codes import ALPHABET, DATA_LENGTH, SELECTOR_LENGTH, Code

pytestmark = pytest.mark.once

PLACES = st.integers(0, DATA_LENGTH)
SECRET = "GHJKMNPQR"
CODE = Code("ABCDEF", SECRET)
all_codes = st.text(ALPHABET, min_size=DATA_LENGTH, max_size=DATA_LENGTH).map(
    lambda data: Code(data[:SELECTOR_LENGTH], data[SELECTOR_LENGTH:])
)


def plain(code: Code) -> str:
    return str(code).replace("-", "")


# -- as printed ------------------------------------------------------------------------------------------
@given(all_codes)
@example(Code("000000", "000000000"))
@example(Code("ZZZZZZ", "ZZZZZZZZZ"))
def test_a_code_is_read_as_it_is_printed(code):
    assert codes.parse(str(code)) == code


@given(all_codes)
def test_a_code_is_four_groups_of_four(code):
    assert [len(group) for group in str(code).split("-")] == [4, 4, 4, 4]
    assert plain(code)[:SELECTOR_LENGTH] == code.selector


def test_the_check_character_stays_what_it_was_on_letters_in_the_post():
    # 10*1 + 11*2 + 12*3 + 13*4 + 14*5 + 15*6 + 16*7 + 17*8 + 18*9 + 19*10 + 20*11 + 21*12 + 22*13 + 23*14
    # + 24*15 = 2320 = 74 * 31 + 26
    assert str(CODE) == "ABCD-EFGH-JKMN-PQRT"


def test_fresh_codes_are_whole_and_differ():
    fresh = [codes.new_code() for _each in range(200)]
    assert len({code.selector for code in fresh}) == len({code.secret for code in fresh}) == 200
    assert all(codes.parse(str(code)) == code for code in fresh)


def test_fresh_codes_use_every_character_but_those_that_look_alike():
    seen = set("".join(plain(codes.new_code()) for _each in range(400)))
    assert seen == set(ALPHABET)
    assert seen.isdisjoint("ILOU")


# -- as typed --------------------------------------------------------------------------------------------
@given(all_codes, st.data())
def test_small_letters_are_read(code, data):
    small = data.draw(st.lists(st.booleans(), min_size=19, max_size=19))
    typed = [sign.lower() if low else sign for sign, low in zip(str(code), small, strict=True)]
    assert codes.parse("".join(typed)) == code


@given(all_codes, st.data())
def test_blanks_and_hyphens_stand_anywhere_or_nowhere(code, data):
    between = st.text(" -–\t", max_size=3)
    gaps = data.draw(st.lists(between, min_size=DATA_LENGTH + 2, max_size=DATA_LENGTH + 2))
    typed = gaps[0] + "".join(sign + gap for sign, gap in zip(plain(code), gaps[1:], strict=True))
    assert codes.parse(typed) == code


@given(all_codes, st.data())
def test_letters_that_look_like_digits_are_read_as_digits(code, data):
    shapes = {"0": "0oO", "1": "1iIlL"}
    typed = "".join(data.draw(st.sampled_from(shapes.get(sign, sign))) for sign in plain(code))
    assert codes.parse(typed) == code


def test_o_i_and_l_are_read_as_digits_in_a_code_that_has_them():
    code = Code("001111", SECRET)
    assert codes.parse("oO-Ii Ll" + plain(code)[6:]) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "ABCD-EFGH-JKMN-PQR",
        "ABCD-EFGH-JKMN-PQRTT",
        "UBCD-EFGH-JKMN-PQRT",
        "ABCD-EFGH-JKMN-PQRU",
        "ABCD-EFGH-JKMN-PQ!T",
        "ÄBCD-EFGH-JKMN-PQRT",
        "ABCD-EFGH-JKMN-PQR٣",
    ],
)
def test_what_is_no_code_is_refused(text):
    assert codes.parse(text) is None


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_code_or_is_refused(text):
    found = codes.parse(text)
    assert found is None or codes.parse(str(found)) == found


# -- mistakes --------------------------------------------------------------------------------------------
@given(all_codes, PLACES, st.sampled_from(ALPHABET))
@example(CODE, 0, "B")
@example(CODE, DATA_LENGTH, "0")
def test_one_wrong_character_is_found_wherever_it_stands(code, place, wrong):
    right = plain(code)
    assume(right[place] != wrong)
    assume(place == DATA_LENGTH or {right[place], wrong} != {"0", "Z"})  # the one pair that counts alike
    assert codes.parse(right[:place] + wrong + right[place + 1 :]) is None


@given(all_codes, st.integers(0, DATA_LENGTH - 1))
@example(CODE, DATA_LENGTH - 1)
def test_two_exchanged_neighbours_are_found_wherever_they_stand(code, place):
    right = plain(code)
    first, second = right[place : place + 2]
    assume(first != second and {first, second} != {"0", "Z"})
    assert codes.parse(right[:place] + second + first + right[place + 2 :]) is None


def test_every_wrong_character_of_a_code_is_found():
    right = plain(CODE)
    passed = [
        right[:place] + wrong + right[place + 1 :]
        for place in range(len(right))
        for wrong in ALPHABET
        if wrong != right[place] and codes.parse(right[:place] + wrong + right[place + 1 :]) is not None
    ]
    assert passed == []


# -- the secret ------------------------------------------------------------------------------------------
def test_the_hash_of_a_secret_fits_it_and_no_other():
    stored = codes.hash_secret(SECRET)
    assert codes.secret_fits(SECRET, stored)
    assert not codes.secret_fits("GHJKMNPQS", stored)
    assert not codes.secret_fits("", stored)


def test_the_hash_does_not_show_the_secret_and_is_salted():
    first, second = codes.hash_secret(SECRET), codes.hash_secret(SECRET)
    assert first != second
    assert SECRET not in first + second
    assert first.partition("$")[2] != second.partition("$")[2]


def test_a_hash_fits_its_column():
    from isegoria_web.recruitment.models import Invitation

    longest = Invitation._meta.get_field("secret_hash").max_length
    assert len(codes.hash_secret(SECRET)) <= longest
