"""What changes from one rule book, or version of it, to another: rule by rule, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from isegoria.rulebook.model import Language, RuleBook
from isegoria.rulebook.words import explain, name_of


@dataclass(frozen=True, slots=True)
class Difference:
    """A rule before and after; None where the statute was, or is, silent or the rule did not exist."""

    rule: str
    name: str
    before: str | None
    after: str | None


def diff(before: RuleBook, after: RuleBook, language: Language = "en") -> tuple[Difference, ...]:
    """Return the rules that differ, in the order of the books, those that were taken out at their old place.

    Parameters
    ----------
    before, after
        Two versions, or two institutions.
    language
        In which the rules are told; a change of a text in another language alone is told as well.

    Notes
    -----
    Guarantee: empty exactly if the two set the same rules with the same values.
    """
    old, new = before.rules(), after.rules()
    said = dict(explain(before, language)), dict(explain(after, language))
    order = list(new) + [rule for rule in old if rule not in new]
    return tuple(
        Difference(
            rule,
            name_of(rule, language),
            _value(rule, old, said[0], language),
            _value(rule, new, said[1], language),
        )
        for rule in order
        if old.get(rule) != new.get(rule)
    )


def _value(rule: str, rules: dict[str, object], said: dict[str, str], language: Language) -> str | None:
    """Return the sentence that tells a rule, or its bare value where it is told together with others."""
    if rule not in rules:
        return None
    value = rules[rule]
    if rule in said:
        return said[rule]
    if isinstance(value, dict):
        return str(value.get(language) or next(iter(value.values())))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return value.isoformat() if isinstance(value, date) else str(value)
