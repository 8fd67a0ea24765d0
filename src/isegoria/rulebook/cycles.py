"""One cycle of a body, from the draw of the letters to the last erasure: its days, computed and never typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from isegoria.rulebook.dates import DAY, months_after
from isegoria.rulebook.model import Body, Language, RuleBook
from isegoria.rulebook.words import kind_in

REPLY_DAYS = 28
"""Days to answer a letter where the statute sets none; two to four weeks are usual."""
DRAW_AFTER_DAYS = 7
FIRST_MEETING_AFTER_DAYS = 28
BETWEEN_MEETINGS_DAYS = 21
REPORT_AFTER_DAYS = 28
MEETINGS = 3
"""Meetings of a cycle where the statute is silent."""
EXTRACT_KEPT_DAYS = 30
"""After the draw of the letters; then the extract of the register goes."""
POOL_KEPT_MONTHS = 3
"""After the installation; then those go who said yes and were not drawn, unless they are a reserve."""
MEMBERS_KEPT_MONTHS = 18
"""After the report, or the last day of a term; then the members' addresses go, if nothing is owed to them any more."""

Span = tuple[date, date]
"""First and last day."""


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A day of the calendar: what happens (`kind`), to which body, in which of its draws, under which rule.

    `rule` is None where the statute is silent and we only propose; `body` is empty for what concerns all.
    """

    day: date
    kind: str
    rule: str | None
    body: str = ""
    number: int = 0

    def title(self, language: Language) -> str:
        """Return what happens, in words."""
        return kind_in(self.kind, language)


@dataclass(frozen=True, slots=True)
class Recruitment:
    """The days that bring members in: letters, last day to answer, draw; `number` counts a body's draws from 1."""

    number: int
    letters: date
    reply: date
    panel: date


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle of a body that is convened: who is drawn, when it meets, when it hands its report over."""

    recruitment: Recruitment
    meetings: tuple[date, ...]
    report: date


def blackouts(book: RuleBook, body: str, elections: Sequence[date]) -> tuple[Span, ...]:
    """Return the pauses that stop a body: from so many months before each election to its day, in order."""
    if book.blackout is None or not book.blackout.stops(body):
        return ()
    months = book.blackout.months_before_election
    return tuple((months_after(day, -months), day) for day in sorted(elections))


def outside(day: date, pauses: Sequence[Span]) -> date:
    """Return the day, or the first one after the pauses that it falls into."""
    for begins, ends in pauses:
        if begins <= day <= ends:
            day = ends + DAY
    return day


def recruitment(book: RuleBook, number: int, letters: date) -> Recruitment:
    """Return the days of a draw whose letters are drawn on a day."""
    reply = letters + timedelta(days=book.draw.reply_days or REPLY_DAYS)
    return Recruitment(number, letters, reply, reply + timedelta(days=DRAW_AFTER_DAYS))


def recruitment_before(book: RuleBook, number: int, first_day: date) -> Recruitment:
    """Return the days of a draw whose members sit from a day on."""
    panel = first_day - timedelta(days=FIRST_MEETING_AFTER_DAYS)
    reply = panel - timedelta(days=DRAW_AFTER_DAYS)
    return Recruitment(number, reply - timedelta(days=book.draw.reply_days or REPLY_DAYS), reply, panel)


def plan_cycle(
    book: RuleBook,
    body: Body,
    number: int,
    start: date,
    pauses: Sequence[Span],
    meetings: int | None = None,
) -> Cycle:
    """Return a cycle whose letters are drawn on `start`; meetings in a pause are held after it."""
    drawn = recruitment(book, number, start)
    day = drawn.panel + timedelta(days=FIRST_MEETING_AFTER_DAYS)
    if book.agenda.first_meeting_months is not None:
        day = max(day, months_after(start, book.agenda.first_meeting_months[0]))
    held = meeting_days(day, meetings or body.meetings or MEETINGS, pauses)
    return Cycle(drawn, held, held[-1] + timedelta(days=REPORT_AFTER_DAYS))


def meeting_days(day: date, count: int, pauses: Sequence[Span]) -> tuple[date, ...]:
    """Return so many days, three weeks apart, none of them in a pause."""
    days: list[date] = []
    for _meeting in range(count):
        days.append(outside(day, pauses))
        day = days[-1] + timedelta(days=BETWEEN_MEETINGS_DAYS)
    return tuple(days)


def cycle_entries(
    book: RuleBook, body: Body, cycle: Cycle, promised: int | None, *, reports: bool = True
) -> Iterator[CalendarEntry]:
    """Yield the days of a cycle; `reports` tells whether the authority must answer it."""
    drawn, path = cycle.recruitment, f"bodies.{body.key}."
    here = (body.key, drawn.number)
    yield from recruitment_entries(book, body, drawn)
    first = book.agenda.first_meeting_months
    yield CalendarEntry(
        cycle.meetings[0], "installation", "agenda.first_meeting_months" if first else None, *here
    )
    rule = f"{path}meetings" if body.meetings else None
    for day in cycle.meetings:
        yield CalendarEntry(day, "meeting", rule, *here)
    yield CalendarEntry(cycle.report, "report" if reports else "term_end", None, *here)
    if reports:
        yield from after_report(book, cycle.report, promised, *here)
    yield from pool_erasure(book, cycle.meetings[0], cycle.report, *here)
    yield CalendarEntry(
        months_after(cycle.report, members_kept_months(book)), "members_erased", None, *here
    )


def recruitment_entries(book: RuleBook, body: Body, drawn: Recruitment) -> Iterator[CalendarEntry]:
    """Yield letters, last day to answer, draw, and the erasures that follow from the letters."""
    draw, here = book.draw, (body.key, drawn.number)
    yield CalendarEntry(drawn.letters, "letters", "draw.letters" if draw.letters else None, *here)
    yield CalendarEntry(drawn.reply, "reply_by", "draw.reply_days" if draw.reply_days else None, *here)
    yield CalendarEntry(drawn.panel, "panel", "draw.strata" if draw.strata else None, *here)
    yield CalendarEntry(drawn.letters + timedelta(days=EXTRACT_KEPT_DAYS), "extract_erased", None, *here)
    yield CalendarEntry(drawn.panel, "silent_erased", None, *here)


def after_report(
    book: RuleBook, report: date, promised: int | None, body: str, number: int
) -> Iterator[CalendarEntry]:
    """Yield what the authority owes after a report, and when."""
    duty = book.duty
    due = answer_due(book, report, promised)
    if due is not None:
        yield CalendarEntry(due[0], "answer_due", due[1], body, number)
    final = final_due(book, report)
    if final is not None:
        yield CalendarEntry(final[0], "final_due", final[1], body, number)
    if duty.review_months is not None:
        day = months_after(report, duty.review_months)
        yield CalendarEntry(day, "review", "duty.review_months", body, number)


def answer_due(
    book: RuleBook, report: date, promised_days: int | None = None
) -> tuple[date, str | None] | None:
    """Return the last day for the authority's answer and the rule that sets it; None if nothing sets one.

    Parameters
    ----------
    report
        The day of the handing over; it does not count.
    promised_days
        What the authority promised in the mandate; counts, with no rule, where the statute sets no deadline.
    """
    duty = book.duty
    if duty.answer_days is not None:
        return report + timedelta(days=duty.answer_days), "duty.answer_days"
    if duty.answer_months is not None:
        return months_after(report, duty.answer_months), "duty.answer_months"
    return None if promised_days is None else (report + timedelta(days=promised_days), None)


def members_kept_months(book: RuleBook) -> int:
    """Return for how many months after a report, or the last day of a term, the members' addresses are kept.

    `MEMBERS_KEPT_MONTHS`, or as long as the authority owes them something by the statute: an answer, the account of
    what was done, or a review. A deadline in days counts
    as months of 28.
    """
    duty = book.duty
    owed = (duty.answer_months, -(-(duty.answer_days or 0) // 28), duty.final_months, duty.review_months)
    return max(MEMBERS_KEPT_MONTHS, *(months or 0 for months in owed))


def longest_promise(book: RuleBook) -> int | None:
    """Return the most days that a mandate can promise for the first answer: it must not come after the final one.

    None where the statute sets the first deadline itself, so that a promise has no effect, or asks for no final answer.
    Counted by the shortest that the months can be: on which day a report is handed over nobody knows yet.
    """
    duty = book.duty
    if duty.final_months is None or duty.answer_days is not None or duty.answer_months is not None:
        return None
    begins = [
        date(year, month, 1) for year in range(2025, 2029) for month in range(1, 13)
    ]  # all ways to meet a leap day
    return min((months_after(day, duty.final_months) - day).days for day in begins)


def final_due(book: RuleBook, report: date) -> tuple[date, str] | None:
    """Return the last day for the authority's final answer, the account of what was done, and the rule that sets it.

    None where the statute asks for no final answer: a mandate can promise a first one only.

    Parameters
    ----------
    report
        The day of the handing over; it does not count. A month that is too short ends the deadline with its last day,
        as `months_after` says.
    """
    months = book.duty.final_months
    return None if months is None else (months_after(report, months), "duty.final_months")


def pool_erasure(
    book: RuleBook, installed: date, report: date, body: str, number: int
) -> Iterator[CalendarEntry]:
    """Yield the day by which those are erased who said yes and were not drawn."""
    usual = months_after(installed, POOL_KEPT_MONTHS)
    if not book.draw.reserve:
        yield CalendarEntry(usual, "pool_erased", None, body, number)
        return
    end = months_after(report, book.duty.review_months or 0)
    yield CalendarEntry(max(end, usual), "pool_erased", "draw.reserve", body, number)
