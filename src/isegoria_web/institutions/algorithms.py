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
