"""What the letter says: a text of the secretariat with fields in braces, a little markup, and nothing that is run.

A text is taken apart here into runs of plain words and named fields. What is typeset is data, so that no text of
anybody reaches Typst as a programme.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from isegoria_web.translated import LANGUAGES

Parts = Mapping[str, str]
"""Part of the letter to its text."""
Run = dict[str, Any]
Block = dict[str, Any]

PARTS = {
    "letterhead": gettext_lazy("Beside the address, in small letters"),
    "subject": gettext_lazy("Heading"),
    "before": gettext_lazy("Text before the box with the code"),
    "box_title": gettext_lazy("Heading of the box"),
    "box": gettext_lazy("In the box, before the code"),
    "phone": gettext_lazy("In the box, after the code, where there is a telephone number"),
    "after": gettext_lazy("Text after the box"),
    "signature": gettext_lazy("Greeting and signature"),
    "footer": gettext_lazy("At the foot of the page"),
}
"""The parts of a letter, in the order of the page."""
NEEDED = ("subject", "before", "box_title", "box", "signature")
LONG = ("before", "after")
"""Parts with paragraphs; the others are a few lines."""
LONGEST = {True: 3000, False: 400}
FIELDS = {
    "name": gettext_lazy("the person's name"),
    "question": gettext_lazy("the question of the cycle; alone in a paragraph it is set apart"),
    "reply_by": gettext_lazy("the day by which this wave asks for an answer"),
    "link": gettext_lazy("the address where the code is typed"),
    "code": gettext_lazy("the code of the letter"),
    "phone": gettext_lazy("the telephone number of the institution"),
    "institution": gettext_lazy("the institution"),
    "letters": gettext_lazy("how many letters were drawn so far"),
    "eligible": gettext_lazy("how many could be drawn"),
    "age": gettext_lazy("the youngest age"),
    "seats": gettext_lazy("how many seats there are"),
    "drawn_on": gettext_lazy("the day on which the letters were drawn"),
    "date": gettext_lazy("the day of printing"),
    "check_link": gettext_lazy("the address where anybody checks the draw"),
}
"""What stands in braces, and what it becomes."""
OF_THE_PERSON = ("name", "code")
_TOKEN = re.compile(r"(?P<field>\{[^{}\n]*\})|(?P<bold>\*\*)|(?P<slant>\*)|(?P<brace>[{}])|(?P<break>\n)")


@dataclass(frozen=True, slots=True)
class Fault:
    """What cannot be typeset, and where: the part of the letter, the line and the character, counted from 1."""

    part: str
    line: int
    column: int
    problem: str

    def __str__(self) -> str:
        """Say it in one line."""
        place = _("Line %(line)d, character %(column)d") % {"line": self.line, "column": self.column}
        return f"{place}: {self.problem}" if self.line else self.problem


@cache
def _bundled() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("isegoria_web.recruitment").joinpath("letters.toml").read_text("utf-8"))


def bundled(language: str) -> dict[str, str]:
    """Return the text that comes along, until the secretariat writes its own."""
    found = _bundled()
    return {"letterhead": "", **found.get(language, found[LANGUAGES[-1]])}


def faults_of(parts: Parts) -> list[Fault]:
    """Return everything in a text that cannot be typeset."""
    found = [fault for part in PARTS for fault in _faults_in(part, parts.get(part, ""))]
    if not found and not any("{reply_by}" in text for text in parts.values()):
        problem = _("The letter never says by which day to answer: write {reply_by} where it belongs.")
        found.append(Fault("after", 0, 0, problem))
    return found


def _faults_in(part: str, text: str) -> Iterator[Fault]:
    if part in NEEDED and not text.strip():
        yield Fault(part, 0, 0, _("This part cannot be empty."))
    longest = LONGEST[part in LONG]
    if len(text) > longest:
        words = _("This part has %(count)d characters; %(longest)d fit.")
        yield Fault(part, 0, 0, words % {"count": len(text), "longest": longest})
    for number, line in enumerate(text.split("\n"), start=1):
        for token in _TOKEN.finditer(line):
            problem = _problem_of(token)
            if problem:
                yield Fault(part, number, token.start() + 1, problem)


def _problem_of(token: re.Match[str]) -> str:
    if token["brace"]:
        return _("A brace stands alone: a field is written {like_this}.")
    if not token["field"] or token["field"][1:-1] in FIELDS:
        return ""
    near = difflib.get_close_matches(token["field"][1:-1].strip().lower(), FIELDS, n=1, cutoff=0.5)
    if near:
        words = _("There is no field %(field)s. Is {%(near)s} meant?")
        return words % {"field": token["field"], "near": near[0]}
    return _("There is no field %(field)s. The fields are listed beside the text.") % {
        "field": token["field"]
    }


def blocks_of(text: str) -> list[Block]:
    """Return a text as paragraphs, lists and the question set apart, each of runs of words and fields.

    Parameters
    ----------
    text
        Without faults. An empty line ends a paragraph; lines that begin with a hyphen are a list; `**bold**` and
        `*slanted*`; asterisks without a partner stand for themselves.
    """
    return [_block(each) for each in re.split(r"\n[ \t]*\n+", text.strip()) if each.strip()]


def _block(paragraph: str) -> Block:
    lines = [line.strip() for line in paragraph.strip().split("\n")]
    if lines == ["{question}"]:
        return {"kind": "question"}
    if all(line.startswith("- ") for line in lines):
        return {"kind": "list", "items": [_runs(line[2:]) for line in lines]}
    return {"kind": "words", "runs": _runs("\n".join(lines))}


def _runs(text: str) -> list[Run]:
    pairs = {"bold": text.count("**"), "slant": text.replace("**", "").count("*")}
    left = {style: count - count % 2 for style, count in pairs.items()}
    on = {"bold": False, "slant": False}
    runs: list[Run] = []

    def add(**what: Any) -> None:
        runs.append(what | {style: True for style, set_ in on.items() if set_})

    end = 0
    for token in _TOKEN.finditer(text):
        if token.start() > end:
            add(words=text[end : token.start()])
        end = token.end()
        style = token.lastgroup or ""
        if left.get(style):
            on[style], left[style] = not on[style], left[style] - 1
        elif style == "field":
            add(field=token["field"][1:-1])
        elif style == "break":
            runs.append({"break": True})
        else:
            add(words=token.group())
    if end < len(text):
        add(words=text[end:])
    return runs
