"""The shape of a document, as small checks that name the first place where it differs.

A check takes a value and its place and returns None, or one sentence about the first difference. A document
that passes can be read without surprises, so the verifier never stumbles over a malformed one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction

from isegoria.proof.canonical import LARGEST_INTEGER

Check = Callable[[object, str], str | None]

LONGEST_FRACTION = 2000
"""Digits of a fraction that is still read; Python itself refuses beyond 4,300."""


def anything(_value: object, _where: str) -> str | None:
    """Accept every value: it has a verifier of its own."""
    return None


def text(value: object, where: str) -> str | None:
    """Accept text that is not empty."""
    return None if isinstance(value, str) and value else f"{where} is not a text"


def natural(value: object, where: str) -> str | None:
    """Accept a whole number from 0."""
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_INTEGER
    return None if fits else f"{where} is not a whole number from 0"


def exactly(expected: str) -> Check:
    """Accept only this text."""

    def check(value: object, where: str) -> str | None:
        return None if value == expected else f"{where} is not {expected}"

    return check


def matching(pattern: str, name: str) -> Check:
    """Accept text that the pattern describes in full."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: object, where: str) -> str | None:
        fits = isinstance(value, str) and compiled.fullmatch(value)
        return None if fits else f"{where} is not {name}"

    return check


sha256 = matching("[0-9a-f]{64}", "a SHA-256 of 64 hexadecimal digits")
code = matching("[0-9A-Za-z_.:-]{1,64}", "a code of letters, digits and -_.: without a space")
_instant = matching(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{6})?Z", "a moment in UTC")
_fraction = matching(rf"\d{{1,{LONGEST_FRACTION}}}/[1-9]\d{{0,{LONGEST_FRACTION}}}", "a fraction")


def instant(value: object, where: str) -> str | None:
    """Accept a moment such as `2026-03-01T18:00:00Z`."""
    difference = _instant(value, where)
    if difference is None:
        try:
            datetime.fromisoformat(str(value))
        except ValueError:
            return f"{where} is not a moment in UTC"
    return difference


def fraction(value: object, where: str) -> str | None:
    """Accept a fraction in lowest terms, such as `3/40`."""
    difference = _fraction(value, where)
    if difference is None:
        lowest = Fraction(str(value))
        if value != f"{lowest.numerator}/{lowest.denominator}":
            return f"{where} is not in lowest terms"
    return difference


def nullable(check: Check) -> Check:
    """Accept null, or what the check accepts."""
    return lambda value, where: None if value is None else check(value, where)


def list_of(check: Check) -> Check:
    """Accept a list of what the check accepts."""

    def checked(value: object, where: str) -> str | None:
        if not isinstance(value, list):
            return f"{where} is not a list"
        found = (check(item, f"{where}[{index}]") for index, item in enumerate(value))
        return next((difference for difference in found if difference), None)

    return checked


def mapping_of(check: Check) -> Check:
    """Accept an object whose keys are texts and whose values the check accepts."""

    def checked(value: object, where: str) -> str | None:
        if not isinstance(value, dict):
            return f"{where} is not an object"
        found = (text(key, f"a key of {where}") or check(value[key], f"{where}.{key}") for key in value)
        return next((difference for difference in found if difference), None)

    return checked


def record(fields: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Accept an object with exactly these keys, and those of the optional ones that it has."""
    further = optional or {}

    def checked(value: object, where: str) -> str | None:
        if not isinstance(value, dict):
            return f"{where} is not an object"
        missing = next((name for name in fields if name not in value), None)
        if missing is not None:
            return f"{where}.{missing} is missing"
        known = {**fields, **{name: check for name, check in further.items() if name in value}}
        if len(value) > len(known):
            return f"{where} has a key that the format does not know"
        found = (check(value[name], f"{where}.{name}") for name, check in known.items())
        return next((difference for difference in found if difference), None)

    return checked
