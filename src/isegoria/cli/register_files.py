"""`isegoria register profile` and `convert`: from the file of an office to a register in our own columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from isegoria import register
from isegoria.cli.common import reporting_errors, write_atomically
from isegoria.errors import BadInput
from isegoria.register import Layout, Source, Unit

RegisterFile = Annotated[Path, typer.Argument(help="CSV, Parquet or Excel workbook.")]
ProfileFile = Annotated[
    Path | None, typer.Option("--profile", help="TOML that says what the office calls its columns.")
]
Bare = Annotated[
    bool, typer.Option("--bare", help="Only the column id must be there: homes, or people without names.")
]
Encoding = Annotated[
    str | None, typer.Option(help="Of a CSV, such as cp850; found by itself if not given.")
]
Delimiter = Annotated[str | None, typer.Option(help="Of a CSV; found by itself if not given.")]
Sheet = Annotated[str | None, typer.Option(help="Of a workbook with several.")]
DOUBTS = {
    "date_order": "can be read as day-month-year and as month-day-year; the first was taken",
    "date_unreadable": "holds dates that no order of day, month and year explains",
    "date_incomplete": "holds birth dates without day or month; they are read as the earliest day they can be",
    "column_missing": "was not found; add it under [columns] if the file has it",
    "value_unknown": "holds a value whose meaning is not known; add it under [values]",
    "derived": "is not in the file; it is made out of the address",
}


def opened(
    file: Path,
    profile: Path | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    *,
    bare: bool = False,
) -> tuple[Source, Layout | None]:
    """Return a file as a source, and how it is read; what is named on the command line goes before the profile."""
    if profile is None:
        source = register.open_source(file, encoding=encoding, delimiter=delimiter, sheet=sheet)
        return source, Layout(required=("id",), never_empty=("id",)) if bare else None
    known = register.read_profile(profile)
    source = register.open_source(
        file,
        encoding=encoding or known.encoding,
        delimiter=delimiter or known.delimiter,
        sheet=sheet or known.sheet,
    )
    return source, known.layout()


def profile_command(
    file: RegisterFile,
    out: Annotated[Path, typer.Option(help="TOML to write, for you to read and correct.")],
    unit: Annotated[str, typer.Option(help="What a row is: person, household or address.")] = "person",
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    sheet: Sheet = None,
) -> None:
    """Propose a profile for a register: which column is what, how dates and values are written.

    Example: isegoria register profile extract.csv --out profile.toml
    """
    with reporting_errors():
        source = register.open_source(file, encoding=encoding, delimiter=delimiter, sheet=sheet)
        found = register.propose(source, _unit(unit))
        pinned = {"encoding": encoding, "delimiter": delimiter, "sheet": sheet}
        made = found.profile.model_copy(update={name: value for name, value in pinned.items() if value})
        write_atomically(out, made.toml())
    typer.echo(f"{source.told}: {len(made.columns)} columns recognised, in {out}")
    for ours, theirs in made.columns.items():
        typer.echo(f"  {ours}: {theirs}")
    for name in found.unused:
        typer.echo(f"  left out unless you name it under [columns]: {name}")
    for doubt, column in found.doubts:
        typer.echo(f"look at {column}: it {DOUBTS[doubt]}")


def convert_command(
    file: RegisterFile,
    out: Annotated[Path, typer.Option(help="CSV or Parquet to write, in our own columns.")],
    profile: ProfileFile = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    sheet: Sheet = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write a register in our own columns, checked row by row; whole, or not at all.

    Example: isegoria register convert extract.xlsx --profile profile.toml --out register.parquet
    """
    with reporting_errors():
        source, layout = opened(file, profile, encoding, delimiter, sheet)
        made = register.convert(source, out, layout)
    if as_json:
        document = {
            "read": {"file": file.name, "what": source.told, "sha256": made.read_sha256},
            "written": {"file": out.name, "rows": made.rows, "sha256": made.written_sha256},
            "columns": list(made.columns),
        }
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    typer.echo(f"{source.told}: {made.rows} rows in {out}, SHA-256 {made.written_sha256}")


COMMANDS: Mapping[str, Callable[..., None]] = {"profile": profile_command, "convert": convert_command}


def _unit(text: str) -> Unit:
    found: dict[str, Unit] = {unit: unit for unit in register.UNITS}
    if text not in found:
        raise BadInput("invalid_choice", value=text, choices=", ".join(found))
    return found[text]
