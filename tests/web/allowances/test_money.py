"""Whole cents, half up; ceilings as a hard stop."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from isegoria.rulebook import load_bundled
from isegoria_web.allowances import algorithms, money, sepa
from isegoria_web.allowances.errors import MoneyWrong
from isegoria_web.institutions.models import RuleBookVersion
from isegoria_web.web.money_field import EurosField

pytestmark = pytest.mark.once

CENTS = st.integers(0, money.MOST)
CEILINGS = st.none() | st.builds(money.Ceiling, cents=CENTS, rule=st.just("rule"))


@given(CENTS, CENTS, CENTS, CEILINGS, CEILINGS)
def test_no_ceiling_is_ever_passed_and_nothing_is_withheld_without_one(
    due, day_so_far, year_so_far, day, year
):
    given_ = money.granted(due, day_so_far=day_so_far, year_so_far=year_so_far, day=day, year=year)
    assert 0 <= given_.cents <= due
    for ceiling, so_far in ((day, day_so_far), (year, year_so_far)):
        assert ceiling is None or given_.cents == 0 or so_far + given_.cents <= ceiling.cents
    rooms = [
        due,
        *(each.cents - so_far for each, so_far in ((day, day_so_far), (year, year_so_far)) if each),
    ]
    assert given_.cents == max(0, min(rooms))  # the most that is allowed
    assert bool(given_.cut_rule) == (given_.cents < due)


@given(st.lists(CENTS, max_size=30), st.integers(0, 50_000), st.integers(0, 200_000))
def test_however_many_meetings_the_year_stays_under_its_ceiling(dues, day_limit, year_limit):
    day, year, paid = money.Ceiling(day_limit, "day"), money.Ceiling(year_limit, "year"), 0
    for due in dues:  # one a day
        paid += money.granted(due, day_so_far=0, year_so_far=paid, day=day, year=year).cents
    assert paid == min(year_limit, sum(min(due, day_limit) for due in dues))


@given(CENTS)
def test_euros_and_cents_are_written_and_read_without_loss(cents):
    assert money.cents_of(sepa.euros(cents)) == cents


@pytest.mark.parametrize(
    ("euros", "cents"),
    [("0.005", 1), ("0.0049", 0), ("44.025", 4403), ("44.02", 4402), ("-0.005", -1), ("217", 21700)],
)
def test_half_a_cent_is_rounded_up(euros, cents):
    assert money.cents_of(euros) == cents


@pytest.mark.parametrize("typed", ["", "ten", "NaN", "Infinity", "1e999999"])
def test_what_is_no_money_is_refused(typed):
    with pytest.raises(MoneyWrong):
        money.cents_of(Decimal(typed) if typed == "NaN" else typed)


def version(identifier: str) -> RuleBookVersion:
    from importlib.resources import files

    assert load_bundled(identifier)
    return RuleBookVersion(
        text=files("isegoria.rulebook").joinpath(f"bundled/{identifier}.toml").read_text("utf-8")
    )


def test_the_ceilings_of_brussels_are_the_lower_of_the_statute_and_the_law_of_the_year():
    brussels = version("brussels-climate")
    assert algorithms.scheme_of(brussels) == "volunteer"
    for day, year in (
        (dt.date(2024, 5, 1), 165929),
        (dt.date(2025, 1, 1), 169251),
        (dt.date(2026, 12, 31), 176083),
    ):
        assert algorithms.ceiling_on(brussels, day, "day") == money.Ceiling(3500, "pay.amounts.day.eur")
        assert algorithms.ceiling_on(brussels, day, "year").cents == year
    assert algorithms.ceiling_on(brussels, dt.date(2023, 5, 1), "year") is None
    assert algorithms.rate_on(brussels, dt.date(2026, 5, 1)) is None


def test_amounts_of_wallonia_and_paris_are_fees():
    assert algorithms.rate_on(version("wallonia"), dt.date(2026, 1, 1)) == algorithms.Rate(
        21700, "day", "pay.amounts.day.eur"
    )
    half = algorithms.rate_on(version("paris"), dt.date(2026, 1, 1))
    assert (half.cents, half.per) == (4400, "half_day")
    assert [algorithms.units("half_day", dt.timedelta(hours=hours)) for hours in (3, 4, 5)] == [1, 1, 2]


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("12,50", 1250), ("12.50", 1250), (" 12 ", 1200), ("0,1", 10), ("1.234,50", None), ("1,2,3", None)],
)
def test_a_comma_is_read_as_people_write_it(typed, cents):
    field = EurosField()
    if cents is None:
        with pytest.raises(ValidationError):
            field.clean(typed)
    else:
        assert field.clean(typed) == cents
