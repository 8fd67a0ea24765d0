"""Reading an extract of a register: all of it, or an error with file, row and column and nothing loaded."""

from __future__ import annotations

import csv
import hashlib
import io
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
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

SEXES = ("F", "M", "X")
LONGEST_LIFE_YEARS = 125
DELIMITERS = (",", ";", "\t")
LONGEST_FIELD = 65_536
_NOT_TEXT = {
    b"\x89PNG": "a PNG picture",
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


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


def read(path: Path | str) -> Register:
    """Return the extract in a CSV or Parquet file.

    Parameters
    ----------
    path
        CSV in UTF-8 (with or without byte order mark), separated by comma, semicolon or tab, or Parquet.
        The columns of `REQUIRED` must be there; dates are ISO, `1961-05-17`.

    Returns
    -------
    Register
        With every text trimmed and in Unicode normal form C.

    Raises
    ------
    BadInput
        With file, row (the header is row 1) and column. The faults are listed together, the first twenty
        in full; nothing is loaded.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise BadInput("file_missing", Place(str(path)), file=path.name) from error
    if not data:
        raise BadInput("file_empty", Place(path.name), file=path.name)
    rows = _parquet_rows(path) if data.startswith(b"PAR1") else _csv_rows(data, path.name)
    header = _header(rows, path.name)
    loaded, faults, total = _load(rows, header, path.name)
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
        except duckdb.Error as error:
            raise BadInput(
                "register_not_parquet", Place(path.name), detail=str(error).splitlines()[0]
            ) from error
        yield [column[0] for column in found.description]
        while chunk := found.fetchmany(10_000):
            yield from (["" if cell is None else str(cell) for cell in row] for row in chunk)


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


def _header(rows: Iterator[list[str]], file: str) -> tuple[str, ...]:
    names = tuple(_clean(name) for name in next(rows, []))
    doubled = [name for name, count in Counter(names).items() if count > 1]
    faults = [
        BadInput("column_missing", Place(file, row=1), column=name)
        for name in REQUIRED
        if name not in names
    ]
    faults += [BadInput("column_twice", Place(file, row=1), column=name) for name in doubled]
    collect(faults)
    return names


def _load(
    rows: Iterator[list[str]], header: tuple[str, ...], file: str
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
            found = list(_faults_of(row, Place(file, row=number)))
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


def _faults_of(row: Row, place: Place) -> Iterator[BadInput]:
    for column in ("id", "sex", "birth_date", "municipality", "street", "postcode", "household"):
        if not row[column]:
            yield BadInput("cell_empty", Place(place.file, place.row, column), column=column)
        elif (check := _CHECKS.get(column)) is not None and (fault := check(row[column])) is not None:
            code, parameters = fault
            yield BadInput(code, Place(place.file, place.row, column), **parameters)


def _wrong_sex(value: str) -> tuple[str, dict[str, object]] | None:
    return None if value in SEXES else ("invalid_choice", {"value": value, "choices": ", ".join(SEXES)})


def _wrong_birth_date(value: str) -> tuple[str, dict[str, object]] | None:
    try:
        born = date.fromisoformat(value)
    except ValueError:
        return "birth_date_wrong", {}
    years = _this_year() - born.year
    return None if 0 <= years <= LONGEST_LIFE_YEARS else ("birth_date_wrong", {})


def _this_year() -> int:
    """Return the year by which birth dates are judged plausible; no result depends on it."""
    return datetime.now(UTC).year


_CHECKS: dict[str, Callable[[str], tuple[str, dict[str, object]] | None]] = {
    "sex": _wrong_sex,
    "birth_date": _wrong_birth_date,
}
