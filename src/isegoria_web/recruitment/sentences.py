"""The fixed sentences that a resident meets, and what fits as their translation into a further language.

A sentence is known by its English words, with a context for those of the e-mails. Those of the pages are collected by
`isegoria_web.web.fixed_sentences`, those of the mails here, out of the file that they come from.
"""

from __future__ import annotations

import gettext
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import django
from django.utils.translation import gettext as _
from django.utils.translation import to_locale

from isegoria_web.recruitment.letter_languages import direction_of

CONTEXT_END = "\x04"
"""Between the context of a sentence and its words, as in gettext."""
MAIL = "mail"
LONGEST = 2000
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
_MARKUP = re.compile(r"<\s*[A-Za-z/!?]|&(?:[A-Za-z]\w*|#\w+);")
_JOINERS = {"\u200c", "\u200d", "\u200e", "\u200f", "\u061c"}
"""Invisible characters that Persian, Arabic and others are written with; what turns whole runs of text round is not among them."""
_UNWRITABLE = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
_TRIED = 1000

Translations = Mapping[str, Sequence[str]]
"""Key of a sentence to its translation, or to one for each form of the plural."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A fixed sentence: its English words, its plural, its context, and where it stands."""

    english: str
    plural: str = ""
    context: str = ""
    places: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What it is known by."""
        return self.context + CONTEXT_END + self.english if self.context else self.english

    @property
    def placeholders(self) -> frozenset[str]:
        """What is filled in."""
        return frozenset(_PLACEHOLDER.findall(self.english + self.plural))


# -- languages ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Plurals:
    """The forms of the plural of a language: how many, which number takes which, and how a PO file says so."""

    count: int
    form_of: Callable[[int], int]
    header: str

    def numbers_of(self, form: int) -> list[int]:
        """Return the numbers up to a thousand that take a form."""
        return [number for number in range(_TRIED) if self.form_of(number) == form]


@cache
def plurals_of(language: str) -> Plurals:
    """Return the forms of the plural of a language, as they come with Django from the Unicode rules."""
    header = _django(language).info().get("plural-forms", "nplurals=2; plural=(n != 1);")
    found = re.fullmatch(r"\s*nplurals\s*=\s*(\d+)\s*;\s*plural\s*=\s*(.+?);?\s*", header)
    if found is None:
        raise RuntimeError(f"no rule of the plural of {language} can be read: {header}")
    return Plurals(int(found[1]), gettext.c2py(found[2]), header)


@cache
def _django(language: str) -> gettext.NullTranslations:
    """Return what the translators of Django wrote in a language."""
    folder = Path(django.__file__).parent / "conf" / "locale"
    return gettext.translation("django", localedir=folder, languages=[to_locale(language)], fallback=True)


def of_django(language: str, english: str, plural: str = "") -> list[str]:
    """Return how the translators of Django say something, nothing where they do not: names of months, errors of fields."""
    told = _django(language)
    if not plural:
        said = told.gettext(english)
        return [] if said == english else [said]
    rule = plurals_of(language)
    forms = [
        told.ngettext(english, plural, (rule.numbers_of(form) or [0])[0]) for form in range(rule.count)
    ]
    return [] if set(forms) <= {english, plural} else forms


def isolated(text: str, language: str) -> str:
    """Return a translation in which what is filled in keeps its own direction, for languages from right to left."""
    if direction_of(language) == "ltr":
        return text
    return _PLACEHOLDER.sub(lambda found: f"\u2068{found.group()}\u2069", text)


# -- the e-mails and reminders -----------------------------------------------------------------------------
@cache
def mail_words() -> dict[str, dict[str, Any]]:
    """Return the words of the e-mails and of the reminders on paper, by language of the interface."""
    return tomllib.loads(files("isegoria_web.recruitment").joinpath("mail.toml").read_text("utf-8"))


def mail_lines(language: str) -> dict[str, str]:
    """Return every sentence of the e-mails in a language of the interface by its place, such as `reminder.body.2`."""
    return dict(_lines(mail_words()[language]))


def _lines(words: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, told in words.items():
        if isinstance(told, dict):
            yield from _lines(told, f"{above}{name}.")
        elif name == "body":
            paragraphs = enumerate(told.strip().splitlines(), start=1)
            yield from ((f"{above}{name}.{number}", line.strip()) for number, line in paragraphs)
        else:
            yield above + name, told.strip()


@cache
def mail_sentences() -> Mapping[str, Sentence]:
    """Return the sentences of the e-mails and of the reminders on paper by their place."""
    return {
        place: Sentence(line, context=f"{MAIL}.{place}", places=("mail.toml",))
        for place, line in mail_lines("en").items()
    }


# -- what fits ---------------------------------------------------------------------------------------------
def problems_of(sentence: Sentence, forms: Sequence[str], language: str) -> list[str]:
    """Return what is wrong with a translation, in words; empty forms are no translation and no fault."""
    rule = plurals_of(language)
    expected = rule.count if sentence.plural else 1
    if len(forms) != expected:
        return [_("It needs %(count)d forms, by the plural of the language.") % {"count": expected}]
    if sentence.plural and any(forms) and not all(form.strip() for form in forms):
        return [_("One of its plural forms is missing.")]
    found: list[str] = []
    for number, form in enumerate(forms):
        if form:
            alone = bool(sentence.plural) and len(rule.numbers_of(number)) == 1
            found += _problems_in(sentence, form, may_leave_out=alone)
    return list(dict.fromkeys(found))


def _problems_in(sentence: Sentence, text: str, *, may_leave_out: bool) -> Iterator[str]:
    """Yield what is wrong with one text; a form that stands for one number only may say it in words."""
    wanted, given = sentence.placeholders, set(_PLACEHOLDER.findall(text))
    missing = [] if may_leave_out else sorted(wanted - given)
    if missing:
        yield _("%(fields)s is missing.") % {"fields": ", ".join(missing)}
    if strange := sorted(given - wanted):
        yield _("%(fields)s does not stand in the sentence.") % {"fields": ", ".join(strange)}
    rest = _PLACEHOLDER.sub("", text)
    if re.search(r"[%{}]", rest):
        yield _(
            "A per cent sign or a brace stands alone: write what is filled in exactly as in the sentence."
        )
    if _MARKUP.search(text):
        yield _("It holds markup; write plain words.")
    if unwritable := sorted(
        f"U+{ord(each):04X}" for each in set(text) - _JOINERS if unicodedata.category(each) in _UNWRITABLE
    ):
        yield _("It holds characters that cannot be shown: %(characters)s") % {
            "characters": ", ".join(unwritable)
        }
    if len(text) > LONGEST:
        yield _("It is longer than %(count)d characters.") % {"count": LONGEST}
