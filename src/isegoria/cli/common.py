"""What every command shares: errors as sentences with an exit code, and files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from isegoria.errors import BadInput, IsegoriaError, Place


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


def escape_formula(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; leading white space does not hide one."""
    signs = {"=", "+", "-", "@", "＝", "＋", "－", "＠"}
    return f"'{cell}" if cell[:1] in {"\t", "\r", "\n"} or cell.lstrip()[:1] in signs else cell
