"""What every command shares: errors as sentences with an exit code, and files that are written whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from isegoria.errors import BadInput, IsegoriaError, Place
from isegoria.textfiles import escape_formula


@contextmanager
def reporting_errors() -> Iterator[None]:
    """Print an error's place, problem and way out to stderr, and leave with its exit code (2 input, 3 infeasible)."""
    try:
        yield
    except IsegoriaError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(error.exit_code) from error


def write_atomically(path: Path, content: str | bytes, *, private: bool = False) -> None:
    """Write a file so that a crash leaves the old one or the new one, never half of it.

    Parameters
    ----------
    path
        Its folder is made if need be.
    content
        Text is written as UTF-8.
    private
        True for personal data: nobody but the user who runs the command may read the file.

    Raises
    ------
    BadInput
        `cannot_write`, if the folder cannot be written to; nothing is left behind.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o600 if private else 0o644)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BadInput("cannot_write", Place(str(path)), detail=error.strerror or "") from error


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as CSV whose cells no spreadsheet takes for formulas."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([escape_formula(cell) for cell in header])
    writer.writerows([escape_formula(cell) for cell in row] for row in rows)
    return file.getvalue()


def print_summary(summary: Mapping[str, Any], *, as_json: bool) -> None:
    """Print results, as lines for people or as one JSON object for programmes."""
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False, indent=2))
        return
    for line in _lines(summary):
        typer.echo(line)


def _lines(summary: Mapping[str, Any]) -> Iterator[str]:
    for name, value in summary.items():
        label = name.replace("_", " ")
        if isinstance(value, list):
            yield f"{label}:{'' if value else ' none'}"
            yield from (f"  {one}" for one in value)
        elif isinstance(value, dict):
            yield f"{label}: {', '.join(f'{key} {one}' for key, one in value.items())}"
        else:
            yield f"{label}: {_shown(value)}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
