"""The door to `isegoria.register`: files to residents, and the draw among them."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from isegoria import register, textfiles
from isegoria.errors import BadInput, BadInputs, IsegoriaError, Place
from isegoria.register import Checked, DuckDB, Frame, LetterDraw, Register, Row
from isegoria.register.at_scale import Queries
from isegoria.register.draw import plan_letters
from isegoria.register.reading import age_on

__all__ = [
    "STRATUM",
    "Checked",
    "Opened",
    "Row",
    "age_on",
    "as_data",
    "as_errors",
    "check",
    "check_size",
    "draw_letters",
    "eligible",
    "holds",
    "opened",
    "pseudonym",
    "read",
    "shares",
]

Opened = DuckDB
"""A register whose rows stay in the table engine; a context, which closes it."""
STRATUM = "municipality_name"
"""The column of the register that the letters are shared out by."""


def read(path: Path) -> Register:
    """Read and check a register file; the error names file, row and column."""
    return register.read(path)


def opened(path: Path) -> Opened:
    """Open a register file that was checked when it came; its rows stay in the engine."""
    return DuckDB(path)


def check(path: Path, progress: Callable[[int], None] | None = None) -> Checked:
    """Look through a register file without holding it; the error names file, row and column."""
    return register.check(path, progress=progress)


def check_size(file_name: str, size: int) -> None:
    """Refuse a file by its size in bytes, before anything of it is read or kept."""
    textfiles.check_size(file_name, size)


def as_data(error: IsegoriaError) -> list[dict[str, Any]]:
    """Return the faults of a file as data, so that they can be told later in the reader's language."""
    faults = error.faults if isinstance(error, BadInputs) else (error,)
    return [
        {
            "code": each.code,
            "parameters": {name: str(value) for name, value in each.parameters.items() if name != "file"},
            "row": each.place.row,
            "column": each.place.column,
        }
        for each in faults
    ]


def as_errors(faults: Iterable[Mapping[str, Any]], file_name: str) -> list[BadInput]:
    """Return the faults that `as_data` wrote down."""
    return [
        BadInput(
            each["code"],
            Place(file_name, each["row"], each["column"]),
            **{"file": file_name, **each["parameters"]},
        )
        for each in faults
    ]


def shares(found: Opened, count: int, *, on: date, age_min: int) -> list[tuple[str, int, int]]:
    """Return name, eligible residents and letters of every municipality, before anything is drawn."""
    sizes = Queries(found, _frame(on, age_min, None)).sizes()
    plan = plan_letters(sizes, count)
    return [(name, size, sum(plan[name])) for name, size in sizes.items()]


def eligible(found: Opened, *, on: date, age_min: int) -> Iterator[tuple[str, str]]:
    """Yield municipality and number of everybody who can be drawn."""
    return Queries(found, _frame(on, age_min, None)).everybody()


def holds(found: Opened, number: str) -> bool:
    """Whether somebody with a number stands in the register, eligible or not."""
    return bool(Queries(found, Frame()).rows_of([number]))


def draw_letters(
    found: Opened, seed: bytes, count: int | Sequence[int], *, on: date, age_min: int, secret: bytes
) -> LetterDraw:
    """Draw who gets a letter, under keyed pseudonyms, in proportion to the residents of each municipality.

    Parameters
    ----------
    count
        The letters, or those of each wave.
    """
    return register.draw_in_engine(found, seed, count, _frame(on, age_min, secret), check=False)


def _frame(on: date, age_min: int, secret: bytes | None) -> Frame:
    return Frame(stratify_by=STRATUM, age_min=age_min, on=on, secret=secret)


def pseudonym(institution_id: object, identifier: str) -> str:
    """Return a resident's keyed pseudonym: the same over the years, useless without the key."""
    message = f"{institution_id}\0{identifier}".encode()
    return hmac.digest(settings.PSEUDONYM_KEY.encode(), message, "sha256").hex()
