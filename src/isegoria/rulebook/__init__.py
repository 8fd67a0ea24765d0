"""What are the rules of this institution? A rule book is data: TOML, validated, versioned.

A rule that the statute does not set is absent from the file, and the software says so instead of inventing
one: see `RuleBook.silent`.
"""

from isegoria.rulebook.calendar import calendar, cycle_days
from isegoria.rulebook.contradictions import Contradiction, contradictions
from isegoria.rulebook.cycles import CalendarEntry, answer_due, blackouts, final_due, longest_promise
from isegoria.rulebook.dates import end_of_day, months_after, next_term, term_end
from isegoria.rulebook.differences import Difference, diff
from isegoria.rulebook.entering import Entering, entering
from isegoria.rulebook.ics import to_ics
from isegoria.rulebook.model import Body, Decision, Draw, Duty, Language, RuleBook
from isegoria.rulebook.reading import bundled, bundled_text, load, load_bundled, loads, read_text
from isegoria.rulebook.schema import schema_text
from isegoria.rulebook.words import explain, name_of
from isegoria.rulebook.writing import changed, dumps

__all__ = [
    "Body",
    "CalendarEntry",
    "Contradiction",
    "Decision",
    "Difference",
    "Draw",
    "Duty",
    "Entering",
    "Language",
    "RuleBook",
    "answer_due",
    "blackouts",
    "bundled",
    "bundled_text",
    "calendar",
    "changed",
    "contradictions",
    "cycle_days",
    "diff",
    "dumps",
    "end_of_day",
    "entering",
    "explain",
    "final_due",
    "load",
    "load_bundled",
    "loads",
    "longest_promise",
    "months_after",
    "name_of",
    "next_term",
    "read_text",
    "schema_text",
    "term_end",
    "to_ics",
]
