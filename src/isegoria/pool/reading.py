"""Reading pools and quotas from CSV files: everything is checked, or nothing is loaded.

Commas, semicolons and tabs; any encoding that `isegoria.textfiles` knows; text is brought to Unicode normal form C
and freed of blanks at both ends. Faults name file, row and column, and are collected, so that a file can be repaired
in one go.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from isegoria import textfiles
from isegoria.addresses import is_part_of_address, same_home
from isegoria.errors import BadInput, Place, collect
from isegoria.pool.intersections import REST, Intersection
from isegoria.pool.people import Entry, Pool
from isegoria.pool.quotas import Quota, Quotas

ID_COLUMNS = ("id", "nationbuilder_id", "external_id", "respondent_id")
"""Names of an id column, looked for in this order, in any case."""
DELIMITERS = ",;\t"
MOST_BYTES = 500_000_000
_FEATURE = ("category", "feature")
_VALUE = ("value", "feature", "name")
_WHOLE = re.compile(r"([+-]?\d{1,9})([.,]0{1,2})?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[ \u00a0\u2009\u202f'’]\d{3})+(?:[.,]0{1,2})?")
_AMBIGUOUS = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{3})+", re.ASCII)
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """A file as rows of cells; the number in front of each row is its place in the file, header 1."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    header_row: int = 1

    def place(self, row: int | None = None, column: str | None = None) -> Place:
        """Return a place in this file."""
        return Place(self.name, row, column)


def read_quotas(path: str | PathLike[str]) -> Quotas:
    """Return the quotas of a CSV file, in the order of its rows.

    Parameters
    ----------
    path
        A file with the columns `category,feature,min,max` or `feature,value,min,max`, both with
        `min_flex,max_flex` if wanted; a blank flexibility means no limit.

    Raises
    ------
    BadInput
        With file, row and column, and the way out; several of them together. Nothing was loaded.
    """
    table = read_table(path)
    columns = _quota_columns(table)
    rows: list[Quota] = []
    faults: list[BadInput] = []
    seen: dict[tuple[str, str], int] = {}
    for number, cells in table.rows:
        try:
            quota = _quota(table, number, cells, columns)
        except BadInput as fault:
            faults.append(fault)
            continue
        rows.append(quota)
        first = seen.setdefault((quota.feature, quota.value), number)
        if first != number:
            faults.append(BadInput("quota_row_repeated", table.place(number), first=first))
    collect(faults)
    return Quotas(tuple(rows))


def read_pool(
    path: str | PathLike[str],
    quotas: Quotas,
    id_column: str | None = None,
    household_columns: Sequence[str] = (),
    opened: Iterable[str] = (),
) -> Pool:
    """Return the people of a CSV file with the features that the quotas name.

    Parameters
    ----------
    path
        A file with one column per feature; further columns are kept in `Entry.extra`.
    quotas
        Say which columns are features and which values they may have.
    id_column
        The column with the ids; if None, the first of `ID_COLUMNS` that there is, else the rows are
        numbered from 0.
    household_columns
        Columns that together name a household, such as address and postcode; capitals and blanks do not count,
        and columns whose name says that they hold a part of an address are compared by
        `isegoria.addresses.same_home`. People with the same are never drawn together; people with all of them empty live alone.
    opened
        Features in which every value without a quota counts as `all others`.

    Raises
    ------
    BadInput
        With file, row and column, never with a cell's content; several of them together.
        Nothing was loaded.
    """
    return Pool(entries_of(read_table(path), quotas, id_column, household_columns, opened))


def entries_of(
    table: Table,
    quotas: Quotas,
    id_column: str | None = None,
    household_columns: Sequence[str] = (),
    opened: Iterable[str] = (),
) -> tuple[Entry, ...]:
    """Return the people of a table, as `read_pool` does, in the order of its rows."""
    table = _with_others(table, quotas, opened)
    columns = _pool_columns(table, quotas)
    own = id_index(table, id_column)
    homes = [_index(table, name) for name in household_columns]
    faults: list[BadInput] = []
    entries: list[Entry] = []
    seen: dict[str, int] = {}
    for position, (number, cells) in enumerate(table.rows):
        identifier = str(position) if own is None else cells[own]
        faults += _row_faults(table, number, cells, columns, quotas.features)
        if not identifier:
            faults.append(BadInput("id_blank", table.place(number, table.header[own or 0])))
        elif (first := seen.setdefault(identifier, number)) != number:
            faults.append(BadInput("id_repeated", table.place(number, table.header[own or 0]), first=first))
        entries.append(_entry(table, identifier, cells, columns, homes))
    collect(faults)
    return tuple(entries)


def _with_others(table: Table, quotas: Quotas, opened: Iterable[str]) -> Table:
    """Return the table where values without a quota, in some columns, are `all others`."""
    where = {
        index: quotas.features[name]
        for name in opened
        for index, column in enumerate(table.header)
        if column == name
    }
    if not where:
        return table
    rows = tuple(
        (
            number,
            tuple(
                REST if index in where and cell and cell not in where[index] else cell
                for index, cell in enumerate(cells)
            ),
        )
        for number, cells in table.rows
    )
    return Table(table.name, table.header, rows, table.header_row)


def read_intersections(path: str | PathLike[str], quotas: Quotas) -> tuple[Intersection, ...]:
    """Return the intersectional quotas of a CSV file, in the order of its rows.

    Parameters
    ----------
    path
        A file with the columns `feature1,value1,feature2,value2,min,max`, further pairs `feature3,value3` and
        `min_flex,max_flex` if wanted. A pair from the third on may be blank.
    quotas
        Know every feature and value.

    Raises
    ------
    BadInput
        With file, row and column, and the way out; several of them together. Nothing was loaded.
    """
    table = read_table(path)
    pairs, limits = _intersection_columns(table)
    found: list[Intersection] = []
    faults: list[BadInput] = []
    seen: dict[frozenset[tuple[str, str]], int] = {}
    for number, cells in table.rows:
        try:
            one = _intersection(table, number, cells, pairs, limits, quotas)
        except BadInput as fault:
            faults.append(fault)
            continue
        found.append(one)
        first = seen.setdefault(frozenset(one.values), number)
        if first != number:
            faults.append(BadInput("intersection_repeated", table.place(number), first=first))
    collect(faults)
    return tuple(found)


def read_table(path: str | PathLike[str]) -> Table:
    """Return header and rows of a CSV file, cells cleaned, blank rows left out.

    Raises
    ------
    BadInput
        As `isegoria.textfiles.inspect`; `file_not_text`, `file_header_only`, `row_length`, `column_repeated`,
        `column_unnamed`.
    """
    path = Path(path)
    text = _text(textfiles.inspect(path, most_bytes=MOST_BYTES))
    records = [
        (number, tuple(_clean(cell) for cell in cells)) for number, cells in _records(text, path.name)
    ]
    filled = [(number, cells) for number, cells in records if any(cells)]
    if not filled:
        raise BadInput("file_empty", Place(path.name), file=path.name)
    if len(filled) == 1:
        raise BadInput("file_header_only", Place(path.name), file=path.name)
    filled = _without_empty_ends(filled)
    header = filled[0][1]
    _check_header(header, filled[0][0], path.name)
    collect(
        [
            BadInput("row_length", Place(path.name, number), cells=len(cells), columns=len(header))
            for number, cells in filled[1:]
            if len(cells) != len(header)
        ]
    )
    return Table(path.name, header, tuple(filled[1:]), filled[0][0])


def _without_empty_ends(
    rows: Sequence[tuple[int, tuple[str, ...]]],
) -> list[tuple[int, tuple[str, ...]]]:
    """Return the rows without columns at the end that have neither a name nor a cell, as spreadsheets add them."""
    width = len(rows[0][1])
    if not width or rows[0][1][-1]:
        return list(rows)
    used = max(index + 1 for _, cells in rows for index, cell in enumerate(cells) if cell)
    return [(number, cells[:used] if len(cells) <= width else cells) for number, cells in rows]


def _text(file: textfiles.TextFile) -> str:
    text = file.path.read_bytes().decode(file.codec)
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _records(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    first, _, rest = text.partition("\n")
    announced = _SEPARATOR_LINE.fullmatch(first)
    start = 2 if announced else 1
    body = rest if announced else text
    delimiter = announced[1] if announced else _delimiter(body)
    reader = csv.reader(io.StringIO(body), delimiter=delimiter, strict=True)
    number = start - 1
    try:
        for number, cells in enumerate(reader, start):
            yield number, cells
    except csv.Error as error:
        raise BadInput("file_not_text", Place(name, number + 1), file=name, detail=str(error)) from error


def _delimiter(text: str) -> str:
    header = next((line for line in text.split("\n") if line.strip()), "")
    outside = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=outside.count)


def _clean(cell: str) -> str:
    return unicodedata.normalize("NFC", cell).strip()


def _check_header(header: Sequence[str], row: int, name: str) -> None:
    faults: list[BadInput] = []
    for index, column in enumerate(header):
        if not column:
            faults.append(BadInput("column_unnamed", Place(name, row), number=index + 1))
        elif column in header[:index]:
            faults.append(BadInput("column_repeated", Place(name, row, column)))
    collect(faults)


def _quota_columns(table: Table) -> dict[str, int]:
    """Return where feature, value, minimum, maximum and the flexibilities stand."""
    where = {column.casefold(): index for index, column in enumerate(table.header)}
    feature = next((name for name in _FEATURE if name in where), None)
    value = next((name for name in _VALUE if name in where and name != feature), None)
    found = {"feature": feature, "value": value, "min": "min", "max": "max"}
    missing = [key for key, name in found.items() if name is None or name not in where]
    if missing:
        raise BadInput("quota_columns", table.place(table_header_row(table)), missing=", ".join(missing))
    optional = {name: where[name] for name in ("min_flex", "max_flex") if name in where}
    return {key: where[name] for key, name in found.items() if name is not None} | optional


def table_header_row(table: Table) -> int:
    """Return the number of the header's row."""
    return table.header_row


def _quota(table: Table, number: int, cells: Sequence[str], columns: Mapping[str, int]) -> Quota:
    for key in ("feature", "value"):
        if not cells[columns[key]]:
            raise BadInput("cell_blank", table.place(number, table.header[columns[key]]))
    numbers = {
        key: _whole(table, number, columns[key], cells, optional=key.endswith("flex"))
        for key in ("min", "max", "min_flex", "max_flex")
        if key in columns
    }
    try:
        return Quota(cells[columns["feature"]], cells[columns["value"]], *_limits(numbers))
    except BadInput as fault:
        column = _faulty_column(fault.code, numbers)
        raise BadInput(fault.code, table.place(number, column), **fault.parameters) from fault


def _intersection_columns(table: Table) -> tuple[list[tuple[int, int]], dict[str, int]]:
    """Return where the pairs of feature and value stand, and where the limits."""
    where = {column.casefold(): index for index, column in enumerate(table.header)}
    wanted = ["feature1", "value1", "feature2", "value2", "min", "max"]
    missing = [name for name in wanted if name not in where]
    if missing:
        place = table.place(table_header_row(table))
        raise BadInput("intersection_columns", place, missing=", ".join(missing))
    pairs: list[tuple[int, int]] = []
    while {(feature := f"feature{len(pairs) + 1}"), (value := f"value{len(pairs) + 1}")} <= where.keys():
        pairs.append((where[feature], where[value]))
    return pairs, {name: where[name] for name in ("min", "max", "min_flex", "max_flex") if name in where}


def _intersection(
    table: Table,
    number: int,
    cells: Sequence[str],
    pairs: Sequence[tuple[int, int]],
    limits: Mapping[str, int],
    quotas: Quotas,
) -> Intersection:
    used = [pair for rank, pair in enumerate(pairs) if rank < 2 or any(cells[index] for index in pair)]  # noqa: PLR2004  # two are needed
    for feature, value in used:
        if cells[feature] not in quotas.features:
            choices = ", ".join(quotas.features)
            raise BadInput("value_unknown", table.place(number, table.header[feature]), choices=choices)
        if cells[value] not in quotas.features[cells[feature]]:
            choices = ", ".join(quotas.features[cells[feature]])
            raise BadInput("value_unknown", table.place(number, table.header[value]), choices=choices)
    values = tuple((cells[feature], cells[value]) for feature, value in used)
    numbers = {
        key: _whole(table, number, index, cells, optional=key.endswith("flex"))
        for key, index in limits.items()
    }
    try:
        cell = Quota(
            "×".join(name for name, _ in values), "×".join(value for _, value in values), *_limits(numbers)
        )
        return Intersection(values, cell.minimum, cell.maximum, cell.min_flex, cell.max_flex)
    except BadInput as fault:
        column = None if fault.code == "intersection_narrow" else _faulty_column(fault.code, numbers)
        raise BadInput(fault.code, table.place(number, column), **fault.parameters) from fault


def _limits(numbers: Mapping[str, int | None]) -> tuple[int, int, int | None, int | None]:
    return numbers["min"] or 0, numbers["max"] or 0, numbers.get("min_flex"), numbers.get("max_flex")


def _faulty_column(code: str, numbers: Mapping[str, int | None]) -> str:
    if code == "quota_negative":
        return next(key for key, number in numbers.items() if (number or 0) < 0)
    return "min" if code == "quota_reversed" else "min_flex"


def _whole(table: Table, number: int, index: int, cells: Sequence[str], *, optional: bool) -> int | None:
    return None if optional and not cells[index] else whole_number(table, number, index, cells)


def whole_number(table: Table, number: int, index: int, cells: Sequence[str]) -> int:
    """Return the whole number of a cell."""
    text = cells[index]
    if _THOUSANDS.fullmatch(text):
        text = re.sub("[ \u00a0\u2009\u202f'’]", "", text)
    if _AMBIGUOUS.fullmatch(text):
        raise BadInput("number_ambiguous", table.place(number, table.header[index]))
    found = _WHOLE.fullmatch(text)
    if not found:
        raise BadInput("not_whole", table.place(number, table.header[index]))
    return int(found[1])


def _pool_columns(table: Table, quotas: Quotas) -> dict[str, int]:
    missing = [feature for feature in quotas.features if feature not in table.header]
    collect(
        [
            BadInput("column_missing", table.place(table_header_row(table), feature), column=feature)
            for feature in missing
        ]
    )
    return {feature: table.header.index(feature) for feature in quotas.features}


def id_index(table: Table, id_column: str | None) -> int | None:
    """Return where the ids stand: in the named column, else under a usual name; None if rows are numbered."""
    if id_column is not None:
        return _index(table, id_column)
    where = {column.casefold(): index for index, column in reversed(list(enumerate(table.header)))}
    return next((where[name] for name in ID_COLUMNS if name in where), None)


def _index(table: Table, name: str) -> int:
    if name not in table.header:
        raise BadInput("column_missing", table.place(table_header_row(table), name), column=name)
    return table.header.index(name)


def _row_faults(
    table: Table,
    number: int,
    cells: Sequence[str],
    columns: Mapping[str, int],
    values: Mapping[str, Sequence[str]],
) -> Iterator[BadInput]:
    for feature, index in columns.items():
        if not cells[index]:
            yield BadInput("cell_blank", table.place(number, feature))
        elif cells[index] not in values[feature]:
            yield BadInput(
                "value_unknown", table.place(number, feature), choices=", ".join(values[feature])
            )


def _home(column: str, cell: str) -> str:
    return same_home(cell) if is_part_of_address(column) else " ".join(cell.casefold().split())


def _entry(
    table: Table, identifier: str, cells: Sequence[str], columns: Mapping[str, int], homes: Sequence[int]
) -> Entry:
    used = set(columns.values())
    home = [_home(table.header[index], cells[index]) for index in homes]
    return Entry(
        identifier,
        {feature: cells[index] for feature, index in columns.items()},
        {name: cells[index] for index, name in enumerate(table.header) if index not in used},
        "\n".join(home) if any(home) else None,
    )
