"""From TOML to a rule book, with errors that name the path in the file."""

from __future__ import annotations

import json
import tomllib
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from isegoria.errors import BadInput, Place, collect
from isegoria.rulebook.model import RuleBook


def loads(text: str, file: str = "rule book") -> RuleBook:
    """Return the rule book that a TOML text describes.

    Parameters
    ----------
    text
        TOML 1.0.
    file
        The name that errors give.

    Raises
    ------
    BadInput
        `rulebook_not_toml` with the line; `rulebook_wrong` with the path in the file;
        `rulebook_text_missing`, where a text lacks one of the languages; several together.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput("rulebook_not_toml", Place(file), detail=str(error)) from error
    book = _validated(data, file)
    collect(
        [
            BadInput("rulebook_text_missing", Place(file, column=rule), languages=", ".join(missing))
            for rule, text in book.texts()
            if (missing := [each for each in book.languages if not text.get(each, "").strip()])
        ]
    )
    return book


def _validated(data: dict[str, object], file: str) -> RuleBook:
    # By way of JSON, where strict means what it should: lists are tuples and days are text, but `true` is no number.
    try:
        return RuleBook.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        faults = [
            BadInput(
                "rulebook_wrong",
                Place(file, column=_path(fault["loc"], data)),
                detail=fault["msg"].removeprefix("Value error, "),
            )
            for fault in error.errors()
        ]
        collect(faults)
        raise  # collect has raised, since there is at least one fault


def load(path: Path | str) -> RuleBook:
    """Return the rule book in a file.

    Raises
    ------
    BadInput
        `file_missing`, `file_unreadable`, `rulebook_not_utf8`, or as `loads`.
    """
    path = Path(path)
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise BadInput("file_missing", Place(str(path)), file=path.name) from error
    except UnicodeDecodeError as error:
        raise BadInput("rulebook_not_utf8", Place(path.name)) from error
    except OSError as error:
        detail = error.strerror or ""
        raise BadInput("file_unreadable", Place(str(path)), file=path.name, detail=detail) from error
    return loads(text, path.name)


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
