"""What the commands of `isegoria lottery` share: their options and the files they read and write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from isegoria import lottery
from isegoria.cli.common import csv_text
from isegoria.errors import BadInput, Place
from isegoria.pool import Pool, Quotas, intersect, read_intersections, read_pool, read_quotas
from isegoria.pool.reading import read_table
from isegoria.proof.canonical import parse

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
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of lines.")]
Folder = Annotated[Path, typer.Argument(help="Folder that `solve` wrote.")]
LOTTERY = "lottery.json"


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
) -> tuple[Pool, Quotas]:
    """Return the people and the quotas of the files, with the intersections among them."""
    limits = read_quotas(quotas)
    people = read_pool(pool, limits, id_column, columns_of(household))
    if intersections is None:
        return people, limits
    return intersect(people, limits, read_intersections(intersections, limits), size)


def load_lottery(file: Path) -> lottery.Lottery:
    """Return the lottery of a file."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadInput("file_missing", Place(str(file)), file=file.name) from error
    return lottery.Lottery.from_document(parse(data))


def people_csv(found: lottery.Lottery, ids: Sequence[str]) -> str:
    """Return people with their features as CSV."""
    features = {identifier: one.features for one in found.types for identifier in one.ids}
    names = list(found.quotas.features)
    return csv_text(["id", *names], ([one, *(features[one][name] for name in names)] for one in ids))


def ids_of(file: Path) -> list[str]:
    """Return the first column of a file with a header."""
    return [cells[0] for _, cells in read_table(file).rows]
