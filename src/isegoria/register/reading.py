"""Reading an extract of a register: all of it, or an error with file, row and column and nothing loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from isegoria.register.scanning import REQUIRED, Layout, Row, scan
from isegoria.register.sources import Source, open_source

__all__ = ["REQUIRED", "Register", "Row", "age_on", "born_by", "check", "read"]


@dataclass(frozen=True)
class Register:
    """An extract of a register, read and checked.

    Attributes
    ----------
    rows
        One mapping a resident: column name to text, in the order of the file.
    columns
        The names of the columns, in the order of the file.
    sha256
        Of the file's bytes, as 64 hexadecimal digits: what a commitment names.
    told
        What the file was found to be, to be said: `CSV, Windows-1252, separated by ;`.
    """

    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    sha256: str
    told: str = ""

    def __len__(self) -> int:
        """Return the number of residents."""
        return len(self.rows)

    def eligible(
        self, *, age_min: int, on: date, municipalities: Sequence[str] | None = None
    ) -> tuple[Row, ...]:
        """Return the residents who have reached an age on a day, in the given municipalities if any are given.

        Parameters
        ----------
        age_min
            In completed years; 0 for everybody, also where the register has no birth dates.
        on
            The day that counts; whoever has her birthday on it has reached the age.
        municipalities
            Codes as they stand in the register.
        """
        within = None if municipalities is None else set(municipalities)
        latest = born_by(on, age_min)
        return tuple(
            row
            for row in self.rows
            if (not age_min or "" < row["birth_date"] <= latest)
            and (within is None or row["municipality"] in within)
        )

    def count_by(self, column: str) -> dict[str, int]:
        """Return how many residents have each value of a column, values in order."""
        return dict(sorted(Counter(row[column] for row in self.rows).items()))


def born_by(on: date, age: int) -> str:
    """Return the latest ISO birth date of somebody who has reached an age on a day.

    Who is born on 29 February completes a year on 1 March of a common year.
    """
    try:
        return on.replace(year=on.year - age).isoformat()
    except ValueError:  # on is 29 February and the year of birth has none
        return date(on.year - age, 2, 28).isoformat()


def age_on(birth_date: date, on: date) -> int:
    """Return the completed years of somebody born on a day, on another day."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))


def read(
    path: Path | str | Source,
    *,
    allowed: Mapping[str, Collection[str]] | None = None,
    layout: Layout | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Register:
    """Return the extract in a file, whole.

    Parameters
    ----------
    path
        CSV, Parquet or an Excel workbook, or a source that is open already. A CSV may be UTF-8 or UTF-16, with or without byte order mark, Latin-1 or
        Windows-1252, and separated by any usual sign; what was found stands in `Register.told`.
        Without a layout the columns of `REQUIRED` must be there; dates are ISO, `1961-05-17`.
    allowed
        For some columns the only values that may stand there, e.g. the languages in which letters go out or
        the codes of the authority's municipalities. Sex is always one of `SEXES`.
    layout
        How the file writes its columns, from a profile; see `isegoria.register.profile`.
    encoding, delimiter, sheet
        As in `isegoria.register.sources.open_source`.

    Returns
    -------
    Register
        With every text trimmed and in Unicode normal form C.

    Raises
    ------
    BadInput
        With file, row (the header is row 1) and column. The faults are listed together, the first twenty
        in full; nothing is loaded. No message repeats a cell.

    See Also
    --------
    scan : the same in bounded memory, for registers of millions.
    """
    source = _opened(path, encoding, delimiter, sheet)
    found = scan(source, allowed=allowed, layout=layout)
    rows: list[Row] = []
    for run in found:
        names = tuple(run.columns)
        rows += (dict(zip(names, cells, strict=True)) for cells in zip(*run.columns.values(), strict=True))
    return Register(tuple(rows), found.columns, source.sha256, source.told)


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of an extract after it was looked through once: its size, columns, hash, and counts."""

    rows: int
    columns: tuple[str, ...]
    sha256: str
    told: str
    counts: Mapping[str, int]

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.rows


def check(
    path: Path | str | Source,
    *,
    allowed: Mapping[str, Collection[str]] | None = None,
    layout: Layout | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    count_by: str = "municipality_name",
    progress: Callable[[int], None] | None = None,
) -> Checked:
    """Return what `read` would find, without holding the rows: for registers of millions.

    Parameters
    ----------
    path, allowed, layout, encoding, delimiter, sheet
        As in `read`.
    count_by
        A column whose values are counted, if it is there.
    progress
        Called with the number of rows that were read so far, every few thousand of them. What it raises ends the
        reading.

    Raises
    ------
    BadInput
        As `read`.
    """
    source = _opened(path, encoding, delimiter, sheet)
    found = scan(source, allowed=allowed, layout=layout)
    rows = 0
    counts: Counter[str] = Counter()
    for run in found:
        rows += len(run)
        counts.update(run.columns.get(count_by, ()))
        if progress is not None:
            progress(rows)
    return Checked(rows, found.columns, source.sha256, source.told, dict(sorted(counts.items())))


def _opened(
    path: Path | str | Source, encoding: str | None, delimiter: str | None, sheet: str | None
) -> Source:
    if isinstance(path, Source):
        return path
    return open_source(path, encoding=encoding, delimiter=delimiter, sheet=sheet)
