"""A journal in files of bounded length: put one after another, they are the export of `journal.py`.

`journal-000001.jsonl` begins with the line of the format and holds the first 10,000 entries, the next file the next
10,000, so that a finished file never changes and whoever keeps a mirror fetches the last one alone. `index.jsonl`
has a line for each finished file. In words: `docs/journal.md`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import shape
from isegoria.proof.canonical import canonical, parse
from isegoria.proof.journal import verify_journal
from isegoria.proof.steps import Step, Verification, step

INDEX_FORMAT = "isegoria-journal-index/1"
FILE_ENTRIES = 10_000
"""How many entries a finished file holds: some five megabytes, so that none is a burden to fetch or to read."""

_NAME = re.compile(r"journal-[0-9]{6}\.jsonl")
_ENTRY = re.compile(r"\bentry ([0-9]+)\b")
_SHAPE = shape.record(
    {
        "format": shape.exactly(INDEX_FORMAT),
        "file": shape.matching(_NAME.pattern, "the name of a file of a journal"),
        "first": shape.natural,
        "last": shape.natural,
        "head": shape.sha256,
    }
)


def file_name(number: int) -> str:
    """Return the name of a file of a journal by its number, from 1."""
    return f"journal-{number:06d}.jsonl"


def index_line(number: int, first: int, last: int, head: str) -> str:
    """Return the line of the index for a finished file, with its line end.

    Parameters
    ----------
    number
        Of the file, from 1.
    first, last
        The numbers of its first and its last entry.
    head
        The hash of its last entry, which fixes this file and all before it.
    """
    made = {
        "format": INDEX_FORMAT,
        "file": file_name(number),
        "first": first,
        "last": last,
        "head": head,
    }
    return canonical(made).decode() + "\n"


@dataclass(frozen=True)
class JournalFile:
    """One file of a journal: its name, and how to read its bytes when its turn comes."""

    name: str
    read: Callable[[], bytes]


@dataclass
class _Read:
    """What was seen while a journal was read file by file: in memory is one file at a time."""

    files: Sequence[JournalFile]
    ends: list[tuple[int, str]] = field(default_factory=list)
    """For each file that was read to its end: how many entries the journal has up to there, and its last hash."""
    starts: list[int] = field(default_factory=list)
    """For each file that was opened: how many entries stand before it."""
    fault: str | None = None

    def lines(self) -> Iterator[str]:
        """Yield the lines of the whole export."""
        entries = -1  # the first line is the format's
        for number, file in enumerate(self.files, start=1):
            if file.name != file_name(number):
                self._note(f"{file_name(number)} is missing: {file.name} stands in its place")
                return
            self.starts.append(max(0, entries))
            text, last = file.read(), ""
            if not text.endswith(b"\n"):
                self._note(f"{file.name} ends within a line")
            for row, line in enumerate(text.decode("utf-8", "replace").split("\n")[:-1], start=1):
                entries, last = entries + 1, line
                if not _is_canonical(line):
                    self._note(f"{file.name}, line {row} is not in canonical spelling")
                yield line
            self.ends.append((entries, _hash_of(last)))

    def _note(self, fault: str) -> None:
        self.fault = self.fault or fault

    def place(self, entry: int) -> str | None:
        """Return the file and line in which an entry stands, or should stand."""
        opened = [number for number, start in enumerate(self.starts, start=1) if start < entry]
        if not opened:
            return None
        line = entry - self.starts[opened[-1] - 1] + (opened[-1] == 1)
        return f"{file_name(opened[-1])}, line {line}"


def verify_journal_files(
    files: Sequence[JournalFile],
    index: Iterable[str] | None = None,
    mirror: Iterable[str] | None = None,
    *,
    checkpoints: Iterable[str] | None = None,
    keys: Iterable[str] = (),
) -> Verification:
    """Check a journal that is kept in files, and compare it with a mirror and with signed checkpoints.

    Parameters
    ----------
    files
        In the order of their names.
    index
        The lines of `index.jsonl`, if there is one.
    mirror
        The lines of an older or equal export that somebody else kept; see `whole`.
    checkpoints, keys
        As for `verify_journal`.

    Returns
    -------
    Verification
        The steps of `verify_journal` and a step `files`. The first difference names file and line as well.

    Notes
    -----
    Guarantee: as for `verify_journal`; besides, a missing file, a byte changed in any of them and an index that
    names another end of a file are found.
    """
    seen = _Read(files)
    found = verify_journal(seen.lines(), mirror, checkpoints=checkpoints, keys=keys)
    detail = f"{len(files)} files, one continues the other"
    fault = seen.fault or (None if index is None else _index_fault(index, seen))
    steps = [_with_place(one, seen) for one in found.steps]
    return Verification((*steps, step("files", detail, fault)))


def whole(files: Sequence[JournalFile]) -> Iterator[str]:
    """Yield the lines of the export whose parts the files are; reading stops where a file is missing."""
    return _Read(files).lines()


def _with_place(one: Step, seen: _Read) -> Step:
    named = _ENTRY.search(one.first_difference or "")
    place = seen.place(int(named[1])) if named else None
    return one if place is None else replace(one, first_difference=f"{one.first_difference} ({place})")


def _index_fault(lines: Iterable[str], seen: _Read) -> str | None:
    """Return the first line of the index that does not name the end of the file that it is about."""
    before = 0
    for number, line in enumerate(lines, start=1):
        one = _parsed(line)
        difference = _SHAPE(one, f"line {number} of the index")
        if difference is not None:
            return difference
        if len(seen.ends) < number <= len(seen.files):
            return f"{one['file']} was not read to its end, because of what was found before"
        if number > len(seen.ends):
            return f"{one['file']} is missing: the index names it"
        end, head = seen.ends[number - 1]
        expected = index_line(number, before + 1, end, head)
        if line.rstrip("\n") + "\n" != expected:
            return f"line {number} of the index should be {expected.rstrip()}"
        before = end
    return None


def _parsed(line: str) -> Any:
    try:
        return parse(line)
    except BadInput:
        return None


def _is_canonical(line: str) -> bool:
    try:
        return canonical(parse(line)).decode() == line
    except BadInput:
        return False


def _hash_of(line: str) -> str:
    one = _parsed(line)
    return str(one.get("hash", "")) if isinstance(one, dict) else ""
