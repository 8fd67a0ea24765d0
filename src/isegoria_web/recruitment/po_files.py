"""PO files, which every translator's tool reads: written, and read strictly, with the line of every fault.

The format is that of GNU gettext. Obsolete entries and what is marked as fuzzy are read over: a fuzzy text is a guess
of a tool that nobody has confirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

_LINE = re.compile(
    r'(?:(?P<word>msgctxt|msgid_plural|msgid|msgstr)(?:\[(?P<form>\d{1,2})\])?\s+)?"(?P<text>.*)"'
)
_ESCAPE = re.compile(r'\\(.)|(")')
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_WRITTEN = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass(frozen=True, slots=True)
class PoFault:
    """What cannot be read: the line, counted from 1, and a key of what is wrong there."""

    line: int
    problem: str


class PoError(Exception):
    """A file that is no PO file; its one argument is the first fault."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(line, problem)
        self.fault = PoFault(line, problem)


@dataclass
class PoEntry:
    """One sentence with its translations.

    Attributes
    ----------
    line
        Where it begins in the file, counted from 1; 0 where it comes from no file.
    forms
        The translation, or one for each form of the plural; empty texts where there is none yet.
    notes
        What the translator is told.
    places
        Where the sentence stands.
    """

    msgid: str
    plural: str = ""
    context: str = ""
    forms: list[str] = field(default_factory=list)
    notes: Sequence[str] = ()
    places: Sequence[str] = ()
    line: int = 0
    fuzzy: bool = False


def written(header: Iterable[tuple[str, str]], entries: Iterable[PoEntry]) -> str:
    """Return a PO file."""
    lines = ['msgid ""', 'msgstr ""', *(_quoted(f"{name}: {value}\n") for name, value in header)]
    for entry in entries:
        lines += ["", *(f"#. {note}" for note in entry.notes), *(f"#: {place}" for place in entry.places)]
        if re.search(r"%\(\w+\)", entry.msgid + entry.plural):
            lines.append("#, python-format")
        if entry.context:
            lines.append(f"msgctxt {_quoted(entry.context)}")
        lines.append(f"msgid {_quoted(entry.msgid)}")
        if entry.plural:
            lines.append(f"msgid_plural {_quoted(entry.plural)}")
            lines += [f"msgstr[{number}] {_quoted(form)}" for number, form in enumerate(entry.forms)]
        else:
            lines.append(f"msgstr {_quoted(entry.forms[0] if entry.forms else '')}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + re.sub(r'[\\"\n\t\r]', lambda found: _WRITTEN[found.group()], text) + '"'


def read(text: str) -> tuple[dict[str, str], list[PoEntry]]:
    """Return the header of a PO file, and its entries in their order.

    Raises
    ------
    PoError
        With the line where the file cannot be understood.
    """
    header: dict[str, str] = {}
    entries: list[PoEntry] = []
    for entry in _entries(text):
        if entry.msgid or entry.context:
            entries.append(entry)
        elif header or entries:
            raise PoError(entry.line, "second_header")
        else:
            told = (line.partition(":") for line in "".join(entry.forms).splitlines() if ":" in line)
            header = {name.strip().lower(): value.strip() for name, _colon, value in told}
            header.setdefault("", "")  # there is one, whatever it says
    return header, entries


def _tokens(text: str) -> Iterator[tuple[int, re.Match[str], bool]]:
    """Yield every line with words: its number, what it is, and whether a comment before it calls it fuzzy."""
    fuzzy = False
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.strip()
        if bare.startswith("#"):
            fuzzy = fuzzy or (bare.startswith("#,") and "fuzzy" in bare)
        elif bare:
            found = _LINE.fullmatch(bare)
            if found is None:
                raise PoError(number, "no_line")
            yield number, found, fuzzy
            fuzzy = False


def _entries(text: str) -> Iterator[PoEntry]:
    """Yield every entry, the header as the one without words."""
    entry: PoEntry | None = None
    part, number = "", 1
    for number, found, fuzzy in _tokens(text):
        word = found["word"] or part
        if not word:
            raise PoError(number, "no_beginning")
        if found["word"]:
            if word == "msgctxt" or (word == "msgid" and part != "msgctxt"):
                if entry is not None:
                    yield _whole(entry, part, number)
                entry, part = PoEntry("", line=number, fuzzy=fuzzy), ""
            if entry is None or not _may_follow(word, found["form"], part, entry):
                raise PoError(number, "out_of_order")
            if word == "msgstr":
                entry.forms.append("")
            part = word
        if entry is not None:
            _add(entry, part, _unquoted(found["text"], number))
    if entry is not None:
        yield _whole(entry, part, number)


def _may_follow(word: str, form: str | None, part: str, entry: PoEntry) -> bool:
    """Whether a line may stand here: context, sentence, plural, then the forms in their order."""
    if word != "msgstr":
        return form is None and part in {
            "msgctxt": {""}, "msgid": {"", "msgctxt"}, "msgid_plural": {"msgid"},
        }[word]  # fmt: skip
    if form is None:
        return part == "msgid"
    return part in {"msgid_plural", "msgstr"} and bool(entry.plural) and int(form) == len(entry.forms)


def _add(entry: PoEntry, part: str, words: str) -> None:
    if part == "msgctxt":
        entry.context += words
    elif part == "msgid":
        entry.msgid += words
    elif part == "msgid_plural":
        entry.plural += words
    else:
        entry.forms[-1] += words


def _whole(entry: PoEntry, part: str, number: int) -> PoEntry:
    if part != "msgstr":
        raise PoError(number, "unfinished")
    return entry


def _unquoted(text: str, number: int) -> str:
    def read_one(found: re.Match[str]) -> str:
        escaped = _ESCAPED.get(found[1] or "")
        if escaped is None:  # a quotation mark alone, or an escape that nobody knows
            raise PoError(number, "bad_escape")
        return escaped

    if text.replace("\\\\", "").endswith("\\"):
        raise PoError(number, "bad_escape")
    return _ESCAPE.sub(read_one, text)
