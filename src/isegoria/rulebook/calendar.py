"""From rules to dates: what a cycle's days are, computed and never typed."""

from __future__ import annotations

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from isegoria.rulebook.model import Body, Language, RuleBook
from isegoria.rulebook.words import kind_in

REPLY_DAYS = 28
"""Days to answer a letter where the statute sets none; two to four weeks are usual."""
DRAW_AFTER_DAYS = 7
FIRST_MEETING_AFTER_DAYS = 28
BETWEEN_MEETINGS_DAYS = 21
REPORT_AFTER_DAYS = 28
EXTRACT_KEPT_DAYS = 30
"""After the draw of the letters; then the extract of the register goes."""
POOL_KEPT_MONTHS = 3
"""After the installation; then those go who said yes and were not drawn, unless they are a reserve."""
MEMBERS_KEPT_MONTHS = 18
"""After the report; then the members' addresses go."""


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A day of a cycle: what happens (`kind`), under which rule; `rule` is None where we only propose."""

    day: date
    kind: str
    rule: str | None

    def title(self, language: Language) -> str:
        """Return what happens, in words."""
        return kind_in(self.kind, language)


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
    """Return the days of one cycle, from the draw of the letters to the last erasure, in order.

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
    Meetings that would fall into the blackout are moved behind the election. The body is installed at its first
    meeting. Days of erasure are those by which the data must be gone at the latest.
    """
    rules = book.body(body)
    reply = start + timedelta(days=book.draw.reply_days or REPLY_DAYS)
    panel = reply + timedelta(days=DRAW_AFTER_DAYS)
    held = _meeting_days(book, panel, meetings or rules.meetings or 3, election)
    report = held[-1] + timedelta(days=REPORT_AFTER_DAYS)
    entries = [
        CalendarEntry(start, "letters", "draw.letters" if book.draw.letters else None),
        CalendarEntry(reply, "reply_by", "draw.reply_days" if book.draw.reply_days else None),
        CalendarEntry(panel, "panel", "draw.strata" if book.draw.strata else None),
        CalendarEntry(held[0], "installation", None),
        *(CalendarEntry(day, "meeting", _meeting_rule(rules)) for day in held),
        CalendarEntry(report, "report", None),
        *_after_report(book, report, promised_answer_days),
        *_rotations(book, start, report),
        *_erasures(book, start, panel, held[0], report),
        *_blackout(book, election),
    ]
    return tuple(sorted(entries, key=lambda entry: (entry.day, entry.kind)))


def _meeting_days(book: RuleBook, panel: date, count: int, election: date | None) -> list[date]:
    days: list[date] = []
    day = panel + timedelta(days=FIRST_MEETING_AFTER_DAYS)
    for _meeting in range(count):
        days.append(_outside_blackout(book, day, election))
        day = days[-1] + timedelta(days=BETWEEN_MEETINGS_DAYS)
    return days


def _meeting_rule(body: Body) -> str | None:
    return f"bodies.{body.key}.meetings" if body.meetings else None


def _after_report(book: RuleBook, report: date, promised: int | None) -> Iterator[CalendarEntry]:
    if book.duty.answer_days is not None:
        due = report + timedelta(days=book.duty.answer_days)
        yield CalendarEntry(due, "answer_due", "duty.answer_days")
    elif promised is not None:
        yield CalendarEntry(report + timedelta(days=promised), "answer_due", None)
    if book.duty.review_months is not None:
        yield CalendarEntry(months_after(report, book.duty.review_months), "review", "duty.review_months")


def _rotations(book: RuleBook, start: date, report: date) -> Iterator[CalendarEntry]:
    """Yield the renewals of the standing bodies: when the assembly closes, or by the clock until it does."""
    for body in book.bodies:
        rule = f"bodies.{body.key}.rotation"
        if body.rotation is None:
            continue
        if body.rotation.trigger is not None:
            yield CalendarEntry(report, "rotation", f"{rule}.trigger")
            continue
        step = count = body.rotation.every_months or 0
        while (day := months_after(start, count)) <= report:
            yield CalendarEntry(day, "rotation", f"{rule}.every_months")
            count += step


def _erasures(
    book: RuleBook, start: date, panel: date, installed: date, report: date
) -> Iterator[CalendarEntry]:
    yield CalendarEntry(start + timedelta(days=EXTRACT_KEPT_DAYS), "extract_erased", None)
    yield CalendarEntry(panel, "silent_erased", None)
    end = months_after(report, book.duty.review_months or 0)
    reserve = bool(book.draw.reserve)
    pool = (
        max(end, months_after(installed, POOL_KEPT_MONTHS))
        if reserve
        else months_after(installed, POOL_KEPT_MONTHS)
    )
    yield CalendarEntry(pool, "pool_erased", "draw.reserve" if reserve else None)
    yield CalendarEntry(max(end, months_after(report, MEMBERS_KEPT_MONTHS)), "members_erased", None)


def _blackout(book: RuleBook, election: date | None) -> Iterator[CalendarEntry]:
    if book.blackout is None or election is None:
        return
    begins, rule = _blackout_begins(book, election), "blackout.months_before_election"
    yield CalendarEntry(begins, "blackout", rule)
    yield CalendarEntry(election, "election", rule)


def _outside_blackout(book: RuleBook, day: date, election: date | None) -> date:
    if book.blackout is None or election is None:
        return day
    return election + timedelta(days=1) if _blackout_begins(book, election) <= day <= election else day


def _blackout_begins(book: RuleBook, election: date) -> date:
    return months_after(election, -book.blackout.months_before_election) if book.blackout else election
