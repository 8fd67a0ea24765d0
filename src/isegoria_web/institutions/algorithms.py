"""The door to `isegoria.rulebook`: rule books as values."""

from __future__ import annotations

from isegoria import rulebook
from isegoria_web.institutions.models import RuleBookVersion


def read_rule_book(text: str, file: str = "rule book") -> rulebook.RuleBook:
    """Return the rule book that a TOML text describes, or refuse with the path in it."""
    return rulebook.loads(text, file)


def rule_book_of(version: RuleBookVersion) -> rulebook.RuleBook:
    """Return the rules under which something runs."""
    return rulebook.loads(version.text, f"{version.identifier} {version.number}")


def sentences_of(book: rulebook.RuleBook, language: str) -> tuple[tuple[str, str], ...]:
    """Return the rules in plain words, each with the id of its rule; in English where the language has none."""
    known: rulebook.Language = language if language in {"nl", "fr", "de", "en"} else "en"  # type: ignore[assignment]
    return tuple(each for each in rulebook.explain(book, known) if each[0] != "silent")
