"""Rule books: what they say, what they leave open, and what is refused."""

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isegoria import rulebook
from isegoria.errors import BadInput, BadInputs
from isegoria.rulebook.model import Body, Draw, Duty, RuleBook, Rules
from isegoria.rulebook.reading import bundled_text
from isegoria.rulebook.words import KINDS, NAMES, PHRASES

LANGUAGES = ("nl", "fr", "de", "en")
OSTBELGIEN = bundled_text("ostbelgien")


def test_the_rule_book_of_ostbelgien_says_what_the_decree_says():
    book = rulebook.load_bundled("ostbelgien")
    council, assembly = book.body("council"), book.body("assembly")
    assert (council.size_min, council.size_max, council.mandate_months) == (24, 24, 18)
    assert (assembly.size_min, assembly.size_max) == (25, 50)
    assert assembly.decision.threshold == Fraction(4, 5)
    assert assembly.decision.consensus_first
    assert (book.draw.age_min, book.draw.letters, book.agenda.resident_signatures) == (16, 1000, 100)
    assert book.blackout is not None
    assert book.blackout.months_before_election == 6


def test_what_the_statute_leaves_open_is_named_and_not_invented():
    silent = rulebook.load_bundled("ostbelgien").silent()
    assert {"duty.answer_days", "bodies.assembly.decision.quorum", "pay.amount_per_day_eur"} <= set(silent)
    assert "bodies.assembly.decision.threshold" not in silent


def test_a_rule_that_is_set_in_another_way_is_not_silence():
    silent = rulebook.load_bundled("ostbelgien").silent()
    # The council's mandate is a number of months, its rotation an event; the assembly's mandate is a theme.
    for rule in (
        "council.mandate",
        "council.rotation.every_months",
        "council.meetings",
        "assembly.mandate_months",
    ):
        assert f"bodies.{rule}" not in silent
    without = rulebook.loads(OSTBELGIEN.replace("mandate_months = 18\n", ""))
    assert {"bodies.council.mandate", "bodies.council.mandate_months"} <= set(without.silent())


@pytest.mark.parametrize("identifier", rulebook.bundled())
def test_every_text_for_citizens_stands_in_four_languages(identifier):
    def missing(value, path=""):
        if isinstance(value, dict) and set(value) & set(LANGUAGES):
            return [path] if any(not value.get(language, "").strip() for language in LANGUAGES) else []
        if isinstance(value, dict):
            return [found for key, each in value.items() for found in missing(each, f"{path}.{key}")]
        if isinstance(value, (list, tuple)):
            return [
                found for index, each in enumerate(value) for found in missing(each, f"{path}[{index}]")
            ]
        return []

    assert missing(rulebook.load_bundled(identifier).model_dump()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_statute_is_explained_in_plain_words(language):
    sentences = dict(rulebook.explain(rulebook.load_bundled("ostbelgien"), language))
    assert "1000" in sentences["draw.letters"]
    assert sentences["bodies.assembly.decision.threshold"]
    assert "duty.answer_days" in sentences["silent"]


def leaves(table, path=""):
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, Rules):
            yield from leaves(value, f"{path}{name}.")
        elif name == "bodies":
            for body in value:
                yield from leaves(body, f"bodies.{body.key}.")
        elif value not in (None, {}, ()):
            yield f"{path}{name}"


SAID_WITH_ANOTHER = {  # rules that have no sentence of their own
    "schema_version", "id", "version", "title", "sources", "valid_from", "languages", "level", "key", "share", "leave",
    "consensus_first", "more_than", "allowance", "travel", "car_insurance",
}  # fmt: skip


@pytest.mark.parametrize("identifier", rulebook.bundled())
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_that_is_set_is_said(identifier, language):
    book = rulebook.load_bundled(identifier)
    said = {rule for rule, _sentence in rulebook.explain(book, language)}
    unsaid = {rule for rule in leaves(book) if rule not in said}
    assert {rule for rule in unsaid if rule.rsplit(".", 1)[-1] not in SAID_WITH_ANOTHER} == set()


def test_what_is_said_follows_the_data():
    changed = OSTBELGIEN.replace('share = "1/3"', 'share = "1/2"').replace(
        'trigger = "assembly_closed"', "every_months = 6"
    )
    sentences = dict(rulebook.explain(rulebook.loads(changed), "en"))
    assert sentences["bodies.council.rotation.every_months"].startswith("Half of the members leave every 6")
    assert "four fifths" in sentences["bodies.assembly.decision.threshold"]


def test_every_rule_that_can_be_silent_and_every_feature_of_a_draw_has_a_name():
    empty = RuleBook(
        schema_version=1, id="empty", version="1", title={"en": "Empty"}, legal_basis="none",
        valid_from=dt.date(2027, 1, 1), languages=("en",), level="municipality",
        bodies=(Body(key="body", title={"en": "Body"}, size=9),), draw=Draw(frame={"en": "all"}, age_min=16),
        duty=Duty(text={"en": "answers"}),
    )  # fmt: skip
    strata = [key for each in rulebook.bundled() for key in rulebook.load_bundled(each).draw.strata]
    for rule in [*empty.silent(), *strata]:
        assert set(NAMES[rule.rsplit(".", 1)[-1]]) == set(LANGUAGES), rule
    assert "duty.refusal_needs_reasons" in empty.silent()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_day_of_a_calendar_has_a_title(language):
    book = rulebook.load_bundled("ostbelgien")
    days = rulebook.calendar(
        book, dt.date(2027, 1, 1), body="assembly", election=dt.date(2029, 6, 3), promised_answer_days=90
    )
    assert {entry.kind for entry in days} == set(KINDS)
    assert all(entry.title(language).strip() for entry in days)


def test_every_phrase_has_the_same_parameters_in_every_language():
    import string

    for name, texts in PHRASES.items():
        assert set(texts) == set(LANGUAGES), name
        used = {
            frozenset(field for _, field, _, _ in string.Formatter().parse(text) if field)
            for text in texts.values()
        }
        assert len(used) == 1, name


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("size = 24", "size = 0", "bodies[council]", "seats"),
        ("size = [25, 50]", "size = [50, 25]", "bodies[assembly]", "fewest"),
        (
            'threshold = "4/5"',
            'threshold = "5/4"',
            "bodies[assembly].decision.threshold",
            "less than or equal to 1",
        ),
        ('threshold = "4/5"', 'threshold = "most"', "bodies[assembly].decision.threshold", "fraction"),
        ('key = "assembly"', 'key = "council"', "the whole file", "twice"),
        ('decides = "council"', 'decides = "senate"', "the whole file", "senate"),
        ("age_min = 16", "age_min = 16\nage_max = 90", "draw.age_max", "not permitted"),
        ("schema_version = 1", "schema_version = 2", "schema_version", "1"),
        ("valid_from = 2019-04-12", 'valid_from = "soon"', "valid_from", "date"),
        ("age_min = 16", "age_min = true", "draw.age_min", "integer"),
        ("letters = 1000", 'letters = "1000"', "draw.letters", "integer"),
        ("allowance = true", 'allowance = "yes"', "pay.allowance", "boolean"),
        ('fr = "Conseil citoyen"\n', "", "bodies.council.title", "fr"),
        ('nl = "Burgerraad"', 'nl = "  "', "bodies.council.title", "nl"),
    ],
)
def test_a_rule_that_does_not_hold_is_named_with_its_path(old, new, place, words):
    assert old in OSTBELGIEN
    with pytest.raises(BadInput) as caught:
        rulebook.loads(OSTBELGIEN.replace(old, new, 1), "mine.toml")
    error = caught.value
    faults = error.faults if isinstance(error, BadInputs) else (error,)
    assert any(place in str(fault.place) and words in str(fault) for fault in faults), str(error)
    assert all(fault.place.file == "mine.toml" for fault in faults)


def test_several_faults_are_listed_together():
    text = OSTBELGIEN.replace("size = 24", "size = 0").replace("age_min = 16", "age_min = 999")
    with pytest.raises(BadInputs) as caught:
        rulebook.loads(text)
    assert caught.value.total == 2


def test_what_is_not_toml_names_its_line():
    with pytest.raises(BadInput, match="line 2"):
        rulebook.loads("a = 1\nb == 2\n")


def test_a_missing_file_and_an_unknown_id_say_the_way_out(tmp_path):
    with pytest.raises(BadInput, match="Check the path"):
        rulebook.load(tmp_path / "none.toml")
    with pytest.raises(BadInput, match="ostbelgien"):
        rulebook.load_bundled("atlantis")
    with pytest.raises(BadInput, match="may read it"):
        rulebook.load(tmp_path)
    (tmp_path / "latin.toml").write_bytes(OSTBELGIEN.encode("cp1252"))
    with pytest.raises(BadInput, match="UTF-8"):
        rulebook.load(tmp_path / "latin.toml")


def test_a_byte_order_mark_does_no_harm(tmp_path):
    (tmp_path / "book.toml").write_text(f"\ufeff{OSTBELGIEN}", "utf-8")
    assert rulebook.load(tmp_path / "book.toml") == rulebook.load_bundled("ostbelgien")


def test_the_last_day_of_a_short_month_takes_over():
    assert rulebook.months_after(dt.date(2027, 8, 31), 6) == dt.date(2028, 2, 29)
    assert rulebook.months_after(dt.date(2026, 8, 31), 6) == dt.date(2027, 2, 28)
    assert rulebook.months_after(dt.date(2027, 3, 31), -1) == dt.date(2027, 2, 28)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)), st.integers(-600, 600))
def test_months_later_lands_in_the_right_month_and_never_later_in_it(day, count):
    landed = rulebook.months_after(day, count)
    assert (landed.year * 12 + landed.month) - (day.year * 12 + day.month) == count
    assert landed.day <= day.day


@given(
    start=st.dates(dt.date(2027, 1, 1), dt.date(2033, 1, 1)),
    until=st.integers(0, 500),
    meetings=st.integers(1, 8),
)
def test_no_meeting_falls_into_the_blackout_and_days_are_in_order(start, until, meetings):
    book = rulebook.load_bundled("ostbelgien")
    election = start + dt.timedelta(days=until)
    days = rulebook.calendar(
        book, start, body="assembly", meetings=meetings, election=election, promised_answer_days=90
    )
    begins = rulebook.months_after(election, -6)
    held = [entry.day for entry in days if entry.kind == "meeting"]
    by_kind = {entry.kind: entry.day for entry in days}
    assert held[0] == by_kind["installation"]
    assert by_kind["panel"] <= by_kind["silent_erased"]
    assert max(by_kind["review"], by_kind["report"]) <= by_kind["members_erased"]
    assert len(held) == meetings
    assert len(set(held)) == meetings
    assert not [day for day in held if begins <= day <= election]
    assert list(days) == sorted(days, key=lambda entry: (entry.day, entry.kind))
    assert {"letters", "reply_by", "panel", "report", "answer_due", "review"} <= {
        entry.kind for entry in days
    }


def test_a_body_renewed_by_the_clock_is_renewed_so_often():
    book = rulebook.loads(OSTBELGIEN.replace('trigger = "assembly_closed"', "every_months = 2"))
    days = rulebook.calendar(book, dt.date(2027, 8, 31), body="assembly")
    assert [entry.day for entry in days if entry.kind == "rotation"] == [
        dt.date(2027, 10, 31),
        dt.date(2027, 12, 31),
    ]


def test_who_stands_in_reserve_is_kept_for_the_next_draw_and_else_three_months():
    start = dt.date(2027, 1, 1)

    def erased(text):
        days = rulebook.calendar(rulebook.loads(text), start, body="assembly")
        return {entry.kind: entry for entry in days}

    reserve = erased(OSTBELGIEN)
    assert reserve["pool_erased"].day == reserve["review"].day
    assert reserve["pool_erased"].rule == "draw.reserve"
    begins = OSTBELGIEN.index("[draw.reserve]")
    without = erased(OSTBELGIEN[:begins] + OSTBELGIEN[OSTBELGIEN.index("[agenda]") :])
    assert without["pool_erased"].day == rulebook.months_after(without["installation"].day, 3)
    assert without["pool_erased"].rule is None
