"""The door to `isegoria.register`: files to residents, and the draw among them."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from isegoria import register
from isegoria.errors import BadInput, BadInputs, IsegoriaError, Place
from isegoria.register import Checked, LetterDraw, Register, Row
from isegoria.register.reading import age_on

__all__ = [
    "STRATUM",
    "Checked",
    "LetterDraw",
    "Register",
    "Row",
    "age_on",
    "as_data",
    "as_errors",
    "check",
    "draw_letters",
    "pseudonym",
    "read",
]

STRATUM = "municipality_name"
"""The column of the register that the letters are shared out by."""


def read(path: Path) -> Register:
    """Read and check a register file; the error names file, row and column."""
    return register.read(path)


def check(path: Path, progress: Callable[[int], None] | None = None) -> Checked:
    """Look through a register file without holding it; the error names file, row and column."""
    return register.check(path, progress=progress)


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


def draw_letters(
    found: Register, seed: bytes, count: int, *, on: date, age_min: int, secret: bytes
) -> LetterDraw:
    """Draw who gets a letter, under keyed pseudonyms, in proportion to the residents of each municipality."""
    return register.draw_letters(
        found, seed, count, on=on, age_min=age_min, stratify_by=STRATUM, secret=secret
    )


def pseudonym(institution_id: object, identifier: str) -> str:
    """Return a resident's keyed pseudonym: the same over the years, useless without the key."""
    message = f"{institution_id}\0{identifier}".encode()
    return hmac.digest(settings.PSEUDONYM_KEY.encode(), message, "sha256").hex()
