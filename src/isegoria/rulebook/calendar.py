"""From rules to dates: every day of an institution's years, computed and never typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from isegoria.rulebook.cycles import (
    FIRST_MEETING_AFTER_DAYS,
    CalendarEntry,
    Cycle,
    Recruitment,
    after_report,
    blackouts,
    cycle_entries,
    meeting_days,
    members_kept_months,
    outside,
    plan_cycle,
    pool_erasure,
    recruitment,
    recruitment_before,
    recruitment_entries,
)
from isegoria.rulebook.dates import DAY, months_after, next_term
from isegoria.rulebook.model import Body, RuleBook

YEAR = 12
DAYS_OF_A_YEAR = 365.25
MEETINGS_A_YEAR = 4
"""Of a standing body whose statute is silent."""
DRAWN_BEFORE_DAYS = 14
"""Before a rotation by the clock among the members of another body."""


def cycle_days(
    book: RuleBook,
    start: date,
    *,
    body: str,
    meetings: int | None = None,
    elections: Sequence[date] = (),
    promised_answer_days: int | None = None,
) -> tuple[CalendarEntry, ...]:
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
    elections
        Elections of the authority, if there is a pause before them.
    promised_answer_days
        What the authority promised in the mandate; counts where the statute sets no deadline.

    Notes
    -----
    Meetings that would fall into the pause are moved behind the election. The body is installed at its first
    meeting. Days of erasure are those by which the data must be gone at the latest.
    """
    rules = book.body(body)
    cycle = plan_cycle(book, rules, 1, start, blackouts(book, body, elections), meetings)
    return _in_order(cycle_entries(book, rules, cycle, promised_answer_days))


def calendar(
    book: RuleBook,
    start: date,
    *,
    years: int = 10,
    elections: Sequence[date] = (),
    promised_answer_days: int | None = None,
) -> tuple[CalendarEntry, ...]:
    """Return every day of the years from `start` on: draws, rotations, meetings, deadlines, pauses, erasures.

    Parameters
    ----------
    book
        The rules.
    start
        The founding: the first letters are drawn on this day.
    years
        1 to 50; days from `start` on, up to the day before its anniversary.
    elections
        Elections of the authority.
    promised_answer_days
        As in `cycle_days`.

    Notes
    -----
    Guarantee: no meeting of a body falls into a pause that stops it; a body is convened no more often in a
    calendar year than its rule allows, counted by installations, and never before its last cycle has ended.
    Convened bodies follow one another evenly, in the middle of the range that the rule allows, once a year where
    it is silent; a cycle that would touch a pause begins after it. A rotation is not moved: terms end on their day.
    Bodies whose size is unknown, and those that nobody is drawn into, have no days.
    """
    end = months_after(start, YEAR * years)
    planner = _Planner(book, start, end, tuple(elections), promised_answer_days)
    entries = [entry for entry in planner.entries() if start <= entry.day < end]
    if book.ends_after_meetings is not None:
        entries = _until_the_end(entries, book.ends_after_meetings)
    return _in_order(entries)


def _in_order(entries: Iterator[CalendarEntry] | Sequence[CalendarEntry]) -> tuple[CalendarEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.day, entry.kind, entry.body, entry.number)))


def _until_the_end(entries: Sequence[CalendarEntry], meetings: int) -> list[CalendarEntry]:
    """Return the days of an institution that was abolished after so many meetings; what is owed to people stays."""
    held = sorted(entry.day for entry in entries if entry.kind == "meeting")
    if len(held) < meetings:
        return list(entries)
    last = held[meetings - 1]
    begun = {(entry.body, entry.number) for entry in entries if entry.kind == "panel" and entry.day <= last}
    kept = [
        entry
        for entry in entries
        if entry.day <= last or (entry.kind.endswith("_erased") and (entry.body, entry.number) in begun)
    ]
    return [*kept, CalendarEntry(last, "ended", "ends_after_meetings")]


class _Planner:
    """Lays out the years of one institution, body by body."""

    def __init__(
        self, book: RuleBook, start: date, end: date, elections: tuple[date, ...], promised: int | None
    ) -> None:
        self.book, self.start, self.end = book, start, end
        self.elections, self.promised = elections, promised
        drawn = [body for body in book.bodies if body.is_filled_by_lot]
        self.standing = [body for body in drawn if body.is_standing]
        self.convened = [body for body in drawn if not body.is_standing and body.drawn_from is None]
        self.chained = [body for body in drawn if not body.is_standing and body.drawn_from is not None]
        self.reports: dict[str, list[tuple[int, date]]] = {}

    def entries(self) -> Iterator[CalendarEntry]:
        for body in self.convened:
            yield from self.convened_body(body)
        for body in self.standing:
            yield from self.standing_body(body)
        for body in self.chained:
            yield from self.chained_body(body)
        rule = "blackout.months_before_election" if self.book.blackout else None
        for day in self.elections:
            yield CalendarEntry(day, "election", rule)
            if self.book.blackout:
                begins = months_after(day, -self.book.blackout.months_before_election)
                yield CalendarEntry(begins, "blackout", rule)

    # -- bodies that are convened for a theme ----------------------------------------------------------
    def convened_body(self, body: Body) -> Iterator[CalendarEntry]:
        reports = not any(each.drawn_from == body.key and each.meetings for each in self.chained)
        for cycle in self.cycles(body):
            self.reports.setdefault(body.key, []).append((cycle.recruitment.number, cycle.report))
            yield from cycle_entries(self.book, body, cycle, self.promised, reports=reports)

    def cycles(self, body: Body) -> Iterator[Cycle]:
        fewest, most = body.per_calendar_year or (1, 1)
        step = YEAR // min(YEAR, max(1, (fewest + most) // 2))
        limit = most if body.per_calendar_year else YEAR
        pauses = blackouts(self.book, body.key, self.elections)
        installed: dict[int, int] = {}
        number, slot, day = 1, 0, self.start
        while day < self.end:
            cycle = plan_cycle(self.book, body, number, day, pauses)
            first = cycle.meetings[0]
            touched = [ends for begins, ends in pauses if begins <= cycle.report and day <= ends]
            if touched:
                day = touched[0] + DAY
            elif installed.get(first.year, 0) >= limit:
                day += date(first.year + 1, 1, 1) - first
            else:
                yield cycle
                installed[first.year] = installed.get(first.year, 0) + 1
                number += 1
                while months_after(self.start, step * slot) <= day:
                    slot += 1
                day = max(months_after(self.start, step * slot), cycle.report + DAY)

    # -- bodies that stand ------------------------------------------------------------------------------
    def standing_body(self, body: Body) -> Iterator[CalendarEntry]:
        founding = recruitment(self.book, 1, self.start)
        first = founding.panel + timedelta(days=FIRST_MEETING_AFTER_DAYS)
        yield from recruitment_entries(self.book, body, founding)
        yield CalendarEntry(first, "installation", None, body.key, 1)
        yield from pool_erasure(self.book, first, first, body.key, 1)
        boundaries = list(self.boundaries(body, first))
        for number, (day, rule) in enumerate(boundaries, 2):
            yield from self.rotation(body, number, day, rule)
        for number, day in enumerate([day for day, _rule in boundaries], 1):
            erased = months_after(day - DAY, members_kept_months(self.book))
            yield CalendarEntry(erased, "members_erased", None, body.key, number)
        yield from self.regular_meetings(body, first)
        if not self.convened:
            yield from self.regular_reports(body, first, [day for day, _rule in boundaries])

    def boundaries(self, body: Body, first: date) -> Iterator[tuple[date, str | None]]:
        """Yield the first day of each new group of members, and the rule that sets it."""
        rotation, path = body.rotation, f"bodies.{body.key}.rotation."
        if rotation is not None and rotation.trigger == "assembly_closed":
            days = sorted(day for each in self.reports.values() for _number, day in each)
            yield from ((day + DAY, f"{path}trigger") for day in days if first < day + DAY < self.end)
            return
        if rotation is not None and rotation.trigger == "calendar_year":
            years = range(first.year + 1, self.end.year + 1)
            yield from ((day, f"{path}trigger") for year in years if (day := date(year, 1, 1)) < self.end)
            return
        months, rule = body.mandate_most, f"{path}trigger" if rotation else None
        if rotation is not None and rotation.every_months is not None:
            months, rule = rotation.every_months, f"{path}every_months"
        count = 1
        while months is not None and (day := next_term(first, months * count)) < self.end:
            yield day, rule
            count += 1

    def rotation(self, body: Body, number: int, day: date, rule: str | None) -> Iterator[CalendarEntry]:
        if body.drawn_from is None:
            yield from recruitment_entries(self.book, body, recruitment_before(self.book, number, day))
            yield from pool_erasure(self.book, day, day, body.key, number)
        else:
            event = body.rotation is not None and body.rotation.trigger is not None
            drawn = day - (DAY if event else timedelta(days=DRAWN_BEFORE_DAYS))
            yield CalendarEntry(drawn, "panel", f"bodies.{body.key}.drawn_from", body.key, number)
        yield CalendarEntry(day, "rotation", rule, body.key, number)

    def regular_meetings(self, body: Body, first: date) -> Iterator[CalendarEntry]:
        rule = f"bodies.{body.key}.meetings_per_year" if body.meetings_per_year else None
        pauses = blackouts(self.book, body.key, self.elections)
        count, step = 0, DAYS_OF_A_YEAR / (body.meetings_per_year or MEETINGS_A_YEAR)
        while (day := first + timedelta(days=round(step * count))) < self.end:
            if outside(day, pauses) == day:
                yield CalendarEntry(day, "meeting", rule, body.key)
            count += 1

    def regular_reports(self, body: Body, first: date, boundaries: list[date]) -> Iterator[CalendarEntry]:
        """Yield the reports of a body that deliberates itself: before it is renewed whole, else once a year."""
        whole = body.rotation is None or body.rotation.kind == "whole"
        days = [day - DAY for day in boundaries] if whole else []
        count = 1
        while not whole and (day := months_after(first, YEAR * count)) < self.end:
            days.append(day)
            count += 1
        for number, day in enumerate(days, 1):
            yield CalendarEntry(day, "report", None, body.key, number)
            yield from after_report(self.book, day, self.promised, body.key, number)

    # -- bodies whose members are drawn among those of another, cycle by cycle ----------------------------
    def chained_body(self, body: Body) -> Iterator[CalendarEntry]:
        pauses = blackouts(self.book, body.key, self.elections)
        for number, closed in self.reports.get(body.drawn_from or "", []):
            here = (body.key, number)
            first = closed + DAY
            held = (
                meeting_days(closed + timedelta(days=FIRST_MEETING_AFTER_DAYS), body.meetings, pauses)
                if body.meetings
                else ()
            )
            drawn = Recruitment(number, closed, closed, closed)
            yield CalendarEntry(drawn.panel, "panel", f"bodies.{body.key}.drawn_from", *here)
            yield CalendarEntry(first, "installation", None, *here)
            for day in held:
                yield CalendarEntry(day, "meeting", f"bodies.{body.key}.meetings", *here)
            if held:
                report = held[-1] + timedelta(days=FIRST_MEETING_AFTER_DAYS)
                yield CalendarEntry(report, "report", None, *here)
                yield from after_report(self.book, report, self.promised, *here)
            last = held[-1] if held else first
            erased = months_after(last, members_kept_months(self.book))
            yield CalendarEntry(erased, "members_erased", None, *here)
