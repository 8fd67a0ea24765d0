"""Months, terms and midnights: which day is meant, decided once.

A day is a calendar day of the institution's time zone; only `end_of_day` turns it into a moment. Nothing is moved
because a day is a Sunday or a holiday: where a statute wants that, it must say so.
"""

from __future__ import annotations

import calendar as months
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def months_after(day: date, count: int) -> date:
    """Return the last day of a deadline of so many months after an event on `day`; negative: before.

    The day of the event does not count; the deadline ends with the day of the same number, or with the last day
    of the month where it is shorter.

    Examples
    --------
    >>> months_after(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    >>> months_after(date(2027, 8, 31), 6)
    datetime.date(2028, 2, 29)
    """
    index = day.year * 12 + day.month - 1 + count
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def term_end(first: date, count: int) -> date:
    """Return the last day of a term of so many months that begins with the day `first`.

    The term ends with the day before the one of the same number; where the last month has no such day, with the
    last day of that month. So a term of six months from 31 August ends with the end of February, a term of a
    year from 29 February with 28 February, and the next term begins the day after: no day is lost and none counted
    twice.

    Examples
    --------
    >>> term_end(date(2027, 1, 1), 6), term_end(date(2026, 8, 31), 6), term_end(date(2028, 2, 29), 12)
    (datetime.date(2027, 6, 30), datetime.date(2027, 2, 28), datetime.date(2029, 2, 28))
    """
    landed = months_after(first, count)
    return landed - DAY if landed.day == first.day else landed


def next_term(first: date, count: int) -> date:
    """Return the first day after a term of so many months that begins with `first`.

    Periods are counted from the founding each time, never from one another, so that a short month shifts no later
    one.
    """
    return term_end(first, count) + DAY


def end_of_day(day: date, zone: str) -> datetime:
    """Return the moment, in UTC, at which a day ends there: terms, rights and deadlines end with it.

    Parameters
    ----------
    zone
        A name of the time zone database, such as ``"Europe/Brussels"``.

    Notes
    -----
    It is the first moment of the following day. Where clocks skip midnight, that is the moment of the change;
    where midnight comes twice, the first one. A day of summer time's beginning has 23 hours, one of its end 25.

    Examples
    --------
    >>> end_of_day(date(2027, 3, 28), "Europe/Brussels").isoformat()
    '2027-03-28T22:00:00+00:00'
    """
    return datetime.combine(day + DAY, time(0), ZoneInfo(zone)).astimezone(UTC)
