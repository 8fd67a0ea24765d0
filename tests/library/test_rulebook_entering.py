"""How many people take a seat anew, and when."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria import rulebook
from isegoria.testing.rulebooks import rule_book

START = dt.date(2027, 1, 1)


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=8).filter(str.strip))
def test_the_whole_body_enters_first_and_never_more_than_it_has_seats(seed: str) -> None:
    book = rule_book(seed)
    for body in book.bodies:
        found = rulebook.entering(book, body.key, START, years=10)
        if not body.is_filled_by_lot:
            assert found == ()
            continue
        assert [each.day for each in found] == sorted(each.day for each in found)
        assert all(1 <= each.fewest <= each.most <= body.size_max for each in found)
        if found:
            assert (found[0].fewest, found[0].most) == (body.size_min, body.size_max)


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=8).filter(str.strip), st.integers(1, 8))
def test_more_years_only_add_days(seed: str, years: int) -> None:
    book = rule_book(seed)
    for body in book.bodies:
        few = rulebook.entering(book, body.key, START, years=years)
        many = rulebook.entering(book, body.key, START, years=years + 2)
        sooner = dt.date(START.year + years - 1, 1, 1)
        assert [each for each in many if each.day < sooner] == [each for each in few if each.day < sooner]


@pytest.mark.parametrize(
    ("identifier", "body", "expected"),
    [
        ("municipal-starter", "council", [24, 8, 8, 8]),  # a third every half year
        ("municipal-starter", "assembly", [40, 40]),  # anew each time
    ],
)
def test_a_part_or_the_whole_is_renewed(identifier: str, body: str, expected: list[int]) -> None:
    book = rulebook.load_bundled(identifier)
    assert [each.most for each in rulebook.entering(book, body, START, years=2)] == expected


def test_who_comes_back_does_not_take_a_seat_anew() -> None:
    book = rulebook.load_bundled("newham")
    body = next(each for each in book.bodies if each.rotation and each.rotation.returning)
    first, second, *_more = rulebook.entering(book, body.key, START, years=6)
    assert first.most - second.most == body.rotation.returning
