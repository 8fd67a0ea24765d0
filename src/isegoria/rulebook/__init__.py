"""What are the rules of this institution? A rule book is data: TOML, validated, versioned.

A rule that the statute does not set is absent from the file, and the software says so instead of inventing
one: see `RuleBook.silent`.
"""

from isegoria.rulebook.calendar import CalendarEntry, calendar, months_after
from isegoria.rulebook.model import Body, Decision, Draw, Duty, Language, RuleBook
from isegoria.rulebook.reading import bundled, load, load_bundled, loads
from isegoria.rulebook.words import explain, name_of

__all__ = [
    "Body",
    "CalendarEntry",
    "Decision",
    "Draw",
    "Duty",
    "Language",
    "RuleBook",
    "bundled",
    "calendar",
    "explain",
    "load",
    "load_bundled",
    "loads",
    "months_after",
    "name_of",
]
