"""Rule books: what they say, what they leave open, and what is refused."""

import datetime as dt
from fractions import Fraction
from pathlib import Path

import pytest

from isegoria import rulebook
from isegoria.errors import BadInput, BadInputs
from isegoria.rulebook.model import Body, Draw, Duty, RuleBook
from isegoria.rulebook.phrases import NAMES, PHRASES
from isegoria.rulebook.reading import bundled_text

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
    assert {"duty.answer_days", "bodies.assembly.decision.quorum", "pay.amounts"} <= set(silent)
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


SAID_WITH_ANOTHER = {  # rules that have no sentence of their own
    "schema_version", "id", "version", "title", "sources", "languages", "level", "key", "leave", "kind", "entering",
    "returning", "consensus_first", "more_than", "allowance", "travel", "car_insurance", "childcare", "exact", "feature",
    "value", "scope", "per", "limit", "drawn",
}  # fmt: skip


@pytest.mark.parametrize("identifier", rulebook.bundled())
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_that_is_set_is_said(identifier, language):
    book = rulebook.load_bundled(identifier)
    said = {rule for rule, _sentence in rulebook.explain(book, language)}
    unsaid = {rule for rule in book.rules() if rule not in said and not rule.endswith("rotation.share")}
    assert {rule for rule in unsaid if rule.rsplit(".", 1)[-1] not in SAID_WITH_ANOTHER} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_body_decides_between_assemblies_is_said_with_its_name_or_left_open(language):
    book = rulebook.load_bundled("ostbelgien")
    said, name = dict(rulebook.explain(book, language)), book.body("council").title[language]
    roles = ("agenda.decides", "agenda.judges", "agenda.adopts_question", "duty.follows_up")
    assert all(name in said[rule] for rule in roles)
    assert set(roles[1:]) <= set(book.unconfirmed)  # no legal text of them was seen
    starter = rulebook.load_bundled("municipal-starter")
    assert set(roles[1:]) <= set(starter.silent())
    assert not set(roles[1:]) & set(dict(rulebook.explain(starter, language)))


def test_what_is_said_follows_the_data():
    changed = OSTBELGIEN.replace('share = "1/3"', 'share = "1/2"').replace(
        'trigger = "assembly_closed"', "every_months = 9"
    )
    sentences = dict(rulebook.explain(rulebook.loads(changed), "en"))
    assert sentences["bodies.council.rotation.every_months"].startswith("Half of the members leave every 9")
    assert "four fifths" in sentences["bodies.assembly.decision.threshold"]


def test_every_rule_that_can_be_silent_and_every_feature_of_a_draw_has_a_name():
    empty = RuleBook(
        schema_version=2, id="empty", version="1", title={"en": "Empty"}, legal_basis="none",
        valid_from=dt.date(2027, 1, 1), languages=("en",), level="municipality",
        bodies=(Body(key="body", title={"en": "Body"}, size=9),), draw=Draw(frame={"en": "all"}, age_min=16),
        duty=Duty(text={"en": "answers"}),
    )  # fmt: skip
    strata = [key for each in rulebook.bundled() for key in rulebook.load_bundled(each).draw.strata]
    for rule in [*empty.silent(), *strata]:
        assert set(NAMES[rule.rsplit(".", 1)[-1]]) == set(LANGUAGES), rule
    assert "duty.refusal_needs_reasons" in empty.silent()


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
        ('judges = "council"', 'judges = "senate"', "the whole file", "agenda.judges: senate"),
        ('follows_up = "council"', 'follows_up = "senate"', "the whole file", "duty.follows_up: senate"),
        ("age_min = 16", "age_min = 16\nage_max = 90", "draw.age_max", "not permitted"),
        ("schema_version = 2", "schema_version = 3", "schema_version", "schema_version = 2"),
        ('version = "2024"', 'version = "2024"\nvalid_from = "soon"', "valid_from", "date"),
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


# -- rules that contradict each other -------------------------------------------------------------------
def starter(old, new):
    text = bundled_text("municipal-starter")
    assert old in text
    return text.replace(old, new, 1)


def other(identifier, old, new):
    text = bundled_text(identifier)
    assert old in text
    return text.replace(old, new, 1)


COUNCIL, ASSEMBLY = "bodies.council.", "bodies.assembly."
KEPT = '[[bodies.fixed_seats]]\nkey = "young"\ntitle = {nl = "j", fr = "j", de = "j", en = "j"}\n'


@pytest.mark.parametrize(
    ("code", "text", "first", "second"),
    [
        ("no_quorum", starter('quorum = "1/2"', 'quorum = "3/4"'), f"{COUNCIL}rotation.share", f"{COUNCIL}decision.quorum"),
        ("mandate_and_rotation", starter("mandate_months = 18", "mandate_months = 12"), f"{COUNCIL}mandate_months", f"{COUNCIL}rotation.every_months"),
        ("mandate_and_rotation", starter("mandate_months = 18", "mandate_months = 24"), f"{COUNCIL}mandate_months", f"{COUNCIL}rotation.every_months"),
        ("cohorts_and_size", other("milan-2023", "entering = 45", "entering = 40"), f"{ASSEMBLY}rotation.entering", f"{ASSEMBLY}size"),
        ("all_return", other("newham", "returning = 25", "returning = 50"), f"{ASSEMBLY}rotation.returning", f"{ASSEMBLY}size"),
        ("return_and_cooling_off", other("newham", "meetings = 6", "meetings = 6\ncooling_off = {months = 6}"), f"{ASSEMBLY}rotation.returning", f"{ASSEMBLY}cooling_off.months"),
        ("return_and_one_term", other("newham", "meetings = 6", "meetings = 6\nmost_terms = 1"), f"{ASSEMBLY}rotation.returning", f"{ASSEMBLY}most_terms"),
        ("seats_over_size", other("paris", "seats = 80", "seats = 90"), f"{ASSEMBLY}fixed_seats.minors", f"{ASSEMBLY}size"),
        ("seats_over_size", starter("[draw]", f"{KEPT}seats = 26\n\n[draw]"), f"{ASSEMBLY}fixed_seats.young", f"{ASSEMBLY}size"),
        ("seats_too_young", other("paris", "age_min = 16", "age_min = 18"), f"{ASSEMBLY}fixed_seats.minors.ages", "draw.age_min"),
        ("ratio", other("wallonia", "seats = 10", "seats = 12"), "bodies.committee.others.members-of-parliament.citizens_per_seat", "bodies.committee.size"),
        ("ratio", other("be-chamber", "size = [39, 51]", "size = [39, 52]"), "bodies.mixed-committee.others.members-of-parliament.citizens_per_seat", "bodies.mixed-committee.size"),
        ("more_than_all", starter('threshold = "1/2"', 'threshold = "1"'), f"{COUNCIL}decision.threshold", f"{COUNCIL}decision.more_than"),
        ("year_of_blackout", starter("months_before_election = 3", "months_before_election = 12"), f"{ASSEMBLY}per_calendar_year", "blackout.months_before_election"),
        ("entry_and_cooling_off", other("brussels-climate", "size = 100", 'size = 100\ncooling_off = {months = 6, scope = "institution"}'), "bodies.agenda-group.drawn_from", "bodies.panel.cooling_off.scope"),
        ("source_too_small", other("brussels-climate", "size = 25", "size = 101"), "bodies.agenda-group.drawn_from", "bodies.agenda-group.size"),
        ("answer_after", other("brussels-climate", "answer_months = 3", "answer_months = 13"), "duty.answer_months", "duty.final_months"),
        ("answer_after", starter("answer_days = 90", "answer_days = 400"), "duty.answer_days", "duty.review_months"),
        ("signatories", starter("resident_signatures = 100\n", ""), "agenda.signatory_age_min", "agenda.resident_signatures"),
        ("body_advises", other("ostbelgien", "more_than = true", 'more_than = true\neffect = "consultative"'), "agenda.judges", f"{COUNCIL}decision.effect"),
        ("body_is_over", other("ostbelgien", 'judges = "council"', 'judges = "assembly"'), "agenda.judges", f"{ASSEMBLY}mandate"),
        ("body_is_over", other("ostbelgien", 'adopts_question = "council"', 'adopts_question = "assembly"'), "agenda.adopts_question", f"{ASSEMBLY}mandate"),
        ("nothing_to_judge", other("brussels-climate", 'decides = "agenda-group"', 'decides = "agenda-group"\njudges = "agenda-group"'), "agenda.judges", "agenda.proposers"),
        ("empty_months", starter('kind = "part", share = "1/3", every_months = 6', 'kind = "whole", every_months = 24'), f"{COUNCIL}mandate_months", f"{COUNCIL}rotation.every_months"),
        ("empty_months", starter('kind = "part", share = "1/3", every_months = 6', 'kind = "whole", trigger = "calendar_year"').replace("mandate_months = 18", "mandate_months = 6"), f"{COUNCIL}mandate_months", f"{COUNCIL}rotation.trigger"),
        ("exact_seats", starter("[draw]", f"{KEPT}seats = 2\nexact = true\nages = [16, 25]\n{KEPT.replace('young', 'younger')}seats = 3\nages = [16, 25]\n\n[draw]"), f"{ASSEMBLY}fixed_seats.young", f"{ASSEMBLY}fixed_seats.younger"),
        ("replaced_too_long", starter("replaced_until_meeting = 2", "replaced_until_meeting = 5"), f"{ASSEMBLY}replaced_until_meeting", f"{ASSEMBLY}meetings"),
        ("circle", starter("mandate_months = 18", 'mandate_months = 18\ndrawn_from = "assembly"').replace("size = [25, 40]", 'size = 24\ndrawn_from = "council"'), f"{ASSEMBLY}drawn_from", f"{COUNCIL}drawn_from"),
        ("reminder_too_late", starter("reminder_days = 12", "reminder_days = 28"), "draw.reminder_days", "draw.reply_days"),
        ("letters_and_size", starter("letters = 1000", "letters = 24"), "draw.letters", f"{ASSEMBLY}size"),
        ("never_valid", starter('version = "1"', 'version = "1"\nvalid_from = 2027-01-02\nvalid_until = 2027-01-01'), "valid_from", "valid_until"),
        ("over_ceiling", other("wallonia", "[[pay.amounts]]", '[[pay.amounts]]\nkey = "most"\neur = "216.99"\nper = "day"\nlimit = true\n\n[[pay.amounts]]'), "pay.amounts.day.eur", "pay.amounts.most.eur"),
        ("pay", other("wallonia", "allowance = true", "allowance = false"), "pay.allowance", "pay.amounts.day.eur"),
    ],
)  # fmt: skip
def test_two_rules_that_cannot_both_hold_are_refused_with_both_ids(code, text, first, second):
    with pytest.raises(BadInput) as caught:
        rulebook.loads(text, "mine.toml")
    error = caught.value
    faults = error.faults if isinstance(error, BadInputs) else (error,)
    fault = next(each for each in faults if each.code == f"rulebook_{code}")
    assert (fault.parameters["first"], fault.parameters["second"]) == (first, second)
    assert first in fault.problem
    assert second in fault.problem
    assert fault.way_out
    assert fault.place.file == "mine.toml"


@pytest.mark.parametrize(
    "text",
    [
        starter("letters = 1000", "letters = 25"),
        starter("reminder_days = 12", "reminder_days = 27"),
        starter("replaced_until_meeting = 2", "replaced_until_meeting = 4"),
        starter('version = "1"', 'version = "1"\nvalid_from = 2027-01-01\nvalid_until = 2027-01-01'),
        starter('kind = "part", share = "1/3", every_months = 6', 'kind = "whole", every_months = 18'),
        other("wallonia", "[[pay.amounts]]", '[[pay.amounts]]\nkey = "most"\neur = "1000"\nper = "year"\nlimit = true\n\n[[pay.amounts]]'),
        # Who sits first is set out, so that the circle has a beginning.
        starter("mandate_months = 18", 'mandate_months = 18\ndrawn_from = "assembly"\nfirst_composition = {nl = "e", fr = "e", de = "e", en = "e"}').replace("size = [25, 40]", 'size = 24\ndrawn_from = "council"'),
    ],
)  # fmt: skip
def test_rules_that_just_hold_together_are_taken(text):
    rulebook.loads(text)


def test_a_book_that_was_adopted_is_read_although_more_is_refused_today():
    text = starter("reminder_days = 12", "reminder_days = 28")
    assert rulebook.loads(text, adopted=True).draw.reminder_days == 28
    with pytest.raises(BadInput):
        rulebook.loads(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (starter('share = "1/3", ', ""), "share belongs"),
        (starter('kind = "part"', 'kind = "cohorts"'), "belongs"),
        (starter("every_months = 6", 'every_months = 6, trigger = "cycle_closed"'), "either every_months or trigger"),
        (starter("answer_days = 90", "answer_days = 90\nanswer_months = 3"), "either answer_days or answer_months"),
        (starter('bodies = ["assembly"]', 'bodies = ["senate"]'), "senate is none of the bodies"),
        (starter('time_zone = "Europe/Brussels"', 'time_zone = "Europe/Bruxelles"'), "name of a time zone"),
        (starter("time_zone =", 'unconfirmed = ["draw.luck"]\ntime_zone ='), "draw.luck is no rule"),
        (starter("per_calendar_year = [1, 1]", "per_calendar_year = [2, 1]"), "[fewest, most]"),
        (other("brussels-climate", 'drawn_from = "panel"', 'drawn_from = "agenda-group"'), "from itself"),
        (other("paris", "ages = [16, 17]", "ages = [17, 16]"), "[first, last]"),
        (starter("resubmit_months = 12", "resubmit_months = 12\nfirst_meeting_months = [3, 2]"), "[soonest, latest]"),
    ],
)  # fmt: skip
def test_a_rule_that_is_badly_formed_is_refused(text, words):
    with pytest.raises(BadInput) as caught:
        rulebook.loads(text)
    assert words in str(caught.value)


# -- versions, silence, schema, differences --------------------------------------------------------------
def test_a_book_of_the_first_schema_is_still_read():
    first = OSTBELGIEN.replace("schema_version = 2", "schema_version = 1")
    assert rulebook.loads(first) == rulebook.load_bundled("ostbelgien")
    paid = first.replace("car_insurance = true", 'car_insurance = true\namount_per_day_eur = "50"')
    amounts = rulebook.loads(paid).pay.amounts
    assert [(each.eur, each.per) for each in amounts] == [("50", "day")]


def test_silent_may_be_written_out_and_says_the_same():
    text = OSTBELGIEN.replace("letters = 1000", 'letters = "silent"')
    written, left_out = rulebook.loads(text), rulebook.loads(OSTBELGIEN.replace("letters = 1000\n", ""))
    assert written == left_out
    assert "draw.letters" in written.silent()


def test_the_published_schema_is_that_of_the_software():
    published = Path(__file__).resolve().parents[2] / "docs" / "rulebook.schema.json"
    if not published.exists():
        pytest.skip("the documents are not here: the library is tested from its wheel")
    assert published.read_text("utf-8") == rulebook.schema_text()


def test_every_rule_of_the_schema_is_described():
    import json

    schema = json.loads(rulebook.schema_text())
    tables = [schema, *(table for table in schema["$defs"].values() if "properties" in table)]
    undescribed = [
        (table["title"], name)
        for table in tables
        for name, rule in table["properties"].items()
        if not rule.get("description")
    ]
    assert undescribed == []


@pytest.mark.parametrize("identifier", rulebook.bundled())
def test_every_bundled_rule_book_names_its_basis_and_its_sources(identifier):
    book = rulebook.load_bundled(identifier)
    assert book.legal_basis
    assert book.sources
    assert set(book.languages) == set(LANGUAGES)


def test_a_book_does_not_differ_from_itself_and_each_change_is_told():
    for identifier in rulebook.bundled():
        assert rulebook.diff(rulebook.load_bundled(identifier), rulebook.load_bundled(identifier)) == ()
    before, after = rulebook.load_bundled("ostbelgien-2019"), rulebook.load_bundled("ostbelgien")
    told = {each.rule: each for each in rulebook.diff(before, after, "de")}
    clock = told["bodies.council.rotation.every_months"]
    assert (clock.after, "alle 6 Monate" in (clock.before or "")) == (None, True)
    assert told["bodies.council.rotation.trigger"].before is None
    assert "bodies.council.size" not in told


@pytest.mark.parametrize("identifier", rulebook.bundled())
def test_a_difference_is_told_for_every_rule_that_is_left_out(identifier):
    book = rulebook.load_bundled(identifier)
    other_book = rulebook.load_bundled("aachen" if identifier != "aachen" else "paris")
    told = {each.rule for each in rulebook.diff(book, other_book)}
    old, new = book.rules(), other_book.rules()
    assert told == {rule for rule in {*old, *new} if old.get(rule) != new.get(rule)}


# -- plain words --------------------------------------------------------------------------------------------
MOST_WORDS = 30
"""In a sentence: what a reader of twelve can hold together, with room for the names that a statute must give."""
MEAN_WORDS = 12


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("identifier", rulebook.bundled())
def test_the_statute_is_told_in_short_sentences(identifier, language):
    import re

    told = [
        sentence
        for rule, sentence in rulebook.explain(rulebook.load_bundled(identifier), language)
        if rule not in {"legal_basis", "silent", "unconfirmed"}
    ]
    lengths = [
        len(part.split()) for sentence in told for part in re.split(r"[.;:!?]\s", sentence) if part.strip()
    ]
    assert max(lengths) <= MOST_WORDS
    assert sum(lengths) / len(lengths) <= MEAN_WORDS
