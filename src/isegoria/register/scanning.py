"""The rows of a register, run by run: cleaned, checked and translated, in memory that does not grow with the file."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain

import numpy as np

from isegoria.errors import SHOWN_AT_ONCE, BadInput, Place, collect
from isegoria.register.sources import Batch, Source

Row = Mapping[str, str]

REQUIRED = (
    "id",
    "given_name",
    "family_name",
    "sex",
    "birth_date",
    "language",
    "street",
    "house_number",
    "postcode",
    "municipality",
    "municipality_name",
    "household",
)
"""The columns that an extract must have; others are kept."""

NEVER_EMPTY = ("id", "sex", "birth_date", "municipality", "street", "postcode", "household")
SEXES = ("F", "M", "X")
LONGEST_LIFE_YEARS = 125
_MOST_TRANSLATED = 100_000
_LOOKED_UP = 1000
# What a spreadsheet would run: an equals sign before anything, or the older `+cmd|' /C calc'!A0`. A telephone
# number +32 …, a dash or @home stays what it is; exports escape them.
_FORMULA = re.compile(r"""[=＝]\s*[\w("'@+\-{\[$.]|[+\-@＋－＠].*\|.*!""", re.DOTALL)
_TEXT_AS_FORMULA = re.compile(r'="([^"]*)"')
Fault = tuple[str, Mapping[str, object]]
Check = Callable[[str], Fault | None]
Checks = Mapping[str, Check]


@dataclass(frozen=True, slots=True)
class Run:
    """Some rows that follow each other: their numbers in the file, and their cells column by column."""

    numbers: Sequence[int]
    columns: Mapping[str, Sequence[str]]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the columns of a file become the columns of a register.

    Attributes
    ----------
    required
        The columns that must be there.
    never_empty
        Those of them in which every row has a value.
    names
        Column of a register to column of the file, where the names differ.
    translate
        For some columns: a cell of the file to the cell of the register, or None where it cannot be read.
    add
        Columns that are made out of others, row by row, after all else.
    key
        The column that tells the rows apart.
    keep
        The columns that are left in a file that is written; all of them where it is None.
    """

    required: Sequence[str] = REQUIRED
    never_empty: Sequence[str] = NEVER_EMPTY
    names: Mapping[str, str] = field(default_factory=dict)
    translate: Mapping[str, Callable[[str], str | None]] = field(default_factory=dict)
    add: Mapping[str, Callable[[Mapping[str, str]], str]] = field(default_factory=dict)
    key: str = "id"
    keep: frozenset[str] | None = None


PLAIN = Layout()
"""A file whose columns have our names already."""


def scan(
    source: Source, *, allowed: Mapping[str, Collection[str]] | None = None, layout: Layout | None = None
) -> Scan:
    """Return the rows of a register in runs, each checked, in memory that does not grow with the file.

    Raises
    ------
    BadInput
        `column_missing`, `column_twice` at once; every other fault when the runs are taken.
    """
    return Scan(source, layout or PLAIN, allowed or {})


class Scan:
    """A register that is read run by run.

    Take the runs once. As long as nothing is wrong they come as they are read; from the first fault on none comes any
    more, the rest of the file is only looked through, and all faults are raised together at its end. So whoever
    writes the runs somewhere throws away what was written when `BadInput` comes.
    """

    def __init__(self, source: Source, layout: Layout, allowed: Mapping[str, Collection[str]]) -> None:
        self.source = source
        self._layout = layout
        self._checks = _checks(allowed)
        self._good: dict[str, set[str]] = {column: set() for column in self._checks}
        self._translated: dict[str, dict[str, str | None]] = {column: {} for column in layout.translate}
        self._faults: list[BadInput] = []
        self._total = 0
        self._keys: list[np.ndarray] = []
        self._numbers: list[np.ndarray] = []
        self._start = 1
        # A workbook is slow to open: what was read for the header is not read again.
        self._batches = source.batches()
        self._header_batch: list[Batch] = []
        self.header = self._read_header(allowed)
        theirs = {theirs: ours for ours, theirs in layout.names.items()}
        self._file_columns = tuple(theirs.get(name, name) for name in self.header)
        self.columns = (
            *self._file_columns,
            *(name for name in layout.add if name not in self._file_columns),
        )

    def __iter__(self) -> Iterator[Run]:
        """Yield the runs.

        Raises
        ------
        BadInput
            All faults of the file together.
        """
        rows = 0
        for first, cells in chain(self._header_batch, self._batches):
            run = self._run(first, cells)
            rows += len(run)
            if not self._total and len(run):
                yield run
        self._find_doubles()
        collect(self._faults, self._total)
        if not rows:
            raise BadInput("file_empty", Place(self.source.name), file=self.source.name)

    # -- the header ----------------------------------------------------------------------------------

    def _read_header(self, allowed: Collection[str]) -> tuple[str, ...]:
        for first, rows in self._batches:
            self._start = first
            self._header_batch = [(first, rows)]
            return self._checked_header(tuple(map(_clean, rows[0])), allowed)
        raise BadInput("file_empty", Place(self.source.name), file=self.source.name)

    def _checked_header(self, header: tuple[str, ...], allowed: Collection[str]) -> tuple[str, ...]:
        place = Place(self.source.name, row=self._start)
        names = self._layout.names
        wanted = dict.fromkeys(names.get(name, name) for name in [*self._layout.required, *names, *allowed])
        made = self._layout.add
        faults = [
            BadInput("column_missing", place, column=name)
            for name in wanted
            if name not in header and name not in made
        ]
        doubled = [name for name, count in Counter(header).items() if count > 1]
        faults += [BadInput("column_twice", place, column=name) for name in doubled]
        ours = set(names.values())
        clash = [name for name in names if name in header and name not in ours]
        faults += [BadInput("column_twice", place, column=name) for name in clash]
        collect(faults)
        return header

    # -- the rows ------------------------------------------------------------------------------------

    def _run(self, first: int, rows: list[list[str]]) -> Run:
        numbers: Sequence[int] = range(first, first + len(rows))
        if first == self._start:
            rows, numbers = rows[1:], numbers[1:]
        found: list[BadInput] = []
        width = len(self.header)
        if set(map(len, rows)) - {width}:
            rows, numbers = self._of_full_width(rows, numbers, found)
        cells = [self._cleaned(index, column) for index, column in enumerate(zip(*rows, strict=True))]
        if cells and any(not any(row) for row in zip(*cells, strict=True)):
            kept = [place for place, row in enumerate(zip(*cells, strict=True)) if any(row)]
            cells = [[column[place] for place in kept] for column in cells]
            numbers = [numbers[place] for place in kept]
        columns: dict[str, Sequence[str]] = dict(zip(self._file_columns, cells, strict=False))
        if not columns:
            columns = dict.fromkeys(self._file_columns, ())
        self._check_signs(columns, numbers, found)
        self._translate(columns, numbers, found)
        self._check(columns, numbers, found)
        self._add(columns, numbers, found)
        self._note(found)
        self._remember(columns.get(self._layout.key, ()), numbers)
        return Run(numbers, columns)

    def _of_full_width(
        self, rows: list[list[str]], numbers: Sequence[int], found: list[BadInput]
    ) -> tuple[list[list[str]], list[int]]:
        kept, places = [], []
        width = len(self.header)
        for number, row in zip(numbers, rows, strict=True):
            if len(row) == width:
                kept.append(row)
                places.append(number)
            elif any(cell.strip() for cell in row):
                place = Place(self.source.name, row=number)
                found.append(BadInput("row_fields", place, found=len(row), expected=width))
        return kept, places

    def _cleaned(self, _index: int, column: Sequence[str]) -> Sequence[str]:
        stripped = list(map(str.strip, column))
        text = "\n".join(stripped)
        if text.isascii() or unicodedata.is_normalized("NFC", text):
            return stripped
        return [unicodedata.normalize("NFC", cell) for cell in stripped]

    def _check_signs(
        self, columns: dict[str, Sequence[str]], numbers: Sequence[int], found: list[BadInput]
    ) -> None:
        for name, column in columns.items():
            text = "\n".join(column)
            if "\0" in text:  # a typed table can hold what no text file can, and no database keeps
                found += [
                    BadInput("file_nul", self._place(number, name))
                    for number, cell in zip(numbers, column, strict=True)
                    if "\0" in cell
                ]
            if "=" not in text and "＝" not in text and "|" not in text:
                continue
            columns[name] = [_unquoted(cell) for cell in column]
            found += [
                BadInput("cell_formula", self._place(number, name))
                for number, cell in zip(numbers, columns[name], strict=True)
                if is_formula(cell)
            ]

    def _translate(
        self, columns: dict[str, Sequence[str]], numbers: Sequence[int], found: list[BadInput]
    ) -> None:
        for name, translate in self._layout.translate.items():
            known = self._translated[name]
            for cell in set(columns[name]) - known.keys():
                known[cell] = translate(cell) if cell else cell
            unread = [
                number for number, cell in zip(numbers, columns[name], strict=True) if known[cell] is None
            ]
            found += [BadInput("cell_not_in_profile", self._place(number, name)) for number in unread]
            columns[name] = [known[cell] or "" for cell in columns[name]]
            if len(known) > _MOST_TRANSLATED:
                known.clear()

    def _check(
        self, columns: Mapping[str, Sequence[str]], numbers: Sequence[int], found: list[BadInput]
    ) -> None:
        for name in self._layout.never_empty:
            if name in columns and "" in columns[name]:
                found += [
                    BadInput("cell_empty", self._place(number, name), column=name)
                    for number, cell in zip(numbers, columns[name], strict=True)
                    if not cell
                ]
        for name, check in self._checks.items():
            if name not in columns:
                continue
            bad = {}
            for cell in set(columns[name]) - self._good[name] - {""}:
                if (fault := check(cell)) is None:
                    self._good[name].add(cell)
                else:
                    bad[cell] = fault
            if bad:
                found += [
                    BadInput(bad[cell][0], self._place(number, name), **bad[cell][1])
                    for number, cell in zip(numbers, columns[name], strict=True)
                    if cell in bad
                ]

    def _add(
        self, columns: dict[str, Sequence[str]], numbers: Sequence[int], found: list[BadInput]
    ) -> None:
        if not self._layout.add or found:
            return
        names = tuple(columns)
        rows = [dict(zip(names, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
        for name, make in self._layout.add.items():
            columns[name] = [make(row) for row in rows]
            if name in self._layout.never_empty and "" in columns[name]:
                found += [
                    BadInput("cell_empty", self._place(number, name), column=name)
                    for number, cell in zip(numbers, columns[name], strict=True)
                    if not cell
                ]

    def _place(self, number: int, name: str) -> Place:
        """Return a place under the name that the column has in the file."""
        return Place(self.source.name, number, self._layout.names.get(name, name))

    def _note(self, found: list[BadInput]) -> None:
        """Keep the faults of a run, of each cell the first."""
        cells = {(fault.place.row, fault.place.column or fault.code): fault for fault in reversed(found)}
        found = list(cells.values())
        self._total += len(found)
        room = SHOWN_AT_ONCE - len(self._faults)
        if room > 0:
            self._faults += sorted(found, key=lambda fault: fault.place.row or 0)[:room]

    # -- keys that stand twice -----------------------------------------------------------------------

    def _remember(self, keys: Sequence[str], numbers: Sequence[int]) -> None:
        if "" in keys:  # an empty one is a fault of its own
            numbers = [number for number, key in zip(numbers, keys, strict=False) if key]
            keys = [key for key in keys if key]
        # Sixteen bytes a row instead of the keys themselves; equal hashes are looked up in the file at the end.
        self._keys.append(np.fromiter(map(hash, keys), np.int64, len(keys)))
        self._numbers.append(np.fromiter(numbers, np.int64, len(numbers))[: len(keys)])

    def _find_doubles(self) -> None:
        if not self._keys:
            return
        keys, numbers = np.concatenate(self._keys), np.concatenate(self._numbers)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        again = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
        if not len(again):
            return
        first_of = np.searchsorted(ordered, ordered[again])
        seconds, firsts = numbers[order[again]], numbers[order[first_of]]
        earliest = np.argsort(seconds)[:_LOOKED_UP]
        shown = list(zip(seconds[earliest].tolist(), firsts[earliest].tolist(), strict=True))
        known = self._keys_in({number for pair in shown for number in pair})
        doubles = [
            BadInput("id_twice", self._place(second, self._layout.key), first=first, second=second)
            for second, first in shown
            if known[first] == known[second]
        ]
        self._total += len(doubles) + len(again) - len(shown)
        self._faults = sorted([*self._faults, *doubles], key=lambda fault: fault.place.row or 0)

    def _keys_in(self, numbers: Collection[int]) -> dict[int, str]:
        """Return the keys of some rows, read again; of keys that were made out of others their hashes."""
        if self._layout.key not in self._file_columns:
            # Made keys are compared by hash alone: two of a million differ and share one with a chance of 1 to 10^7.
            hashed = dict(zip(np.concatenate(self._numbers), np.concatenate(self._keys), strict=True))
            return {number: str(hashed[number]) for number in numbers}
        index = self._file_columns.index(self._layout.key)
        found: dict[int, str] = {}
        for first, rows in self.source.batches():
            for number in sorted(numbers):
                if first <= number < first + len(rows):
                    found[number] = _clean(rows[number - first][index])
        return found


def _clean(cell: str) -> str:
    return unicodedata.normalize("NFC", cell.strip())


def is_formula(cell: str) -> bool:
    """Whether a table programme would run what stands in a cell."""
    return _FORMULA.match(_unquoted(cell)) is not None


def _unquoted(cell: str) -> str:
    """Return the text in `="0123"`, with which some exports keep leading zeros, and any other cell as it is."""
    found = _TEXT_AS_FORMULA.fullmatch(cell)
    return found[1] if found else cell


def _checks(allowed: Mapping[str, Collection[str]]) -> Checks:
    # Tomorrow: somewhere it is tomorrow already. No result depends on the day, only what counts as a slip.
    latest = (datetime.now(UTC) + timedelta(days=1)).date()
    listed = {"sex": SEXES, **allowed}
    return {
        **{column: _one_of(values) for column, values in listed.items()},
        "birth_date": _born_until(latest),
    }


def _one_of(values: Collection[str]) -> Check:
    known = frozenset(values)
    fault: Fault = ("value_not_listed", {"choices": ", ".join(sorted(values))})
    return lambda value: None if value in known else fault


def _born_until(latest: date) -> Check:
    fault: Fault = ("birth_date_wrong", {})

    def check(value: str) -> Fault | None:
        try:
            born = date.fromisoformat(value)
        except ValueError:
            return fault
        # Python reads 19610517 and 1961-W20-3 too, but they would not compare as text.
        plausible = born <= latest and latest.year - born.year <= LONGEST_LIFE_YEARS
        return None if plausible and born.isoformat() == value else fault

    return check
