"""The one clock of the site, so that a played cycle and a test can live on dates of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_set_to: ContextVar[datetime | None] = ContextVar("set_to", default=None)


def now() -> datetime:
    """Return the moment, aware, in UTC."""
    return _set_to.get() or datetime.now(UTC)


def today(zone: str) -> date:
    """Return the date in a time zone; terms and deadlines end at local midnight.

    A day that has ended does not come back: where clocks are set back across midnight, the first midnight counts.
    """
    place = ZoneInfo(zone)
    moment = now()
    day = moment.astimezone(place).date()
    following = datetime.combine(day + timedelta(days=1), time(0), place).astimezone(UTC)
    return following.astimezone(place).date() if moment >= following else day


def day_of(moment: datetime, zone: str) -> date:
    """Return the date of a moment in a time zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


@contextlib.contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stop the clock at a moment: for the demonstration and for tests, never on a live site."""
    if moment.tzinfo is None:
        raise ValueError("the moment needs a time zone")
    token = _set_to.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _set_to.reset(token)
