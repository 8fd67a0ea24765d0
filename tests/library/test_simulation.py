"""Rule books played for years with the real lottery: the bundled ones for ten, and any that holds."""

import datetime as dt
import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria import rulebook
from isegoria.rulebook.reading import bundled_text
from isegoria.simulation import Scenario, Sitting, picture, simulate, tables, violations
from isegoria.simulation.picture import cumulative_chances
from isegoria.testing import rule_book

SMALL = Scenario(years=3, residents=1500)
SMALLEST = Scenario(years=2, residents=1000)
TEN_YEARS = Scenario(years=10, residents=4000, letters_per_seat=30)
LARGER = {
    "municipal-starter": 8000
}  # nobody sits twice there: a small place runs out of people who say yes


@pytest.mark.parametrize("identifier", rulebook.bundled())
def test_every_bundled_rule_book_is_lived_for_ten_years_without_a_breach(identifier):
    book = rulebook.load_bundled(identifier)
    played = simulate(book, replace(TEN_YEARS, residents=LARGER.get(identifier, TEN_YEARS.residents)))
    assert violations(played) == ()
    assert set(played.bodies) == {one.body for one in played.sittings}
    for draw in played.draws:
        assert 0 <= draw.smallest <= draw.mean <= draw.largest <= 1 + 1e-9
        assert draw.mean * draw.pool == pytest.approx(draw.seats)
    ET.fromstring(picture(played))  # noqa: S314  # our own
    assert [table.title for table in tables(played)]


def breaches(played):
    # that a small place has too few willing people is told, and is no breach of a rule
    return [each for each in violations(played) if "were found by" not in each]


@given(st.integers(0, 10**6), st.integers(0, 10**6))
@settings(max_examples=10, deadline=None, derandomize=True)  # the same books on every machine
def test_any_rule_book_that_holds_is_lived_without_a_breach(book_seed, seed):
    assert breaches(simulate(rule_book(str(book_seed)), replace(SMALLEST, seed=str(seed)))) == []


@pytest.mark.parametrize(
    ("book_seed", "seed"),
    [
        (513, 1),  # a renewal ends the list of alternates
        (516823, 702638),  # a member of both bodies is not drawn into the second one twice
        (627689, 168838),  # the last empty seat is one that nobody held yet
        (863604, 891786),  # nobody returns who must wait after another body
        (651758, 50466),  # who leaves one body may wait for another
    ],
)
def test_a_rule_book_that_is_hard_to_play_is_lived_without_a_breach(book_seed, seed):
    book = rule_book(str(book_seed), further=False)
    assert breaches(simulate(book, replace(SMALL, seed=str(seed)))) == []


def test_nobody_returns_for_more_terms_than_the_rule_allows():
    plain = rule_book("28", further=False)  # half of the assembly returns, several times a year
    book = rulebook.loads(rulebook.changed(plain, {"bodies.assembly.most_terms": 2}))
    assert breaches(simulate(book, replace(SMALLEST, seed="28"))) == []


def test_seats_that_are_kept_by_age_are_drawn_where_age_is_the_only_feature():
    young = {"key": "young", "title": {"en": "Young"}, "seats": 4, "ages": [16, 29]}
    text = rulebook.changed(
        rule_book("28", further=False), {"draw.strata": ["age"], "bodies.assembly.fixed_seats": [young]}
    )
    played = simulate(rulebook.loads(text), replace(SMALLEST, drop_out=Fraction(0)))
    assert breaches(played) == []
    first = next(entry.day for entry in played.calendar if entry.kind == "installation")
    assert played.composition("assembly", first, "kept young")["young"] >= 4


def test_the_council_of_24_is_renewed_by_eight_and_meets_its_targets_whole():
    played = simulate(
        rulebook.load_bundled("municipal-starter"), replace(TEN_YEARS, years=4, drop_out=Fraction(0))
    )
    rotations = [entry.day for entry in played.calendar if entry.kind == "rotation"]
    assert len(rotations) >= 6
    for day in rotations:
        before = {one.person for one in played.roster("council", day - dt.timedelta(days=1))}
        after = {one.person for one in played.roster("council", day)}
        assert (len(before), len(after), len(before - after)) == (24, 24, 8)
    drawn = [draw for draw in played.draws if draw.body == "council" and draw.relaxed == 0]
    assert drawn
    for draw in drawn:
        first = next(
            entry.day
            for entry in played.calendar
            if entry.kind in {"installation", "rotation"}
            and (entry.body, entry.number) == ("council", draw.number)
        )
        women = played.composition("council", first, "sex")["F"]
        share = played.shares["council"]["sex"]["F"]
        assert abs(women - 24 * share) <= 1.5  # the population ages a little after the founding


def test_the_same_seed_gives_the_same_years_and_another_seed_others():
    book = rulebook.load_bundled("newham")
    scenario = replace(SMALL, years=2)
    assert simulate(book, scenario).sittings == simulate(book, scenario).sittings
    assert simulate(book, scenario).sittings != simulate(book, replace(scenario, seed="other")).sittings


def test_half_of_newhams_members_return():
    played = simulate(rulebook.load_bundled("newham"), replace(TEN_YEARS, years=3, drop_out=Fraction(0)))
    cycles = [entry.day for entry in played.calendar if entry.kind == "installation"]
    rosters = [{one.person for one in played.roster("assembly", day)} for day in cycles]
    assert [draw.seats for draw in played.draws] == [50, 25, 25]
    # Nothing keeps the other half from being drawn again, so that a few more may come back by lot.
    assert all(len(before & after) >= 25 for before, after in pairwise(rosters))


def test_madrid_is_over_after_two_meetings():
    played = simulate(rulebook.load_bundled("madrid"), replace(SMALL, years=2))
    ended = next(entry.day for entry in played.calendar if entry.kind == "ended")
    assert played.roster("observatory", ended)
    assert played.roster("observatory", ended + dt.timedelta(days=1)) == ()
    assert {one.left for one in played.sittings} <= {"abolished", "dropped_out"}


def test_chances_add_up_over_the_years_between_the_worst_and_the_best_group():
    rows = cumulative_chances(
        simulate(rulebook.load_bundled("municipal-starter"), replace(TEN_YEARS, years=3))
    )
    assert [year for year, *_rest in rows] == [2027, 2028, 2029]
    for _year, mean, worst, best in rows:
        assert 0 < worst <= mean <= best <= 1
    assert [row[1] for row in rows] == sorted(row[1] for row in rows)


# -- the checker is no rubber stamp: each kind of breach is seen --------------------------------------------
@pytest.fixture(scope="module")
def played():
    text = bundled_text("municipal-starter").replace("most_terms = 1", "most_terms = 2")
    return simulate(rulebook.loads(text), replace(SMALL, years=2, drop_out=Fraction(0)))


def changed(played, change):
    """Return the play with one sitting of the council changed."""
    index = next(i for i, one in enumerate(played.sittings) if one.body == "council")
    sittings = list(played.sittings)
    sittings[index : index + 1] = change(sittings[index])
    return replace(played, sittings=tuple(sittings))


def longer(one: Sitting) -> list[Sitting]:
    return [replace(one, last=one.last + dt.timedelta(days=600))]


def twice(one: Sitting) -> list[Sitting]:
    return [one, replace(one, seat=one.seat + 100)]


def back_soon(one: Sitting) -> list[Sitting]:
    later = one.last + dt.timedelta(days=30)
    return [one, replace(one, seat=one.seat + 100, first=later, last=later)]


def three_times(one: Sitting) -> list[Sitting]:
    far = [one.last + dt.timedelta(days=1000 * count) for count in (1, 2)]
    return [one, *(replace(one, seat=one.seat + 100, first=day, last=day) for day in far)]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (longer, "bodies.council.mandate_months"),
        (twice, "bodies.council.size"),
        (back_soon, "bodies.council.cooling_off.months"),
        (three_times, "bodies.council.most_terms"),
        (lambda _one: [], "bodies.council.size"),
    ],
)
def test_every_kind_of_breach_is_seen(played, change, rule):
    assert violations(played) == ()
    assert any(each.startswith(rule) for each in violations(changed(played, change)))


def test_a_member_who_was_not_drawn_among_the_members_of_the_other_body_is_seen():
    text = bundled_text("municipal-starter").replace(
        'key = "council"', 'key = "council"\ndrawn_from = "assembly"'
    )
    played = simulate(rulebook.loads(text), replace(SMALL, years=2))
    later = [one for one in played.sittings if one.body == "council" and one.number > 1]
    assert later  # the founders come by letter, all others out of the assembly
    assert violations(played) == ()
    index = played.sittings.index(later[0])
    stranger = replace(later[0], person="nobody")
    broken = (*played.sittings[:index], stranger, *played.sittings[index + 1 :])
    found = violations(replace(played, sittings=broken))
    assert any(each.startswith("bodies.council.drawn_from") for each in found)


def test_a_meeting_in_a_pause_is_seen(played):
    day = played.scenario.elections[0] - dt.timedelta(days=1)
    entry = rulebook.CalendarEntry(day, "meeting", None, "assembly", 1)
    broken = violations(replace(played, calendar=(*played.calendar, entry)))
    assert any(each.startswith("blackout") for each in broken)
