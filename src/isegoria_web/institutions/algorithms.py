"""The door to `isegoria.rulebook`: rule books as values."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from isegoria import rulebook
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


@lru_cache(maxsize=32)
def _read(text: str, name: str) -> rulebook.RuleBook:
    return rulebook.loads(text, name)


def changes_between(before: str, after: str, language: str = "en") -> tuple[rulebook.Difference, ...]:
    """Return the rules that differ between two adopted texts, in plain words; what only names the version does not count."""
    found = rulebook.diff(rulebook.loads(before), rulebook.loads(after), _known(language))
    return tuple(each for each in found if each.rule not in {"version", "valid_from", "valid_until"})


def sentences_of(book: rulebook.RuleBook, language: str) -> tuple[tuple[str, str], ...]:
    """Return the rule book in plain words, each sentence with its rule's id; what it leaves open stands apart."""
    return tuple(each for each in rulebook.explain(book, _known(language)) if each[0] != "silent")


def name_of(rule: str, language: str) -> str:
    """Return the name of a rule, for the list of those on which the statute is silent."""
    return rulebook.name_of(rule, _known(language))


def _known(language: str) -> rulebook.Language:
    return language if language in {"nl", "fr", "de", "en"} else "en"  # type: ignore[return-value]
