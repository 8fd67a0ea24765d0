"""When the demonstration's acts happen: counted back from the day on which it is played."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Brussels")
FOUNDED = 330


@dataclass(frozen=True)
class Plan:
    """The days of one cycle, as days before the day of playing; negative ones lie ahead, None never comes."""

    opened: int
    announced: int
    drawn: int
    reply_by: int
    pool_closed: int | None = None
    committed: int | None = None
    panel_drawn: int | None = None
    accepted: int | None = None
    dossier: int | None = None
    meetings: tuple[int, ...] = ()
    drafted: int | None = None
    ballots_opened: int | None = None
    ballots_close: int | None = None
    minority: int | None = None
    report: int | None = None
    answers: int | None = None
    progress: int | None = None
    verdicts: int | None = None
    words: int | None = None
    handed_over: int | None = None
    confirmed: int | None = None
    names_called: int | None = None


PLANS = (
    # The answers to the first cycle were due after 120 days: one of them is 38 days late.
    Plan(
        opened=322, announced=315, drawn=312, reply_by=284, pool_closed=282, committed=281, panel_drawn=278,
        accepted=268, dossier=262, meetings=(254, 233, 212), drafted=226, ballots_opened=212,
        ballots_close=205, minority=202, report=158, answers=70, progress=20, verdicts=12, words=150,
    ),
    # The second one is in session: a ballot is open, an amendment can be proposed, a meeting lies ahead.
    Plan(
        opened=150, announced=146, drawn=143, reply_by=115, pool_closed=113, committed=112, panel_drawn=110,
        accepted=102, dossier=100, meetings=(60, 32, -9), drafted=18, ballots_opened=2, ballots_close=-6,
        handed_over=101, confirmed=64,
    ),
    # The third one invites: letters are out and can be answered.
    Plan(opened=30, announced=24, drawn=21, reply_by=-14),
)  # fmt: skip


def day(today: date, days_ago: int) -> date:
    """Return the day so many days before the day of playing."""
    return today - timedelta(days=days_ago)


def midnight(of: date) -> datetime:
    """Return the moment at which a day begins where the demonstration plays."""
    return datetime.combine(of, time(), ZONE)


def moment(today: date, days_ago: int, hour: str) -> datetime:
    """Return a local moment of that day."""
    hours, minutes = (int(part) for part in hour.split(":"))
    return datetime.combine(day(today, days_ago), time(hours, minutes), ZONE)
