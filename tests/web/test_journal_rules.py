"""Whatever the journal says of a day, a number of seats, an eligibility or a refusal, it names the rule and its version."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import isegoria_web
from isegoria_web.institutions.algorithms import FROM_MANDATE, ground, promise_ground
from isegoria_web.journal.enums import Action
from isegoria_web.membership.algorithms import mandate_ground
from isegoria_web.recruitment.algorithms import rule_named
from isegoria_web.web.public.words import facts_in_words
from tests.web import factories

ROOT = Path(isegoria_web.__file__).parent
BOUND = re.compile(
    r"(?:^|_)(?:on|at|by|until|due|days|day|needed|size|late|threshold|quorum|age_min|left_out|eligible)$"
)
"""Facts of which a reader must be able to ask: by which rule?"""
NAMED = re.compile(
    r"^(?:rules|rule|rule_book|.+_rule|.*announced_rules\(\)|algorithms\.owed\(\)|_named\(\))$"
)
"""Keys that name rules, and the functions that put them together for several acts."""

ALWAYS = [
    "CYCLE_OPENED",
    "MANDATE_SIGNED",
    "MANDATE_REVISED",
    "LETTERS_ANNOUNCED",
    "LETTERS_DRAWN",
    "WAVE_DRAWN",
    "CORRESPONDENCE_DECIDED",
    "ELIGIBILITY_CHECKED",
    "QUOTAS_SET",
    "QUOTAS_PROPOSED",
    "QUOTAS_CHANGED",
    "POOL_FROZEN",
    "PANEL_DRAWN",
    "REPLACEMENT_ANNOUNCED",
    "RESULT_OVERDUE",
    "TIME_GIVEN",
    "MEMBER_SUSPENDED",
    "ALTERNATE_INELIGIBLE",
    "ALTERNATE_MOVED_UP",
    "ROTATION_ANNOUNCED",
    "BODY_ROTATED",
    "TERMS_ENDED",
    "APPOINTEE_SEATED",
    "QUESTION_ASKED",
    "QUESTION_ANSWERED",
    "BALLOT_OPENED",
    "MINORITY_OPINION_ADDED",
    "REPORT_HANDED_OVER",
    "ANSWER_PUBLISHED",
    "COSTS_CLAIMED",
    "CLAIMS_COMPUTED",
    "CLAIM_APPROVED",
    "CLAIM_REFUSED",
    "THEME_PROPOSED",
    "THEME_ADMITTED",
    "THEME_REFUSED",
    "THEME_SUPPORTED",
    "THEME_EXPIRED",
    "THEME_CHOSEN",
    "SIGNATURES_ERASED",
    "EXTRACT_LOADED",
    "DATA_ERASED",
]
"""Acts that carry a deadline, an eligibility, a quota, an amount or a refusal: they name rules, whatever else they say."""

THE_DAY_ITSELF = "the day on which the act takes effect; it is the act, and nothing follows from a rule"
OF_ITS_OWN = "fixed by whoever acts; nobody's right or duty hangs on it"
EXCEPTIONS = {
    "INSTITUTION_FOUNDED": THE_DAY_ITSELF,
    "MEMBER_RESUMED": THE_DAY_ITSELF,
    "APPOINTEE_LEFT": THE_DAY_ITSELF,
    "MEETING_CALLED": OF_ITS_OWN,
    "PAYMENTS_EXPORTED": "the day for which the bank is asked; no member has a claim to it",
    "SPEAKER_INVITED": "who chose the speaker, not a day",
    "LEGACY_WRITTEN": "in which role it was written, not a day",
    "REGISTER_SIFTED": "left_out counts by the rule itself, with its version; eligible is what remains",
}


def written() -> Iterator[tuple[str, str, list[str]]]:
    """Yield file, act and the keys of the facts of every entry that the site writes."""
    for path in sorted(ROOT.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") == "record"):
                continue
            given = {each.arg: each.value for each in call.keywords}
            facts = given.get("facts")
            keys = list(_keys(facts)) if facts is not None else []
            yield str(path.relative_to(ROOT)), ast.unparse(given["action"]).removeprefix("Action."), keys


def _keys(facts: ast.expr) -> Iterator[str]:
    """Yield the keys of the dictionary and of those spread into it; of values that are dictionaries none."""
    if not isinstance(facts, ast.Dict):
        if isinstance(facts, ast.Call):
            yield f"{ast.unparse(facts.func)}()"
        if isinstance(facts, ast.IfExp):
            yield from (*_keys(facts.body), *_keys(facts.orelse))
        return
    for key, value in zip(facts.keys, facts.values, strict=True):
        if key is None:
            yield from _keys(value)
        elif isinstance(key, ast.Constant):
            yield str(key.value)


SITES = list(written())


def test_every_act_that_binds_somebody_names_its_rules():
    silent = [
        (file, act)
        for file, act, keys in SITES
        if act in ALWAYS and not any(NAMED.match(key) for key in keys)
    ]
    assert silent == []
    assert set(ALWAYS) <= {act for _file, act, _keys in SITES} <= {*Action.__members__} | VARIABLE


VARIABLE = {act for _file, act, _keys in SITES if not act.isupper()}
"""Acts that are chosen between by the verb that writes them."""


def test_no_other_act_tells_a_day_or_a_number_without_its_rule():
    found = {
        (act, tuple(key for key in keys if BOUND.search(key)))
        for _file, act, keys in SITES
        if any(BOUND.search(key) for key in keys) and not any(NAMED.match(key) for key in keys)
    }
    assert sorted(each for each in found if each[0] not in EXCEPTIONS) == []
    assert {act for act, _keys in found} >= set(EXCEPTIONS)


def test_what_is_left_out_of_a_register_is_counted_by_rule(institution):
    cycle = factories.make_cycle(institution)
    assert rule_named(cycle, "cooling_off") == "bodies.assembly.cooling_off.months, ostbelgien 1"


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        (["bodies.assembly.size"], "bodies.assembly.size, ostbelgien 1"),
        (["draw.reply_days"], "silent: draw.reply_days, ostbelgien 1"),
        (["draw.reply_days", "draw.age_min"], "draw.age_min, ostbelgien 1"),
        (["bodies.council.rotation"], "bodies.council.rotation, ostbelgien 1"),  # a table of rules
        ([], "silent: ostbelgien 1"),
    ],
)
def test_a_rule_is_named_with_its_version_and_silence_is_said(institution, rules, named):
    assert ground(institution.rule_books.get(), *rules) == named


def test_a_promise_counts_only_where_the_statute_sets_no_day(institution):
    cycle = factories.make_cycle(institution)
    silent = promise_ground(cycle.rule_book, 90)
    assert (silent, promise_ground(cycle.rule_book, None)) == (
        FROM_MANDATE,
        "silent: duty.answer_days, ostbelgien 1",
    )
    ruled = factories.amend_rule_book(cycle, "[duty]\n", "[duty]\nanswer_months = 3\n")
    assert promise_ground(ruled, 90) == "duty.answer_months, ostbelgien 2"
    assert mandate_ground(cycle) == "bodies.assembly.mandate, ostbelgien 2"


def test_the_page_says_the_rule_and_the_silence_in_words():
    (fact,) = facts_in_words(
        {
            "rules": {
                "reply_by": "silent: draw.reply_days, ostbelgien 1",
                "panel_size": "bodies.assembly.size, ostbelgien 1",
                "due_on": "mandate",
            }
        }
    )
    assert fact.value == (
        "answers until: the statute is silent (draw.reply_days, ostbelgien 1); "
        "seats: bodies.assembly.size, ostbelgien 1; due: promised in the mandate"
    )
