"""From rules to dates: what a cycle's days are, computed and never typed."""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date, timedelta

from isegoria.rulebook.model import RuleBook

REPLY_DAYS = 28
"""Days to answer a letter where the statute sets none; two to four weeks are usual."""
DRAW_AFTER_DAYS = 7
FIRST_MEETING_AFTER_DAYS = 28
BETWEEN_MEETINGS_DAYS = 21
REPORT_AFTER_DAYS = 28


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A day of a cycle: what happens (`kind`), under which rule; `rule` is None where we only propose."""

    day: date
    kind: str
    rule: str | None


def months_after(day: date, count: int) -> date:
    """Return the same day so many months later, or the last day of that month where it is shorter.

    A term of six months from 31 August ends on 28 or 29 February.
    """
    index = day.year * 12 + day.month - 1 + count
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def calendar(
    book: RuleBook, start: date, *, body: str, meetings: int | None = None, election: date | None = None,
    promised_answer_days: int | None = None,
) -> tuple[CalendarEntry, ...]:  # fmt: skip
    """Return the days of one cycle, from the draw of the letters to the follow-up, in order.

    Parameters
    ----------
    book
        The rules.
    start
        The day on which the letters are drawn.
    body
        Key of the body whose cycle it is.
    meetings
        How many meetings; the rule book's number if None, three if it is silent too.
    election
        The next election of the authority, if there is a blackout before it.
    promised_answer_days
        What the authority promised in the mandate; counts where the statute sets no deadline.

    Notes
    -----
    Meetings that would fall into the blackout are moved behind the election.
    """
    rules = book.body(body)
    reply = start + timedelta(days=book.draw.reply_days or REPLY_DAYS)
    panel = reply + timedelta(days=DRAW_AFTER_DAYS)
    entries = [
        CalendarEntry(start, "letters", "draw.letters" if book.draw.letters else None),
        CalendarEntry(reply, "reply_by", "draw.reply_days" if book.draw.reply_days else None),
        CalendarEntry(panel, "panel", "draw.strata" if book.draw.strata else None),
    ]
    day = panel + timedelta(days=FIRST_MEETING_AFTER_DAYS)
    count = meetings or rules.meetings or 3
    for _meeting in range(count):
        day = _outside_blackout(book, day, election)
        entries.append(CalendarEntry(day, "meeting", f"bodies.{body}.meetings" if rules.meetings else None))
        day += timedelta(days=BETWEEN_MEETINGS_DAYS)
    report = entries[-1].day + timedelta(days=REPORT_AFTER_DAYS)
    entries.append(CalendarEntry(report, "report", None))
    entries.extend(_after_report(book, report, promised_answer_days))
    return tuple(sorted(entries, key=lambda entry: (entry.day, entry.kind)))


def _after_report(book: RuleBook, report: date, promised: int | None) -> list[CalendarEntry]:
    entries = []
    if book.duty.answer_days is not None:
        due = report + timedelta(days=book.duty.answer_days)
        entries.append(CalendarEntry(due, "answer_due", "duty.answer_days"))
    elif promised is not None:
        entries.append(CalendarEntry(report + timedelta(days=promised), "answer_due", None))
    if book.duty.review_months is not None:
        entries.append(
            CalendarEntry(months_after(report, book.duty.review_months), "review", "duty.review_months")
        )
    return entries


def _outside_blackout(book: RuleBook, day: date, election: date | None) -> date:
    if book.blackout is None or election is None:
        return day
    begins = months_after(election, -book.blackout.months_before_election)
    return election + timedelta(days=1) if begins <= day <= election else day
