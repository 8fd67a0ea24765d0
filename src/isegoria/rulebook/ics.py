"""A calendar as an iCalendar file (RFC 5545), for any calendar program."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date

from isegoria.rulebook.cycles import CalendarEntry
from isegoria.rulebook.dates import DAY
from isegoria.rulebook.model import Language, RuleBook

LINE_BYTES = 75
"""RFC 5545, 3.1: a line is no longer, without its end; what is longer goes on after a space."""
PRODUCT = "-//Isegoria//Rule book calendar 1//EN"


def to_ics(
    book: RuleBook,
    entries: Iterable[CalendarEntry],
    language: Language = "en",
    *,
    stamp: date,
    proposed: str,
) -> str:
    """Return the days as an iCalendar text: one event of a whole day for each.

    Parameters
    ----------
    book
        For titles and the names of the bodies.
    entries
        Of `calendar`.
    language
        Of the titles.
    stamp
        The day of the calendar's making; all events carry its midnight in UTC.
    proposed
        What is said of a day that no rule sets.

    Returns
    -------
    str
        Lines end with CR LF, as the standard wants; the same entries give the same text and the same
        identifiers, so that a calendar program updates an event instead of doubling it.
    """
    lines = [line for entry in entries for line in _event(book, entry, language, stamp, proposed)]
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN"]
    return "".join(f"{folded}\r\n" for line in [*head, *lines, "END:VCALENDAR"] for folded in _folded(line))


def _event(
    book: RuleBook, entry: CalendarEntry, language: Language, stamp: date, proposed: str
) -> Iterator[str]:
    title = entry.title(language)
    if entry.body:
        texts = book.body(entry.body).title
        title = f"{texts.get(language) or next(iter(texts.values()))}: {title}"
    # The day belongs to it: meetings of one cycle differ by nothing else.
    name = f"{book.id}\0{entry.kind}\0{entry.body}\0{entry.number}\0{entry.day.isoformat()}"
    yield "BEGIN:VEVENT"
    yield f"UID:{hashlib.sha256(name.encode()).hexdigest()[:32]}@isegoria"
    yield f"DTSTAMP:{stamp:%Y%m%d}T000000Z"
    yield f"DTSTART;VALUE=DATE:{entry.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{entry.day + DAY:%Y%m%d}"
    yield f"SUMMARY:{_text(title)}"
    yield f"DESCRIPTION:{_text(entry.rule or proposed)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _text(value: str) -> str:
    """Return a text with the signs escaped that the format gives a meaning (RFC 5545, 3.3.11)."""
    for sign in "\\;,":
        value = value.replace(sign, f"\\{sign}")
    return value.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Yield a line in pieces of at most 75 bytes that never split a character."""
    piece, room = "", LINE_BYTES
    for sign in line:
        if len((piece + sign).encode()) > room:
            yield piece
            piece, room = " ", LINE_BYTES
        piece += sign
    yield piece
