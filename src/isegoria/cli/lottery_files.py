"""What the commands of `isegoria lottery` share: their options and the files they read and write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from isegoria import lottery, textfiles
from isegoria.cli.common import csv_text, write_atomically
from isegoria.errors import BadInput, Place
from isegoria.pool import (
    Entry,
    Pool,
    Quotas,
    intersect,
    intersect_with,
    link,
    read_intersections,
    read_links,
    read_pool,
    read_quotas,
    read_seats,
    reserve,
    sitting_of,
)
from isegoria.pool.reading import ID_COLUMNS, Table, id_index, read_table, table_header_row
from isegoria.proof.canonical import parse
from isegoria.proof.certificate import CUMULATIVE

PoolFile = Annotated[Path, typer.Argument(help="CSV with one row per person and one column per feature.")]
QuotaFile = Annotated[
    Path, typer.Argument(help="CSV with category,feature,min,max or feature,value,min,max.")
]
Size = Annotated[int, typer.Option(help="Number of members to draw.")]
IdColumn = Annotated[
    str | None,
    typer.Option("--id", help="Column with the ids; else a usual name, else row numbers from 0."),
]
Households = Annotated[
    str,
    typer.Option("--household", help="Columns that name a household, with commas: at most one is drawn."),
]
Intersections = Annotated[
    Path | None,
    typer.Option(
        "--intersections",
        help="CSV with feature1,value1,feature2,value2,min,max: quotas on several values at once.",
    ),
]
Apart = Annotated[
    Path | None,
    typer.Option(
        "--apart", help="CSV with linked ids, a row each, such as id1,id2: at most one of them is drawn."
    ),
]
Together = Annotated[
    Path | None,
    typer.Option(
        "--together", help="CSV with linked ids, a row each, such as id1,id2: drawn together or not at all."
    ),
]
LinkFiles = tuple[Path | None, Path | None]
"""Who is apart, who together."""
NO_LINKS: LinkFiles = (None, None)
Seats = Annotated[
    list[Path] | None,
    typer.Option(
        "--seats",
        help="CSV of people who sit already (id and features), or of reserved seats (feature,value,seats). Repeatable. --size is then that of the whole body.",
    ),
]
AcceptExcess = Annotated[
    bool,
    typer.Option(
        "--accept-excess", help="Draw although more people sit already than a maximum allows, and say so."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of lines.")]
Folder = Annotated[Path, typer.Argument(help="Folder that `solve` wrote.")]
Lang = Annotated[str, typer.Option(help="Language of report.html: nl, fr, de or en.")]
Earlier = Annotated[
    list[Path] | None,
    typer.Option(
        "--earlier",
        help="CSV id,chance of an earlier draw, such as its probabilities.csv; for --objective cumulative. Repeatable.",
    ),
]
Folders = Annotated[list[Path], typer.Argument(help="Folders that `solve` or `rotate` wrote, in order.")]
_CHANCE = re.compile(r"[0-9]{1,3}([.,][0-9]{1,25})?|[0-9]{1,15}/0*[1-9][0-9]{0,14}", re.ASCII)
LOTTERY, PROBABILITIES, REPORT = "lottery.json", "probabilities.csv", "report.html"
PANEL, ALTERNATES = "panel.csv", "alternates.csv"
COMMITMENT, RECORD, BODY = "commitment.json", "record.json", "body.csv"
CODES = "codes.csv"
"""Ids and codes, where an id cannot stand in a record; personal data as the ids are."""
PEOPLE = "people.csv"
"""Every column of the pool's file, for panel and alternates; personal data, so that nobody else may read it."""


def columns_of(text: str) -> list[str]:
    """Return the names in a list with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def read_inputs(
    pool: Path,
    quotas: Path,
    size: int,
    id_column: str | None = None,
    household: str = "",
    intersections: Path | None = None,
    links: LinkFiles = NO_LINKS,
) -> tuple[Pool, Quotas]:
    """Return the people and the quotas of the files, with links and intersections among them."""
    limits = read_quotas(quotas)
    people = linked(read_pool(pool, limits, id_column, columns_of(household)), links)
    if intersections is None:
        return people, limits
    return intersect(people, limits, read_intersections(intersections, limits), size)


def linked(people: Pool, links: LinkFiles, others: Sequence[Entry] = ()) -> Pool:
    """Return the pool with the links of the files; people who sit already may be apart from others."""
    ids = {one.id for one in people}
    apart, together = (
        () if file is None else read_links(file, known)
        for file, known in zip(links, (ids | {one.id for one in others}, ids), strict=True)
    )
    return link(people, apart, together)


def read_vacancy(
    pool: Path,
    quotas: Path,
    size: int,
    id_column: str | None = None,
    household: str = "",
    intersections: Path | None = None,
    seats: Sequence[Path] = (),
    links: LinkFiles = NO_LINKS,
    *,
    accept_excess: bool = False,
) -> lottery.Vacancy:
    """Return what the files leave to draw of a body of `size`: without seats files the whole body."""
    if not seats:
        people, limits = read_inputs(pool, quotas, size, id_column, household, intersections, links)
        return lottery.vacancy(people, limits, size, ())
    people, limits, sitting, _ = read_whole(
        pool, quotas, size, id_column, household, intersections, seats, links=links
    )
    return lottery.vacancy(people, limits, size, sitting, accept_excess=accept_excess)


def read_whole(
    pool: Path,
    quotas: Path,
    size: int,
    id_column: str | None,
    household: str,
    intersections: Path | None,
    seats: Sequence[Path],
    sitting: Table | None = None,
    links: LinkFiles = NO_LINKS,
) -> tuple[Pool, Quotas, list[Entry], list[Entry]]:
    """Return the pool, the quotas of the whole body, and who sits by the files of seats and by another table."""
    reserved, tables = read_seats(seats)
    announced = read_quotas(quotas)
    limits = reserve(announced, reserved, size)
    opened = limits.features.keys() - announced.features.keys()
    homes = columns_of(household)
    people = read_pool(pool, limits, id_column, homes, opened)
    seated, others = (
        [one for table in own for one in sitting_of(plain_table(table), limits, id_column, homes, opened)]
        for own in (tables, () if sitting is None else (sitting,))
    )
    people = linked(people, links, [*seated, *others])
    if intersections is not None:
        cells = read_intersections(intersections, limits)
        people, limits, members = intersect_with(people, limits, cells, size, [*seated, *others])
        seated, others = list(members[: len(seated)]), list(members[len(seated) :])
    return people, limits, seated, others


def read_earlier(files: Sequence[Path]) -> dict[str, Fraction]:
    """Return by id the sum of the chances of several files, such as the probabilities.csv of earlier draws."""
    found: dict[str, Fraction] = {}
    for file in files:
        table = read_table(file)
        where = {column.casefold(): index for index, column in enumerate(table.header)}
        who = next((where[name] for name in ID_COLUMNS if name in where), None)
        chance = next((where[name] for name in ("probability", "chance") if name in where), None)
        if who is None or chance is None:
            raise BadInput("earlier_columns", table.place(table_header_row(table)))
        for row, cells in table.rows:
            if not _CHANCE.fullmatch(cells[chance]):
                raise BadInput("chance_wrong", table.place(row, table.header[chance]))
            person, own = textfiles.unescape_formula(cells[who]), Fraction(cells[chance].replace(",", "."))
            found[person] = found.get(person, Fraction(0)) + own
    return found


def plain_table(table: Table) -> Table:
    """Return a table as it was before `csv_text` made it safe for spreadsheets."""
    rows = tuple(
        (row, tuple(textfiles.unescape_formula(cell) for cell in cells)) for row, cells in table.rows
    )
    return Table(table.name, tuple(textfiles.unescape_formula(cell) for cell in table.header), rows)


def load_lottery(file: Path) -> lottery.Lottery:
    """Return the lottery of a file."""
    try:
        return lottery.Lottery.from_document(read_document(file))
    except BadInput as fault:
        raise BadInput(fault.code, Place(str(file)), **fault.parameters) from fault


def read_document(file: Path) -> Any:
    """Return the JSON value of a file."""
    try:
        return parse(file.read_bytes())
    except FileNotFoundError as error:
        raise BadInput("file_missing", Place(str(file)), file=file.name) from error
    except OSError as error:
        detail = error.strerror or ""
        raise BadInput("file_unreadable", Place(str(file)), file=file.name, detail=detail) from error
    except BadInput as fault:
        raise BadInput(fault.code, Place(str(file)), **fault.parameters) from fault


def tell_encodings(*files: Path | None) -> None:
    """Say on stderr which files are not in UTF-8, and as what they were read."""
    for file in dict.fromkeys(files):
        if file is not None and not (found := textfiles.inspect(file).encoding).startswith("UTF-8"):
            typer.echo(f"note: {file.name} is not in UTF-8; it was read as {found}.", err=True)


def kept_columns(pool: Path, id_column: str | None, quotas: Quotas) -> Table | None:
    """Return the people of a pool's file, ids first, every other column in its order; None if there is no further one."""
    table = read_table(pool)
    own = id_index(table, id_column)
    rest = [index for index in range(len(table.header)) if index != own]
    if {table.header[index] for index in rest} <= quotas.features.keys():
        return None
    header = ("id" if own is None else table.header[own], *(table.header[index] for index in rest))
    rows = (
        (row, (str(position) if own is None else cells[own], *(cells[index] for index in rest)))
        for position, (row, cells) in enumerate(table.rows)
    )
    return Table(table.name, header, tuple(rows))


def write_kept(folder: Path, kept: Table | None) -> None:
    """Write people.csv into a folder, or take an older one away where there is nothing to keep."""
    if kept is None:
        (folder / PEOPLE).unlink(missing_ok=True)
    else:
        text = csv_text(kept.header, (cells for _, cells in kept.rows))
        write_atomically(folder / PEOPLE, text, private=True)


def write_people(file: Path, found: lottery.Lottery, ids: Sequence[str]) -> None:
    """Write people with every column that people.csv has; without one, with their features."""
    kept = _nearby(file.parent, PEOPLE)
    if kept is None:
        write_atomically(file, people_csv(found, ids))
        return
    table = read_table(kept)
    rows = {
        textfiles.unescape_formula(cells[0]): [textfiles.unescape_formula(cell) for cell in cells]
        for _, cells in table.rows
    }
    known = ids_by_code(kept.parent)
    own = [known.get(one, one) for one in ids]
    missing = sum(one not in rows for one in own)
    if missing:
        raise BadInput("people_missing", Place(str(kept)), count=missing)
    write_atomically(file, csv_text(table.header, (rows[one] for one in own)), private=True)


def ids_by_code(folder: Path) -> dict[str, str]:
    """Return the id of everybody by her code; empty where ids are codes."""
    table = _nearby(folder, CODES)
    return (
        {}
        if table is None
        else {cells[1]: textfiles.unescape_formula(cells[0]) for _, cells in read_table(table).rows}
    )


def _nearby(folder: Path, name: str) -> Path | None:
    """Return a file of a folder, or of the folder above whose lottery was rounded, spread or completed here."""
    places = [folder, *(each for each in folder.absolute().parents[:2] if (each / LOTTERY).exists())]
    return next((each / name for each in places if (each / name).exists()), None)


def people_csv(found: lottery.Lottery, ids: Sequence[str]) -> str:
    """Return people with their features as CSV."""
    features = {identifier: one.features for one in found.types for identifier in one.ids}
    names = list(found.quotas.features)
    return csv_text(["id", *names], ([one, *(features[one][name] for name in names)] for one in ids))


def ids_of(file: Path) -> list[str]:
    """Return the first column of a file with a header, as it was before `csv_text` made it safe for spreadsheets."""
    return [textfiles.unescape_formula(cells[0]) for _, cells in read_table(file).rows]


def check_earlier(earlier: Sequence[Path], objective: str) -> None:
    """Return if the objective counts earlier chances, should there be any."""
    if earlier and objective != CUMULATIVE:
        raise BadInput("earlier_objective", Place(column="--earlier"), objective=objective)


def links_summary(found: lottery.Lottery) -> dict[str, object]:
    """Return how many people links affect; nothing where nobody is linked."""
    apart, together = lottery.linked_people(found)
    if apart is None and together is None:
        return {}
    return {
        "apart": 0 if apart is None else apart.people,
        "together": 0 if together is None else together.people,
    }


def body_summary(found: lottery.Lottery) -> dict[str, object]:
    """Return what to print of the body whose vacant seats a lottery fills; nothing where it fills all."""
    if found.body is None:
        return {}
    return {
        "body": found.body.size,
        "sitting": found.body.staying,
        "excess": [str(one) for one in found.body.excess],
    }
