"""Every dot is counted, every picture says what it shows, and its table holds the same numbers."""

from __future__ import annotations

import itertools
import math
import re
import xml.etree.ElementTree as ET
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria_web.web import pictures

pytestmark = pytest.mark.once

SVG = "{http://www.w3.org/2000/svg}"
counts = st.integers(min_value=0, max_value=120)


def drawing(picture: pictures.Picture) -> ET.Element:
    return ET.fromstring(picture.svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314  # our own picture


def circles(picture: pictures.Picture, kind: str | None = None) -> list[ET.Element]:
    found = drawing(picture).findall(f"{SVG}circle")
    return [each for each in found if kind is None or kind in each.get("class", "").split()]


def counted(picture: pictures.Picture) -> dict[str, int]:
    return {group.kind: group.dots for group in picture.groups}


def picture_of_votes() -> pictures.Picture:
    return pictures.votes(24, 4, 1, 1, title="A ballot", needed=23)


def every_picture() -> list[pictures.Picture]:
    return [
        pictures.ring(20, 5, 5, title="Seats", middle=("30", "citizens")),
        pictures.field_of_dots(65750, 1000, 132, 30, title="The draw"),
        picture_of_votes(),
        pictures.verdicts(3, 4, 5, title="A verdict"),
        pictures.chances(
            [pictures.Chance(Fraction(k, 40), drawn=k % 3 == 0) for k in range(41)], title="C"
        ),
    ]


@settings(deadline=None)  # how long a picture takes depends on who else computes
@given(counts, counts, counts)
def test_a_ring_has_one_dot_for_each_seat(taken: int, offered: int, vacant: int) -> None:
    picture = pictures.ring(taken, offered, vacant, title="Seats")
    assert len(circles(picture)) == taken + offered + vacant
    for kind, count in (("drawn", taken), ("seat", offered), ("absent", vacant)):
        assert len(circles(picture, kind)) == count


@pytest.mark.parametrize("seats", [1, 2, 6, 24, 30, 50, 60, 61, 100, 150, 200])
def test_no_two_seats_of_a_ring_touch_and_all_are_inside(seats: int) -> None:
    places = [
        (float(each.get("cx", "")), float(each.get("cy", "")), float(each.get("r", "")))
        for each in circles(pictures.ring(seats, 0, 0, title="Seats"))
    ]
    assert all(math.hypot(x, y) + r <= 110 for x, y, r in places)
    for (x1, y1, r1), (x2, y2, r2) in itertools.combinations(places, 2):
        assert math.hypot(x1 - x2, y1 - y2) > r1 + r2 - 0.2  # places are written with one decimal


@settings(deadline=None)  # how long a picture takes depends on who else computes
@given(st.lists(st.integers(min_value=0, max_value=3000), min_size=4, max_size=4))
def test_a_field_has_one_dot_for_each_person_who_got_a_letter(numbers: list[int]) -> None:
    drawn, answered, invited, population = itertools.accumulate(numbers)
    picture = pictures.field_of_dots(population, invited, answered, drawn, title="The draw")
    paths = {
        path.get("class", "").split()[1]: path.get("d", "").count("h0")
        for path in drawing(picture).findall(f"{SVG}path")
    }
    paths.pop("hollow", None)
    assert paths == counted(picture)
    shown = {group.kind: group.count for group in picture.groups}
    assert shown.get("drawn", 0) == drawn
    assert sum(shown.values()) == population
    assert all(group.per_dot == 1 for group in picture.groups if group.kind != "person")


def test_the_population_is_shown_by_at_most_a_field_of_dots_and_says_how_many_one_stands_for() -> None:
    for population in (5_000, 79_479, 11_700_000):
        everybody = pictures.field_of_dots(population, 1000, 100, 30, title="The draw").groups[-1]
        assert everybody.count == population - 1000
        assert (
            everybody.per_dot * (everybody.dots - 1) < everybody.count <= everybody.per_dot * everybody.dots
        )
        assert everybody.dots <= 1200


def test_no_two_dots_of_a_field_lie_on_each_other() -> None:
    places = re.findall(r"M(-?\d+) (-?\d+)h0", pictures.field_of_dots(2000, 1000, 100, 30, title="D").svg)
    solid = set(places)
    invited_are_drawn_twice = 900
    assert len(places) - invited_are_drawn_twice == len(solid) == 2000


@settings(deadline=None)  # how long a picture takes depends on who else computes
@given(counts, counts, counts, counts)
def test_a_ballot_has_one_dot_for_each_member(yes: int, no: int, abstain: int, absent: int) -> None:
    picture = pictures.votes(yes, no, abstain, absent, title="A ballot")
    for kind, count in (("yes", yes), ("no", no), ("abstain", abstain), ("absent", absent)):
        assert len(circles(picture, kind)) == count


def test_the_line_of_a_ballot_stands_after_the_votes_that_were_needed() -> None:
    picture = picture_of_votes()
    (line,) = drawing(picture).findall(f"{SVG}line")
    x, top, bottom = (float(line.get(name, "")) for name in ("x1", "y1", "y2"))
    rows_before = [each for each in circles(picture) if float(each.get("cy", "")) < top]
    left_of_it = [
        each
        for each in circles(picture)
        if top < float(each.get("cy", "")) < bottom and float(each.get("cx", "")) < x
    ]
    assert len(rows_before) + len(left_of_it) == 23


@settings(deadline=None)  # how long a picture takes depends on who else computes
@given(st.lists(st.tuples(st.fractions(min_value=0, max_value=1), st.booleans()), max_size=150))
def test_everybody_stands_at_her_chance_and_the_table_counts_the_same(
    pool: list[tuple[Fraction, bool]],
) -> None:
    picture = pictures.chances([pictures.Chance(*each) for each in pool], title="Chances")
    assert len(circles(picture)) == len(pool)
    assert len(circles(picture, "drawn")) == sum(drawn for _chance, drawn in pool)
    assert sum(int(row[1]) for row in picture.rows) == len(pool)
    assert sum(int(row[2]) for row in picture.rows) == sum(drawn for _chance, drawn in pool)
    for each in circles(picture):
        assert 0 < float(each.get("cx", "")) < pictures.BIN_WIDTH * pictures.CHANCE_BINS


def test_bars_are_as_long_as_their_shares() -> None:
    svg = pictures.shares(
        Fraction(1, 4), Fraction(1, 8), Fraction(1, 2), (Fraction(1, 4), Fraction(1, 2)), Fraction(1, 2)
    )
    widths = {
        kind: float(width) for kind, width in re.findall(r'class="([a-z-]+)"[^>]*? width="([\d.]+)"', svg)
    }
    assert widths["panel-bar"] == pytest.approx(2 * widths["population"])
    assert widths["population"] == pytest.approx(2 * widths["pool"], abs=0.02)
    assert widths["quota"] == pytest.approx(widths["population"], abs=0.02)


@pytest.mark.parametrize("picture", every_picture(), ids=lambda picture: picture.shape)
def test_a_picture_says_what_it_shows_and_its_table_has_the_same_numbers(picture: pictures.Picture) -> None:
    root = drawing(picture)
    title, text = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert text is not None
    assert root.get("role") == "img"
    assert (root.get("aria-labelledby"), root.get("aria-describedby")) == (title.get("id"), text.get("id"))
    assert title.text == picture.title
    assert all(f"{group.count} {group.name}" in (text.text or "") for group in picture.groups)
    assert picture.rows
    assert all(len(row) == len(picture.head) for row in picture.rows)
    if picture.shape != "chances":
        assert [row[1] for row in picture.rows] == [group.count for group in picture.groups]


@pytest.mark.parametrize("picture", every_picture(), ids=lambda picture: picture.shape)
def test_a_picture_has_no_inline_style_for_the_content_policy_to_block(picture: pictures.Picture) -> None:
    assert "style" not in picture.svg
    assert "<script" not in picture.svg


def test_a_title_cannot_break_out_of_a_picture() -> None:
    picture = pictures.votes(1, 0, 0, 0, title='</title><script>"x"')
    assert "<script" not in picture.svg


def test_a_count_below_zero_is_no_picture() -> None:
    with pytest.raises(ValueError, match="-1 dots"):
        pictures.ring(3, -1, 0, title="Seats")


@pytest.mark.parametrize("sizes", [[1], [7], [5, 5], [40, 30, 12], [300, 300]])
def test_the_dots_of_an_opinion_map_are_as_small_for_few_people_as_for_many(sizes):
    picture = pictures.opinion_groups(["one", "two", "three"][: len(sizes)], sizes, title="A map")
    left, top, width, height = map(float, re.search(r'viewBox="([^"]+)"', picture.svg)[1].split())
    assert width >= pictures.MAP_WIDTH
    dots = re.findall(r'cx="(-?[\d.]+)" cy="(-?[\d.]+)" r="([\d.]+)"', picture.svg)
    assert len(dots) == len(circles(picture))
    for x, y, radius in (map(float, dot) for dot in dots):
        assert radius / width <= 3 / pictures.MAP_WIDTH
        assert left + radius <= x <= left + width - radius
        assert top <= y - radius
        assert y + radius <= top + height
