"""Money in whole cents, and what the ceilings leave of it. No fraction of a cent is ever kept."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from isegoria_web.allowances.errors import MoneyWrong

MOST = 999_999
"""Cents that one claim can be: below 10,000 euros."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The most that may be paid in a day or a year, with the rule that says so."""

    cents: int
    rule: str


@dataclass(frozen=True, slots=True)
class Granted:
    """What is paid of what was due, and the rule of the ceiling that cut it; no rule where nothing was cut."""

    cents: int
    cut_rule: str


def cents_of(euros: str | Decimal) -> int:
    """Return euros as whole cents; half a cent is rounded up, away from zero (ROUND_HALF_UP).

    Raises
    ------
    MoneyWrong
        If it is no number.
    """
    try:
        value = Decimal(euros)
        if not value.is_finite() or abs(value) > MOST:
            raise MoneyWrong
        return int((value * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except InvalidOperation:
        raise MoneyWrong from None


def granted(
    due: int, *, day_so_far: int, year_so_far: int, day: Ceiling | None, year: Ceiling | None
) -> Granted:
    """Return what the ceilings leave: a hard stop, to the cent; never below zero, never above what is due.

    Parameters
    ----------
    due
        Cents to which the person would be entitled.
    day_so_far, year_so_far
        Cents that she has claimed or got for the same day and year, from all organisations.
    day, year
        The ceilings; None where there is none.
    """
    left, rule = due, ""
    for ceiling, so_far in ((day, day_so_far), (year, year_so_far)):
        room = left if ceiling is None else max(0, ceiling.cents - so_far)
        if ceiling is not None and room < left:
            left, rule = room, ceiling.rule
    return Granted(left, rule)
