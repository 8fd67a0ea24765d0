"""The door to `isegoria.rulebook`: by when the authority answers."""

from __future__ import annotations

from datetime import date

from isegoria import rulebook
from isegoria_web.institutions.algorithms import rule_book_of
from isegoria_web.institutions.models import Cycle

FROM_MANDATE = "mandate"


def answer_due(cycle: Cycle, handed_over: date) -> tuple[date, str] | None:
    """Return the last day for the authority's answer, and the rule that sets it; None if nothing does."""
    owed = rulebook.answer_due(rule_book_of(cycle.rule_book), handed_over, cycle.promised_answer_days)
    return None if owed is None else (owed[0], owed[1] or FROM_MANDATE)
