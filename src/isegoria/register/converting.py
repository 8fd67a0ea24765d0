"""Turning the extract of an office into a file in our own columns, row by row, whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from isegoria.errors import BadInput, Place
from isegoria.register.scanning import Layout, Run, scan
from isegoria.register.sources import Source
from isegoria.textfiles import sha256_of


@dataclass(frozen=True, slots=True)
class Converted:
    """What was written: rows, columns, the hash of the file that was read and of the one that was written."""

    rows: int
    columns: tuple[str, ...]
    read_sha256: str
    written_sha256: str


def convert(
    source: Source,
    out: Path,
    layout: Layout | None = None,
    *,
    whole: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Converted:
    """Write an extract in our own columns as CSV (UTF-8) or Parquet, after the ending of the name.

    Parameters
    ----------
    source
        What is read.
    out
        What is written, `.csv` or `.parquet`; whole, or not at all.
    layout
        How the columns are called and written; see `isegoria.register.profile.Profile.layout`.
    whole
        Whether columns are written too that the layout does not keep: for a file that lives as long as a draw.
    progress
        Called with the number of rows that were read so far, every few thousand of them. What it raises ends the
        writing, and nothing stays.

    Raises
    ------
    BadInput
        Everything that is wrong with the file, together; `register_format_unknown`, `cannot_write`.

    Notes
    -----
    Memory does not grow with the file. The cells are those of a register, for reading by programmes: they are not
    escaped for spreadsheets.
    """
    if out.suffix not in {".csv", ".parquet"}:
        raise BadInput("register_format_unknown", Place(out.name), suffix=out.suffix or out.name)
    found = scan(source, layout=layout)
    keep = None if layout is None or whole else layout.keep
    columns = [name for name in found.columns if keep is None or name in keep]
    return write_runs(found if progress is None else _counted(found, progress), columns, out, source.sha256)


def _counted(runs: Iterable[Run], progress: Callable[[int], None]) -> Iterator[Run]:
    rows = 0
    for run in runs:
        rows += len(run)
        progress(rows)
        yield run


def write_runs(runs: Iterable[Run], columns: Sequence[str], out: Path, read_sha256: str = "") -> Converted:
    """Write runs of rows, whole or not at all, readable by nobody but the user.

    Raises
    ------
    BadInput
        What taking the runs raises; `cannot_write`.
    """
    rows = 0
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
            table = Path(folder) / "register.csv"
            with table.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(columns)
                for run in runs:
                    rows += len(run)
                    writer.writerows(zip(*(run.columns[name] for name in columns), strict=True))
            written = table if out.suffix == ".csv" else _as_parquet(table)
            written.chmod(0o600)
            sha256 = sha256_of(written)
            written.replace(out)
    except OSError as error:
        raise BadInput("cannot_write", Place(str(out)), detail=error.strerror or "") from error
    return Converted(rows, tuple(columns), read_sha256, sha256)


def runs_of(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> Iterable[Run]:
    """Yield rows that are held already as one run."""
    yield Run(range(2, len(rows) + 2), {name: [row[name] for row in rows] for name in columns})


def _as_parquet(table: Path) -> Path:
    import duckdb  # noqa: PLC0415  # a CSV needs no table engine

    path = table.with_suffix(".parquet")
    with duckdb.connect() as connection:
        connection.execute(
            "SET memory_limit = '512MB'; SET threads = 1; SET preserve_insertion_order = true"
        )
        table_read = connection.read_csv(
            str(table),
            header=True,
            all_varchar=True,
            delimiter=",",
            quotechar='"',
            escapechar='"',
            parallel=False,
        )
        table_read.write_parquet(str(path))
    return path
