"""Files of a register as batches of cells: CSV, Parquet and Excel, each read once from front to back, never held whole."""

from __future__ import annotations

import csv
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from isegoria import textfiles
from isegoria.errors import BadInput, Place

Cells = list[str]
Batch = tuple[int, list[Cells]]
"""The number of the first row, the header's being 1, and the cells of some rows that follow each other."""

BATCH_ROWS = 8192
DELIMITERS = (",", ";", "\t", "|", "¦", "^", "~")
LONGEST_FIELD = 65_536
LONGEST_HEADER = 1_000_000
MOST_UNPACKED = 1_500_000_000
"""Bytes that the parts of a workbook may unpack to; the largest sheet, a million rows of fifteen columns, stays below."""
MOST_TEXTS = 300_000_000
"""Bytes of the texts that a workbook keeps apart from its cells and that are held while it is read."""
MOST_TIMES = 250
"""How many times larger a part of a workbook may become; sheets of a register become 5 to 30 times larger."""
BYTES_A_ROW = 100
"""Of a register as text, about."""
_SMALL = 20_000_000
_DIGITS_KEPT = 10**15
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Source:
    """A file, opened: what it is, and how its rows are reached, as often as wanted.

    Attributes
    ----------
    path
        Where it is.
    kind
        `csv`, `parquet` or `xlsx`.
    sha256
        Of its bytes, 64 hexadecimal digits.
    text
        Of a CSV: what the encoding turned out to be.
    delimiter
        Of a CSV.
    sheet
        Of a workbook: the one that is read.
    """

    path: Path
    kind: Literal["csv", "parquet", "xlsx"]
    sha256: str
    text: textfiles.TextFile | None = None
    delimiter: str | None = None
    sheet: str | None = None

    @property
    def name(self) -> str:
        """The name of the file, without its folder."""
        return self.path.name

    @property
    def announced(self) -> bool:
        """Whether the first line of a CSV only announces its delimiter, `sep=;`."""
        return self.text is not None and _announced(self.text) is not None

    @property
    def told(self) -> str:
        """What was found, to be said: `CSV, Windows-1252, separated by ;`."""
        if self.text is not None:
            signs = {"\t": "tabs"}
            return (
                f"CSV, {self.text.encoding}, separated by {signs.get(self.delimiter or '', self.delimiter)}"
            )
        return f"Excel, sheet {self.sheet}" if self.kind == "xlsx" else "Parquet"

    def batches(self) -> Iterator[Batch]:
        """Yield the rows from the header on, blank ones too.

        Raises
        ------
        BadInput
            `register_not_csv`, `register_not_parquet`, `workbook_wrong`, `cell_formula`, `cell_error`,
            `cell_number_long`; with file, row and column.
        """
        if self.kind == "parquet":
            return _parquet(self.path)
        return _csv(self) if self.kind == "csv" else _xlsx(self)


def open_source(
    path: Path | str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
) -> Source:
    """Return a file as a source of rows, by its content, not by its name.

    Parameters
    ----------
    path
        CSV, Parquet or an Excel workbook (`.xlsx`).
    encoding
        Of a CSV, if it should not be found; see `isegoria.textfiles.inspect`.
    delimiter
        Of a CSV, if it should not be found: one character.
    sheet
        Of a workbook with several that hold something.

    Raises
    ------
    BadInput
        As `isegoria.textfiles.inspect`; `delimiter_wrong`; `workbook_wrong`, `workbook_too_large`, `workbook_sheets`.
    """
    path = Path(path)
    textfiles.size_of(path)
    with path.open("rb") as file:
        head = file.read(4)
    if head == b"PAR1":
        return Source(path, "parquet", textfiles.sha256_of(path))
    if head == b"PK\x03\x04":
        return Source(path, "xlsx", textfiles.sha256_of(path), sheet=_sheet(path, sheet))
    text = textfiles.inspect(path, encoding=encoding)
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise BadInput("delimiter_wrong", Place(path.name))
    return Source(path, "csv", text.sha256, text, delimiter or _delimiter(text))


# -- CSV ---------------------------------------------------------------------------------------------


def _first_lines(text: textfiles.TextFile) -> tuple[str, str]:
    with text.path.open(encoding=text.codec, newline=None) as file:
        return file.readline(LONGEST_HEADER), file.readline(LONGEST_HEADER)


def _announced(text: textfiles.TextFile) -> str | None:
    found = _SEPARATOR_LINE.fullmatch(_first_lines(text)[0].rstrip())
    return found[1] if found else None


def _delimiter(text: textfiles.TextFile) -> str:
    """Return the separator that the first line announces, or the one that its header has most of."""
    announced = _announced(text)
    outside = _QUOTED.sub("", _first_lines(text)[0])
    return announced or max(DELIMITERS, key=outside.count)


def _csv(source: Source) -> Iterator[Batch]:
    text = source.text
    if text is None:
        return
    csv.field_size_limit(LONGEST_FIELD)
    number = 1
    with text.path.open(encoding=text.codec, newline="") as file:
        if _announced(text) is not None:
            file.readline()
            number = 2
        reader = csv.reader(file, delimiter=source.delimiter or ",", strict=True)
        shift = number - 1
        try:
            while rows := list(islice(reader, BATCH_ROWS)):
                yield number, rows
                number += len(rows)
        except csv.Error as error:
            place = Place(source.name, row=reader.line_num + shift)
            raise BadInput("register_not_csv", place, detail=str(error)) from error


# -- Parquet -----------------------------------------------------------------------------------------


def _parquet(path: Path) -> Iterator[Batch]:
    import duckdb  # noqa: PLC0415  # a CSV needs no table engine

    with duckdb.connect() as connection:
        try:
            connection.execute("SET memory_limit = '512MB'; SET preserve_insertion_order = true")
            found = connection.execute("SELECT * FROM read_parquet(?)", [str(path)])
            yield 1, [[column[0] for column in found.description]]
            number = 2
            while chunk := found.fetchmany(BATCH_ROWS):
                yield number, [[_cell(value) for value in row] for row in chunk]
                number += len(chunk)
        except duckdb.Error as error:
            detail = str(error).splitlines()[0].replace(str(path), path.name)
            raise BadInput("register_not_parquet", Place(path.name), detail=detail) from error


def bytes_to_read(path: Path) -> int:
    """Return about how many bytes reading a file goes through, without reading it.

    Those of a CSV are its own; a workbook and a Parquet file are packed, and become many times as much. A file that
    is none of them or broken counts as it is: the reader says what is wrong with it.
    """
    size = path.stat().st_size
    try:
        if path.suffix.lower() == ".xlsx":
            with zipfile.ZipFile(path) as archive:
                return max(size, sum(part.file_size for part in archive.infolist()))
        if path.suffix.lower() == ".parquet":
            return max(size, _rows_of_parquet(path) * BYTES_A_ROW)
    except (zipfile.BadZipFile, OSError, ValueError):
        pass
    return size


def _rows_of_parquet(path: Path) -> int:
    import duckdb  # noqa: PLC0415  # a CSV needs no table engine

    with duckdb.connect() as connection:
        try:
            found = connection.execute(
                "SELECT num_rows FROM parquet_file_metadata(?)", [str(path)]
            ).fetchone()
        except duckdb.Error as error:
            raise ValueError(f"{path.name} is not a Parquet file") from error
    return int(found[0]) if found else 0


# -- Excel -------------------------------------------------------------------------------------------


def _check_parts(path: Path) -> None:
    """Refuse a workbook that would unpack to more than it looks, or whose parts declare entities."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            large = sum(part.file_size for part in parts)
            texts = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
            swollen = any(
                part.file_size > _SMALL and part.file_size > MOST_TIMES * max(1, part.compress_size)
                for part in parts
            )
            if large > MOST_UNPACKED or texts > MOST_TEXTS or swollen:
                raise BadInput(
                    "workbook_too_large", Place(path.name), size=large // 10**6, most=MOST_UNPACKED // 10**6
                )
            if "xl/workbook.xml" not in archive.namelist():
                raise BadInput("file_not_a_table", Place(path.name), kind="a ZIP archive")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _refuse_entities(archive, part, path.name)
    except (zipfile.BadZipFile, OSError, RuntimeError, EOFError, NotImplementedError, zlib.error) as error:
        raise BadInput("workbook_wrong", Place(path.name), detail=str(error)) from error


def _refuse_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    before = b""
    with archive.open(part) as file:
        while piece := file.read(textfiles.PIECE_BYTES):
            searched = before + piece.replace(b"\0", b"")
            if b"<!DOCTYPE" in searched or b"<!ENTITY" in searched:
                detail = "a part declares entities, which no spreadsheet writes"
                raise BadInput("workbook_wrong", Place(name), detail=detail)
            before = searched[-16:]


def _workbook(path: Path) -> Any:
    import openpyxl  # noqa: PLC0415  # only for workbooks

    try:
        return openpyxl.load_workbook(path, read_only=True, keep_links=False)
    except Exception as error:  # openpyxl lets every error of its parts through
        raise BadInput("workbook_wrong", Place(path.name), detail=type(error).__name__) from error


def _sheet(path: Path, wanted: str | None) -> str:
    _check_parts(path)
    workbook = _workbook(path)
    try:
        names = [sheet.title for sheet in workbook.worksheets]
        filled = [sheet.title for sheet in workbook.worksheets if _holds_something(sheet)]
    finally:
        workbook.close()
    if wanted is not None:
        if wanted not in names:
            raise BadInput("workbook_sheets", Place(path.name), sheets=", ".join(names))
        return wanted
    if not filled:
        raise BadInput("file_empty", Place(path.name), file=path.name)
    if len(filled) > 1:
        raise BadInput("workbook_sheets", Place(path.name), sheets=", ".join(filled))
    return str(filled[0])


def _holds_something(sheet: Any) -> bool:
    sheet.reset_dimensions()
    return any(value is not None for row in islice(sheet.iter_rows(values_only=True), 100) for value in row)


def _xlsx(source: Source) -> Iterator[Batch]:
    workbook = _workbook(source.path)
    try:
        sheet = workbook[source.sheet]
        sheet.reset_dimensions()  # what a file says of its own size is not always true
        rows: list[Cells] = []
        width, first, number = 0, 1, 0
        for number, row in enumerate(sheet.iter_rows(), start=1):
            cells = [_excel_cell(cell, source.name, number) for cell in row]
            while len(cells) > width and not cells[-1]:
                cells.pop()
            width = width or len(cells)
            rows.append(cells + [""] * (width - len(cells)))
            if len(rows) == BATCH_ROWS:
                yield first, rows
                first, rows = number + 1, []
        if rows:
            yield first, rows
    except BadInput:
        raise
    except Exception as error:  # a damaged part of a workbook: whatever its parser raises
        place = Place(source.name, row=number + 1)
        raise BadInput("workbook_wrong", place, detail=type(error).__name__) from error
    finally:
        workbook.close()


def _excel_cell(cell: Any, name: str, row: int) -> str:
    kind = cell.data_type
    if kind == "f":
        raise BadInput("cell_formula", Place(name, row, cell.column_letter))
    if kind == "e":
        raise BadInput("cell_error", Place(name, row, cell.column_letter))
    # A spreadsheet keeps fifteen digits: of a longer number the last ones are lost, and two would become one.
    if isinstance(cell.value, int | float) and abs(cell.value) >= _DIGITS_KEPT:
        raise BadInput("cell_number_long", Place(name, row, cell.column_letter))
    return _cell(cell.value)


def _cell(value: object) -> str:
    """Return a value of a typed table as the text that a CSV would have held."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
