"""Rule books of every kind: no rule of the schema is left out by the generator, and what holds for one holds for all."""

from __future__ import annotations

import datetime as dt
import types
from collections import defaultdict
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isegoria import rulebook
from isegoria.rulebook import RuleBook
from isegoria.rulebook.model import Rules
from isegoria.testing import rule_book

LANGUAGES = ("nl", "fr", "de", "en")
SAID_WITH_ANOTHER = {  # rules that have no sentence of their own
    "schema_version", "id", "version", "title", "sources", "languages", "level", "key", "leave", "kind", "entering",
    "returning", "consensus_first", "more_than", "allowance", "travel", "car_insurance", "childcare", "exact", "feature",
    "value", "scope", "per", "limit", "drawn",
}  # fmt: skip
SEEDS = st.integers(0, 10**6).map(str)
few = settings(max_examples=25, deadline=None, derandomize=True)  # the same books on every machine


@pytest.fixture(scope="module")
def books() -> list[RuleBook]:
    return [rule_book(str(seed)) for seed in range(120)]


# -- the generator forgets nothing --------------------------------------------------------------------------
def kinds(annotation: Any) -> Iterator[Any]:
    """Yield what a rule may be: each choice, both answers of a yes or no, None, or a type."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from kinds(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for each in get_args(annotation):
            yield from kinds(each)
    elif origin is Literal:
        yield from get_args(annotation)
    elif annotation is bool:
        yield from (True, False)
    else:
        yield None if annotation is types.NoneType else origin or annotation


def is_of(value: object, kind: Any) -> bool:
    if isinstance(kind, type):
        return isinstance(value, kind) and type(value) is not bool
    return type(value) is type(kind) and value == kind


def tables(value: object) -> Iterator[Rules]:
    if isinstance(value, Rules):
        yield value
        for name in type(value).model_fields:
            yield from tables(getattr(value, name))
    elif isinstance(value, tuple):
        for each in value:
            yield from tables(each)


def test_every_rule_of_the_schema_and_each_of_its_choices_is_in_some_generated_book(books):
    seen: dict[type[Rules], list[Rules]] = defaultdict(list)
    for book in books:
        for table in tables(book):
            seen[type(table)].append(table)
    assert set(seen) == set(Rules.__subclasses__())
    missing = [
        f"{kind.__name__}.{name}: {each!r}"
        for kind, found in seen.items()
        for name, field in kind.model_fields.items()
        for each in kinds(field.annotation)
        if not any(
            is_of(value, each) and value not in ({}, ()) for value in (getattr(t, name) for t in found)
        )
    ]
    missing += [
        f"{kind.__name__}.{name}: left out"
        for kind, found in seen.items()
        for name, field in kind.model_fields.items()
        if field.default in ({}, ()) and all(getattr(table, name) for table in found)
    ]
    assert missing == []


# -- what holds for all of them --------------------------------------------------------------------------------
@few
@given(SEEDS)
def test_every_rule_is_said_in_every_language_or_named_as_silent(seed):
    book = rule_book(seed)
    for language in LANGUAGES:
        sentences = rulebook.explain(book, language)
        said = {rule for rule, _sentence in sentences}
        assert all(sentence.strip() and "None" not in sentence for _rule, sentence in sentences)
        unsaid = {rule for rule in book.rules() if rule not in said and not rule.endswith("rotation.share")}
        assert {rule for rule in unsaid if rule.rsplit(".", 1)[-1] not in SAID_WITH_ANOTHER} == set()
        told = dict(sentences)
        assert all(f"({rule})" in told["silent"] for rule in book.silent())
        assert all(f"({rule})" in told["unconfirmed"] for rule in book.unconfirmed)


@few
@given(
    SEEDS, st.dates(dt.date(2024, 1, 1), dt.date(2040, 12, 31)), st.lists(st.integers(0, 1500), max_size=2)
)
def test_no_calendar_has_a_meeting_in_a_pause_or_more_of_them_than_the_rules_allow(seed, start, days):
    book, elections = rule_book(seed), [start + dt.timedelta(days=each) for each in sorted(set(days))]
    found = rulebook.calendar(book, start, years=4, elections=elections)
    known = set(book.rules())
    assert all(each.rule is None or each.rule in known for each in found)
    for body in book.bodies:
        own = [each for each in found if each.body == body.key]
        assert body.is_filled_by_lot or own == []
        met = [each.day for each in own if each.kind == "meeting"]
        pauses = rulebook.blackouts(book, body.key, elections)
        assert not [day for day in met for begins, ends in pauses if begins <= day <= ends]
        if body.per_calendar_year:
            years = [each.day.year for each in own if each.kind == "installation"]
            assert all(years.count(year) <= body.per_calendar_year[1] for year in years)
        if book.ends_after_meetings and any(each.kind == "ended" for each in found):
            ended = next(each.day for each in found if each.kind == "ended")
            assert all(day <= ended for day in met)


# -- rules that change how another one is said -----------------------------------------------------------------
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("decision.consensus_first", (True, False)),
        ("decision.more_than", (True, False)),
        ("decision", ({"consensus_first": True}, None)),
        ("fixed_seats.few.exact", (True, False)),
        ("rotation.share", ("1/2", "1/3")),
    ],
)
def test_a_rule_that_is_said_with_another_one_is_said(language, rule, values):
    plain = """
        schema_version = 2
        id = "town"
        version = "1"
        title = {en = "Town"}
        legal_basis = "none"
        languages = ["en"]
        level = "municipality"
        draw = {}
        duty = {}
        [[bodies]]
        key = "council"
        title = {en = "Council"}
        size = 24
        decision = {threshold = "2/3", consensus_first = true, more_than = true}
        rotation = {share = "1/2", trigger = "calendar_year"}
        fixed_seats = [{key = "few", title = {en = "Few"}, share = "1/8", exact = true}]
    """
    book = rulebook.loads(plain)
    one, two = (
        rulebook.loads(rulebook.changed(book, {f"bodies.council.{rule}": value})) for value in values
    )
    set_in_one, set_in_two = (
        [sentence for each, sentence in rulebook.explain(book, language) if each != "silent"]
        for book in (one, two)
    )
    assert set_in_one != set_in_two
