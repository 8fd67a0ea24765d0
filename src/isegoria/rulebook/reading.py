"""From TOML to a rule book, with errors that name the path in the file."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from isegoria.errors import BadInput, Place, collect
from isegoria.rulebook.contradictions import contradictions
from isegoria.rulebook.model import SCHEMA_VERSION, RuleBook

SILENT = "silent"
"""What an author may write instead of a rule that the statute does not set; it reads as if it were absent."""


def loads(text: str, file: str = "rule book", *, adopted: bool = False) -> RuleBook:
    """Return the rule book that a TOML text describes.

    Parameters
    ----------
    text
        TOML 1.0.
    file
        The name that errors give.
    adopted
        The book was checked when it was adopted, so pairs of rules are not looked at again: a later version of this
        software may know more pairs that cannot both hold, and an institution goes on under the rules it has.

    Raises
    ------
    BadInput
        `rulebook_not_toml` with the line; `rulebook_wrong` with the path in the file;
        `rulebook_text_missing`, where a text lacks one of the languages; and a code for each pair of rules
        that cannot both hold, with both ids (`rulebook_no_quorum` and others); several together.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput("rulebook_not_toml", Place(file), detail=str(error)) from error
    book = _validated(_without_silence(_newest(data, file)), file)
    collect(
        [
            BadInput("rulebook_text_missing", Place(file, column=rule), languages=", ".join(missing))
            for rule, text in book.texts()
            if (missing := [each for each in book.languages if not text.get(each, "").strip()])
        ]
    )
    collect(
        [
            BadInput(
                each.code,
                Place(file, column=each.first),
                first=each.first,
                second=each.second,
                **each.numbers,
            )
            for each in (() if adopted else contradictions(book))
        ]
    )
    return book


def _newest(data: dict[str, Any], file: str) -> dict[str, Any]:
    """Return the data in the newest schema; what an institution once adopted must stay readable."""
    version = data.get("schema_version")
    if version == 1 and not isinstance(version, bool):
        data = {**data, "schema_version": SCHEMA_VERSION}
        pay = dict(data.get("pay") or {})
        if "amount_per_day_eur" in pay:
            pay["amounts"] = [{"key": "day", "per": "day", "eur": pay.pop("amount_per_day_eur")}]
            data["pay"] = pay
    elif version != SCHEMA_VERSION:
        place = Place(file, column="schema_version")
        raise BadInput("rulebook_version_unknown", place, found=repr(version), newest=SCHEMA_VERSION)
    return data


def _without_silence(value: Any) -> Any:
    """Return the data without the rules that say that the statute is silent."""
    if isinstance(value, dict):
        return {key: _without_silence(each) for key, each in value.items() if each != SILENT}
    return [_without_silence(each) for each in value] if isinstance(value, list) else value


def _validated(data: dict[str, object], file: str) -> RuleBook:
    # By way of JSON, where strict means what it should: lists are tuples and days are text, but `true` is no number.
    try:
        return RuleBook.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        # One fault a place: where a rule may be one thing or another, pydantic tells about both.
        faults = {
            _path(fault["loc"], data): fault["msg"].removeprefix("Value error, ")
            for fault in reversed(error.errors())
        }
        collect(
            [
                BadInput("rulebook_wrong", Place(file, column=path), detail=detail)
                for path, detail in reversed(faults.items())
            ]
        )
        raise  # collect has raised, since there is at least one fault


def load(path: Path | str) -> RuleBook:
    """Return the rule book in a file.

    Raises
    ------
    BadInput
        As `read_text` and `loads`.
    """
    return loads(read_text(path), Path(path).name)


def read_text(path: Path | str) -> str:
    """Return a rule book's file as text, to be adopted word for word; a byte order mark is left out.

    Raises
    ------
    BadInput
        `file_missing`, `file_unreadable`, `rulebook_not_utf8`.
    """
    path = Path(path)
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise BadInput("file_missing", Place(str(path)), file=path.name) from error
    except UnicodeDecodeError as error:
        raise BadInput("rulebook_not_utf8", Place(path.name)) from error
    except OSError as error:
        detail = error.strerror or ""
        raise BadInput("file_unreadable", Place(str(path)), file=path.name, detail=detail) from error


def bundled() -> tuple[str, ...]:
    """Return the ids of the rule books that come with the library, in alphabetical order."""
    folder = files("isegoria.rulebook").joinpath("bundled")
    return tuple(
        sorted(each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml"))
    )


def bundled_text(identifier: str) -> str:
    """Return a bundled rule book as it is written, so that an institution can adopt it word for word.

    Raises
    ------
    BadInput
        `rulebook_unknown`, if none has this id.
    """
    if identifier not in bundled():
        raise BadInput("rulebook_unknown", identifier=identifier, choices=", ".join(bundled()))
    return files("isegoria.rulebook").joinpath(f"bundled/{identifier}.toml").read_text("utf-8")


def load_bundled(identifier: str) -> RuleBook:
    """Return a rule book that comes with the library.

    Raises
    ------
    BadInput
        `rulebook_unknown`, if none has this id.
    """
    return loads(bundled_text(identifier), f"{identifier}.toml")


def _path(location: tuple[int | str, ...], data: object) -> str:
    """Write a place as a person reads it: `bodies[assembly].size`."""
    written = ""
    for step in location:
        if isinstance(step, str) and not isinstance(data, dict):
            break  # the name of one of the types that the rule may have, not a place in the file
        data = data[step] if _holds(data, step) else None  # type: ignore[index]
        if isinstance(step, int):
            key = data.get("key", step + 1) if isinstance(data, dict) else step + 1
            written += f"[{key}]"
        else:
            written += f".{step}" if written else str(step)
    return written or "the whole file"


def _holds(data: object, step: int | str) -> bool:
    if isinstance(data, dict):
        return step in data
    return isinstance(data, list) and isinstance(step, int) and step < len(data)
