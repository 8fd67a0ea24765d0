"""Reading an extract of a register: all of it, or an error with file, row and column and nothing loaded."""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from isegoria.errors import SHOWN_AT_ONCE, BadInput, Place, collect

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
DELIMITERS = (",", ";", "\t", "|")
LONGEST_FIELD = 65_536
_NOT_TEXT = {
    b"\x89PNG": "a PNG picture",
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

Fault = tuple[str, Mapping[str, object]]
Check = Callable[[str], Fault | None]
Checks = Mapping[str, Check]


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
    """

    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    sha256: str

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
            In completed years.
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
            if row["birth_date"] <= latest and (within is None or row["municipality"] in within)
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


def read(path: Path | str, *, allowed: Mapping[str, Collection[str]] | None = None) -> Register:
    """Return the extract in a CSV or Parquet file.

    Parameters
    ----------
    path
        CSV in UTF-8 (with or without byte order mark), separated by comma, semicolon, tab or bar, or Parquet.
        The columns of `REQUIRED` must be there; dates are ISO, `1961-05-17`.
    allowed
        For some columns the only values that may stand there, e.g. the languages in which letters go out or
        the codes of the authority's municipalities. Sex is always one of `SEXES`.

    Returns
    -------
    Register
        With every text trimmed and in Unicode normal form C.

    Raises
    ------
    BadInput
        With file, row (the header is row 1) and column. The faults are listed together, the first twenty
        in full; nothing is loaded. No message repeats a cell.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise BadInput("file_missing", Place(str(path)), file=path.name) from error
    except OSError as error:
        detail = error.strerror or ""
        raise BadInput("file_unreadable", Place(str(path)), file=path.name, detail=detail) from error
    if not data:
        raise BadInput("file_empty", Place(path.name), file=path.name)
    rows = _parquet_rows(path) if data.startswith(b"PAR1") else _csv_rows(data, path.name)
    header = _header(rows, path.name, allowed or {})
    loaded, faults, total = _load(rows, header, path.name, _checks(allowed or {}))
    collect(faults, total)
    if not loaded:
        raise BadInput("file_empty", Place(path.name), file=path.name)
    return Register(tuple(loaded), header, hashlib.sha256(data).hexdigest())


# -- bytes to cells ----------------------------------------------------------------------------------


def _parquet_rows(path: Path) -> Iterator[list[str]]:
    import duckdb  # noqa: PLC0415  # a CSV needs no table engine

    with duckdb.connect() as connection:
        try:
            found = connection.execute("SELECT * FROM read_parquet(?)", [str(path)])
            yield [column[0] for column in found.description]
            while chunk := found.fetchmany(10_000):
                yield from (["" if cell is None else str(cell) for cell in row] for row in chunk)
        except duckdb.Error as error:
            detail = str(error).splitlines()[0].replace(str(path), path.name)
            raise BadInput("register_not_parquet", Place(path.name), detail=detail) from error


def _csv_rows(data: bytes, file: str) -> Iterator[list[str]]:
    text = _text(data, file)
    first_line = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise BadInput("register_not_csv", Place(file, row=reader.line_num), detail=str(error)) from error


def _text(data: bytes, file: str) -> str:
    for magic, kind in _NOT_TEXT.items():
        if data.startswith(magic):
            raise BadInput("register_not_a_table", Place(file), kind=kind)
    if data.startswith(_UTF16):
        raise BadInput("register_not_utf8", Place(file, row=1), found="UTF-16")
    if b"\0" in data:
        row = data[: data.index(b"\0")].count(b"\n") + 1
        raise BadInput("register_nul", Place(file, row=row))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        found = f"byte 0x{data[error.start]:02X}, as in Latin-1 or Windows-1252"
        raise BadInput("register_not_utf8", Place(file, row=row), found=found) from error


# -- cells to residents ------------------------------------------------------------------------------


def _header(rows: Iterator[list[str]], file: str, allowed: Collection[str]) -> tuple[str, ...]:
    names = tuple(_clean(name) for name in next(rows, []))
    doubled = [name for name, count in Counter(names).items() if count > 1]
    faults = [
        BadInput("column_missing", Place(file, row=1), column=name)
        for name in dict.fromkeys([*REQUIRED, *allowed])
        if name not in names
    ]
    faults += [BadInput("column_twice", Place(file, row=1), column=name) for name in doubled]
    collect(faults)
    return names


def _load(
    rows: Iterator[list[str]], header: tuple[str, ...], file: str, checks: Checks
) -> tuple[list[Row], list[BadInput], int]:
    loaded: list[Row] = []
    faults: list[BadInput] = []
    total = 0
    seen: dict[str, int] = {}
    for number, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            found: list[BadInput] = [
                BadInput("row_fields", Place(file, row=number), found=len(cells), expected=len(header))
            ]
        else:
            row = dict(zip(header, map(_clean, cells), strict=True))
            found = list(_faults_of(row, Place(file, row=number), checks))
            first = seen.setdefault(row["id"], number)
            if first != number and row["id"]:
                found.append(BadInput("id_twice", Place(file, number, "id"), first=first, second=number))
            loaded.append(row)
        total += len(found)
        faults += found[: SHOWN_AT_ONCE - len(faults)]
    return loaded, faults, total


def _clean(cell: str) -> str:
    stripped = cell.strip()
    return stripped if stripped.isascii() else unicodedata.normalize("NFC", stripped)


def _faults_of(row: Row, place: Place, checks: Checks) -> Iterator[BadInput]:
    for column in NEVER_EMPTY:
        if not row[column]:
            yield BadInput("cell_empty", Place(place.file, place.row, column), column=column)
    for column, check in checks.items():
        if row[column] and (fault := check(row[column])) is not None:
            code, parameters = fault
            yield BadInput(code, Place(place.file, place.row, column), **parameters)


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
