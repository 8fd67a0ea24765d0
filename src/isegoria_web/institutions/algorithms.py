"""The door to `isegoria.rulebook`: rule books as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from isegoria import rulebook
from isegoria.rulebook.cycles import blackouts, plan_cycle
from isegoria_web.institutions.enums import Stage
from isegoria_web.institutions.models import RuleBookVersion


def read_rule_book(text: str, file: str = "rule book") -> rulebook.RuleBook:
    """Return the rule book that a TOML text describes, or refuse with the path in it."""
    return rulebook.loads(text, file)


def text_of_file(path: Path) -> str:
    """Return an uploaded rule book as text."""
    return rulebook.read_text(path)


def rule_book_of(version: RuleBookVersion) -> rulebook.RuleBook:
    """Return the rules under which something runs; a text is read once, however often it is asked."""
    return _read(version.text, f"{version.identifier} {version.number}")


def dated(rule: str, version: RuleBookVersion) -> str:
    """Return a rule's id with the version of the rule book that holds it, as the journal and the pages name it."""
    return f"{rule}, {version.identifier} {version.number}"


FROM_AUTHORITY = "authority"
"""What the journal says where no rule of a rule book speaks, and a public authority decided."""

SILENT = "silent"
"""What the journal says instead of a rule where the statute sets none; behind a colon, the rule that could have set it."""


def ground(version: RuleBookVersion, *rules: str) -> str:
    """Return the rules that are behind a day, a number or a refusal, with their version, as the journal names them.

    Parameters
    ----------
    *rules
        Ids, each of one rule or of a table of them. Those that the rule book sets are named; where it sets none of them, that the
        statute is silent on the first. No id at all: no rule of any rule book could say it.
    """
    held = [rule for rule in rules if _sets(version, rule)]
    if held:
        return dated(" + ".join(held), version)
    return (
        f"{SILENT}: {dated(rules[0], version)}"
        if rules
        else f"{SILENT}: {version.identifier} {version.number}"
    )


def _sets(version: RuleBookVersion, rule: str) -> bool:
    known = _rules_of(version.text, f"{version.identifier} {version.number}")
    return rule in known or any(each.startswith(f"{rule}.") for each in known)


@lru_cache(maxsize=32)
def _rules_of(text: str, name: str) -> frozenset[str]:
    return frozenset(_read(text, name).rules())


def most_a_year(version: RuleBookVersion, body: str) -> tuple[int, str] | None:
    """Return how often a body is convened in a calendar year at most, and the rule with its version; None where silent."""
    limits = _limit_of(version, body, "per_calendar_year")
    return None if limits is None else (limits[1], dated(f"bodies.{body}.per_calendar_year", version))


def meetings_a_year(version: RuleBookVersion, body: str) -> tuple[int, str] | None:
    """Return how many meetings a body has in a year, and the rule with its version; None where the statute is silent."""
    meetings = _limit_of(version, body, "meetings_per_year")
    return None if meetings is None else (meetings, dated(f"bodies.{body}.meetings_per_year", version))


def drawn_among(version: RuleBookVersion, body: str) -> tuple[str, str] | None:
    """Return the key of the body among whose members people are drawn, and the rule with its version; None where silent."""
    source = _limit_of(version, body, "drawn_from")
    return None if source is None else (source, dated(f"bodies.{body}.drawn_from", version))


def _limit_of(version: RuleBookVersion, body: str, rule: str) -> Any:
    found = next((each for each in rule_book_of(version).bodies if each.key == body), None)
    return None if found is None else getattr(found, rule)


def planned_days(
    version: RuleBookVersion, body: str, letters: date, elections: Sequence[date] = ()
) -> dict[Stage, tuple[date, str]]:
    """Return the days of a cycle whose letters are drawn on a day, by stage, as the calendar of the rule book has them.

    Each with the rule behind it, or that the statute is silent and a usual time is proposed. Nothing for a body that the
    rules do not know.
    """
    book = rule_book_of(version)
    found = next((each for each in book.bodies if each.key == body), None)
    if found is None:
        return {}
    cycle = plan_cycle(book, found, 1, letters, blackouts(book, body, elections))
    meetings = ground(version, f"bodies.{body}.meetings")
    return {
        Stage.INVITING: (letters, ground(version)),
        Stage.DRAWING: (cycle.recruitment.panel, ground(version, "draw.reply_days")),
        Stage.SEATED: (cycle.meetings[0], ground(version, "agenda.first_meeting_months")),
        Stage.LEARNING: (cycle.meetings[0], meetings),
        Stage.DELIBERATING: (cycle.meetings[min(1, len(cycle.meetings) - 1)], meetings),
        Stage.DECIDING: (cycle.meetings[-1], meetings),
        Stage.ANSWERING: (cycle.report, ground(version)),
    }


def longest_promise(version: RuleBookVersion) -> tuple[int, str] | None:
    """Return the most days that a mandate can promise for the answer, and the rule with its version; None where any will do."""
    days = rulebook.longest_promise(rule_book_of(version))
    return None if days is None else (days, dated("duty.final_months", version))


def promise_ground(version: RuleBookVersion, promised_days: int | None) -> str:
    """Return the rule by which the authority must answer in time: the statute's, else the promise in the mandate."""
    named = ground(version, "duty.answer_days", "duty.answer_months")
    return FROM_MANDATE if named.startswith(SILENT) and promised_days is not None else named


FROM_MANDATE = "mandate"
"""What is named instead of a rule where the mandate of a cycle said it."""


@lru_cache(maxsize=32)
def _read(text: str, name: str) -> rulebook.RuleBook:
    return rulebook.loads(text, name, adopted=True)


def changes_between(before: str, after: str, language: str = "en") -> tuple[rulebook.Difference, ...]:
    """Return the rules that differ between two adopted texts, in plain words; what only names the version does not count."""
    old, new = (rulebook.loads(each, adopted=True) for each in (before, after))
    found = rulebook.diff(old, new, _known(language))
    return tuple(each for each in found if each.rule not in {"version", "valid_from", "valid_until"})


def sentences_of(book: rulebook.RuleBook, language: str) -> tuple[tuple[str, str], ...]:
    """Return the rule book in plain words, each sentence with its rule's id; what it leaves open stands apart."""
    return tuple(each for each in rulebook.explain(book, _known(language)) if each[0] != "silent")


ROLES = ("agenda.judges", "agenda.decides", "agenda.adopts_question", "duty.follows_up")
"""The rules that give a body something to decide between assemblies, in the order in which it comes up."""


def roles_of(version: RuleBookVersion) -> dict[str, list[str]]:
    """Return, by the key of each body that decides something between assemblies, the rules that say so."""
    rules, found = rule_book_of(version).rules(), dict[str, list[str]]()
    for rule in ROLES:
        if rule in rules:
            found.setdefault(str(rules[rule]), []).append(rule)
    return found


def name_of(rule: str, language: str) -> str:
    """Return the name of a rule, for the list of those on which the statute is silent."""
    return rulebook.name_of(rule, _known(language))


def _known(language: str) -> rulebook.Language:
    return language if language in {"nl", "fr", "de", "en"} else "en"  # type: ignore[return-value]


# -- founding, and other numbers ---------------------------------------------------------------------------

NOT_OF_A_NEW_ONE = ("valid_from", "valid_until", "ended", "ends_after_meetings")
"""What a bundled book says of the institution that it was taken from, and of no other."""
NAMES_THE_BOOK = frozenset(
    {"id", "version", "title", "legal_basis", "sources", "unconfirmed", "languages", "time_zone", "level"}
).union(NOT_OF_A_NEW_ONE)
SHOWN_DAYS = frozenset(
    {
        "letters",
        "reply_by",
        "panel",
        "installation",
        "rotation",
        "report",
        "answer_due",
        "final_due",
        "review",
    }
).union({"term_end", "blackout", "election", "ended"})
"""The days of a calendar that decide; meetings and erasures stand in the whole calendar."""


@dataclass(frozen=True, slots=True)
class Number:
    """A rule that is usually changed: its id, what kind of value it takes, its value, and the table it belongs to."""

    rule: str
    kind: str
    value: Any
    group: str

    @property
    def words(self) -> str:
        """The last part of the rule's id, under which its sentence is found."""
        return ".".join(each for each in self.rule.split(".")[-2:] if each in _TABLES or each == self.name)

    @property
    def name(self) -> str:
        """The last word of the rule's id."""
        return self.rule.rsplit(".", 1)[-1]


_TABLES = {
    "rotation",
    "cooling_off",
    "decision",
    "draw",
    "duty",
    "agenda",
    "pay",
    "blackout",
    "fixed_seats",
}


def bundled_books() -> tuple[rulebook.RuleBook, ...]:
    """Return the rule books that come along."""
    return tuple(rulebook.load_bundled(each) for each in rulebook.bundled())


def bundled_text(identifier: str) -> str:
    """Return a rule book that comes along, word for word."""
    return rulebook.bundled_text(identifier)


def usual_numbers(book: rulebook.RuleBook) -> tuple[Number, ...]:
    """Return the rules that are usually changed when a rule book is adopted elsewhere, in the order of the book."""
    found = [each for body in book.bodies if body.is_filled_by_lot for each in _numbers_of(body)]
    draw, duty, pay = book.draw, book.duty, book.pay
    found += [
        Number("draw.age_min", "count", draw.age_min, "draw"),
        Number("draw.letters", "count", draw.letters, "draw"),
        Number("draw.reply_days", "count", draw.reply_days, "draw"),
        Number("draw.challenge_days", "count", draw.challenge_days, "draw"),
        Number("draw.strata", "features", list(draw.strata), "draw"),
    ]
    if not book.agenda.chosen_by or book.agenda.resident_signatures:
        signatures = book.agenda.resident_signatures
        found.append(Number("agenda.resident_signatures", "count", signatures, "agenda"))
    clock = "answer_months" if duty.answer_months is not None else "answer_days"
    found += [
        Number(f"duty.{clock}", "count", getattr(duty, clock), "duty"),
        Number("duty.review_months", "count", duty.review_months, "duty"),
        Number("pay.allowance", "yes_no", pay.allowance, "pay"),
        Number("pay.travel", "yes_no", pay.travel, "pay"),
        Number("pay.childcare", "yes_no", pay.childcare, "pay"),
    ]
    found += [Number(f"pay.amounts.{each.key}.eur", "money", each.eur, "pay") for each in pay.amounts]
    months = book.blackout.months_before_election if book.blackout else None
    return (*found, Number("blackout.months_before_election", "count", months, "blackout"))


def _numbers_of(body: rulebook.Body) -> Iterator[Number]:
    path, group = f"bodies.{body.key}", f"bodies.{body.key}"
    yield Number(f"{path}.size", "range", [body.size_min, body.size_max], group)
    if isinstance(body.mandate_months, int):
        yield Number(f"{path}.mandate_months", "count", body.mandate_months, group)
    if body.alternates != "equal":
        yield Number(f"{path}.alternates", "count0", body.alternates, group)
    if body.rotation is not None and body.rotation.every_months is not None:
        yield Number(f"{path}.rotation.every_months", "count", body.rotation.every_months, group)
    if body.rotation is not None and body.rotation.share is not None:
        yield Number(f"{path}.rotation.share", "share", str(body.rotation.share), group)
    for rule in ("meetings", "meetings_per_year"):
        if getattr(body, rule) is not None:
            yield Number(f"{path}.{rule}", "count", getattr(body, rule), group)
    if body.cooling_off is not None:
        yield Number(f"{path}.cooling_off.months", "count", body.cooling_off.months, group)
    for kept in body.fixed_seats:
        if kept.seats is not None:
            yield Number(f"{path}.fixed_seats.{kept.key}.seats", "count", kept.seats, group)
    quorum, threshold = body.decision.quorum, body.decision.threshold
    yield Number(f"{path}.decision.quorum", "share", "" if quorum is None else str(quorum), group)
    yield Number(f"{path}.decision.threshold", "share", "" if threshold is None else str(threshold), group)


def text_with(original: str, rules: Mapping[str, Any]) -> str:
    """Return a rule book with other values for some rules; word for word the original where nothing changes."""
    book = rulebook.loads(original)
    return rulebook.changed(book, as_rules(rules)) if rules else original


def as_rules(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as a rule book writes them: one number for a range of one, no table without its only rule."""
    written: dict[str, Any] = {}
    for rule, value in values.items():
        if rule == "blackout.months_before_election" and value is None:
            written["blackout"] = None
        elif rule.endswith(".size") and isinstance(value, list) and value[0] == value[1]:
            written[rule] = value[0]
        else:
            written[rule] = value
    return written


def identity_of(book: rulebook.RuleBook, details: Mapping[str, Any], *, is_bundled: bool) -> dict[str, Any]:
    """Return the rules that name a new institution, as far as they differ from the book it begins with."""
    languages = [each for each in book.languages if each in details["languages"]]
    named: dict[str, Any] = {
        "title": {each: details["name"].get(each, "") for each in languages},
        "legal_basis": details["legal_basis"],
        "languages": languages,
        "time_zone": details["time_zone"],
        "level": details["level"],
    }
    before: dict[str, Any] = {
        "title": {each: book.title.get(each, "") for each in languages},
        "legal_basis": book.legal_basis,
        "languages": list(book.languages),
        "time_zone": book.time_zone,
        "level": book.level,
    }
    rules = {rule: value for rule, value in named.items() if value != before[rule]}
    if is_bundled:
        rules |= {"id": details["slug"], "version": "1"}
        rules |= {rule: None for rule in NOT_OF_A_NEW_ONE if getattr(book, rule)}
    return rules


def rule_changes(before: str, after: str, language: str) -> tuple[rulebook.Difference, ...]:
    """Return the rules that differ between a rule book and what is made of it, without those that only name it."""
    found = rulebook.diff(rulebook.loads(before), rulebook.loads(after), _known(language))
    return tuple(each for each in found if each.rule not in NAMES_THE_BOOK)


def days_of(
    text: str, start: date, elections: Sequence[date], *, years: int, language: str
) -> tuple[tuple[date, str, str], ...]:
    """Return the deciding days of the first years: the day, the body's key, what happens."""
    book = rulebook.loads(text)
    found = rulebook.calendar(book, start, years=years, elections=elections)
    kept = dict.fromkeys(
        (each.day, each.body, each.title(_known(language))) for each in found if each.kind in SHOWN_DAYS
    )
    return tuple(kept)


# -- elections ---------------------------------------------------------------------------------------------

PAUSE = "blackout.months_before_election"
"""The rule that keeps a pause before elections."""


def pauses_of(
    version: RuleBookVersion, body: str, elections: Sequence[date]
) -> tuple[tuple[date, date], ...]:
    """Return the pauses that stop a body: the first day and the day of the election, both within; none for another body."""
    book = rule_book_of(version)
    if body not in {each.key for each in book.bodies}:
        return ()
    return rulebook.blackouts(book, body, elections)


def stopped_bodies(version: RuleBookVersion) -> tuple[tuple[str, ...], bool]:
    """Return the keys of the bodies drawn by lot that the pause stops, and whether these are all of them."""
    book = rule_book_of(version)
    drawn = [each.key for each in book.bodies if each.is_filled_by_lot]
    stopped = tuple(key for key in drawn if book.blackout is not None and book.blackout.stops(key))
    return stopped, bool(stopped) and len(stopped) == len(drawn)


# -- chances over the years --------------------------------------------------------------------------------


def entering_of(
    version: RuleBookVersion, body: str, start: date, *, years: int
) -> tuple[rulebook.Entering, ...]:
    """Return when how many people take a seat of a body anew, by the rules; nothing for a body they do not know."""
    book = rule_book_of(version)
    if body not in {each.key for each in book.bodies}:
        return ()
    return rulebook.entering(book, body, start, years=years)


def source_of(version: RuleBookVersion, body: str) -> dict[str, str] | None:
    """Return the name of the body among whose members a body is drawn, if there is one."""
    book = rule_book_of(version)
    found = next((each for each in book.bodies if each.key == body), None)
    if found is None or found.drawn_from is None:
        return None
    return {str(code): text for code, text in book.body(found.drawn_from).title.items()}
