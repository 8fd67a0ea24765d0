"""The door to `isegoria.rulebook`: by when the authority answers; and how far an amendment reaches."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from isegoria import rulebook
from isegoria_web import clock
from isegoria_web.ballots.algorithms import decided_at
from isegoria_web.errors import required
from isegoria_web.institutions.algorithms import FROM_MANDATE, ground, promise_ground, rule_book_of
from isegoria_web.institutions.models import Cycle
from isegoria_web.recommendations.models import Amendment, Recommendation
from isegoria_web.translated import in_language


def answer_due(cycle: Cycle, handed_over: date) -> tuple[date, str] | None:
    """Return the last day for the authority's answer, and the rule that sets it; None if nothing does."""
    owed = rulebook.answer_due(rule_book_of(cycle.rule_book), handed_over, cycle.promised_answer_days)
    return None if owed is None else (owed[0], owed[1] or FROM_MANDATE)


def final_due(cycle: Cycle, handed_over: date) -> tuple[date, str] | None:
    """Return the last day for the authority's final answer, and the rule that sets it; None where no rule asks for one."""
    return rulebook.final_due(rule_book_of(cycle.rule_book), handed_over)


def ground_of_duty(cycle: Cycle, rule: str) -> str:
    """Return the rule by which an answer is due, as the journal names it."""
    return rule if rule == FROM_MANDATE else ground(cycle.rule_book, rule)


def owed(cycle: Cycle, handed_over: datetime) -> dict[str, Any]:
    """Return, for the journal, by when the authority owes its answers to a report, and the rules that set the days."""
    day = clock.day_of(handed_over, cycle.institution.time_zone)
    days, rules = {}, {"due_on": promise_ground(cycle.rule_book, cycle.promised_answer_days)}
    if (due := answer_due(cycle, day)) is not None:
        days["due_on"] = due[0].isoformat()
    if (final := final_due(cycle, day)) is not None:
        days["final_due_on"] = final[0].isoformat()
        rules["final_due_on"] = ground_of_duty(cycle, final[1])
    return {**days, "rules": rules}


def review_due(cycle: Cycle, handed_over: datetime) -> date | None:
    """Return the day from which everybody sees what became of a report; None where the statute is silent."""
    months = rule_book_of(cycle.rule_book).duty.review_months
    day = clock.day_of(handed_over, cycle.institution.time_zone)
    return None if months is None else rulebook.months_after(day, months)


USUAL_MINORITY_DAYS = 7
"""Where the rule book is silent."""


def minority_period(cycle: Cycle) -> timedelta:
    """Return how long after a count members can add a minority opinion: the rule book's days, else seven."""
    decision = rule_book_of(cycle.rule_book).body(cycle.body.key).decision
    return timedelta(days=decision.minority_days or USUAL_MINORITY_DAYS)


def dissent_until(recommendation: Recommendation) -> datetime:
    """Return until when members can add a minority opinion to an adopted recommendation."""
    counted = decided_at(required(recommendation.ballot)) or clock.now()
    return counted + minority_period(recommendation.cycle)


def minority_ground(cycle: Cycle) -> str:
    """Return the rule that says how long a minority opinion can be added, as the journal names it."""
    return ground(cycle.rule_book, f"bodies.{cycle.body.key}.decision.minority_days")


def reach(before: str, after: str) -> Fraction:
    """Return how much of a text a change touches, from 0 (nothing) to 1 (everything).

    The words that are left out and put in, of all words of both texts. Marks of Markdown and spaces do not count.
    """
    old, new = (re.findall(r"\w+", text.lower()) for text in (before, after))
    if not old and not new:
        return Fraction(0)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    kept = sum(block.size for block in matcher.get_matching_blocks())
    return 1 - Fraction(2 * kept, len(old) + len(new))


def reach_of(amendment: Amendment) -> Fraction:
    """Return how far an amendment reaches, in the language in which it was written."""
    before: Mapping[str, str] = amendment.version.text
    return reach(in_language(before, amendment.language), in_language(amendment.text, amendment.language))


def in_order(amendments: Iterable[Amendment]) -> list[tuple[Amendment, Fraction]]:
    """Return amendments to one wording in the order in which they are decided.

    The one that reaches furthest first; of two that reach equally far, the one that was proposed first. So the
    members decide the large question before the small one, and nobody chooses the order.
    """
    ranked = [(each, reach_of(each)) for each in amendments]
    return sorted(ranked, key=lambda pair: (-pair[1], pair[0].proposed_at, pair[0].pk))
