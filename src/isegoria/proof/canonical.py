"""One way to write a value as bytes, so that two machines that agree on the value agree on its hash.

A subset of RFC 8785 (JSON Canonicalization Scheme): keys sorted by UTF-16 code units, no spaces, UTF-8.
Strings must be in Unicode normal form C; numbers must be integers that every language reads exactly.
Fractions are written as text (`"3/40"`), moments as `2026-03-01T18:00:00Z`.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from isegoria.errors import BadInput

LARGEST_INTEGER = 2**53 - 1
"""Beyond this JavaScript rounds."""
DEEPEST = 32
"""Deeper nesting is no record of ours, and could exhaust a reader's stack."""


def canonical(value: object) -> bytes:
    r"""Return the one canonical spelling of a JSON value.

    Parameters
    ----------
    value
        `None`, a truth value, an integer of at most 2^53 - 1, text in normal form C, a list, or a
        mapping with text keys; nested at most 32 deep.

    Raises
    ------
    BadInput
        `not_canonical`, naming the place inside the value, never the value itself.

    Examples
    --------
    >>> canonical({"b": [1, None], "a": "é"})
    b'{"a":"\xc3\xa9","b":[1,null]}'
    """
    text = json.dumps(_ordered(value, "$", 0), ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical spelling as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def parse(data: bytes | str) -> Any:
    """Return the value of a JSON text, refusing what `canonical` could not write.

    Raises
    ------
    BadInput
        `not_json` for what is no JSON, or has a key twice, or a number with a fraction.
    """
    try:
        text = data.decode() if isinstance(data, bytes) else data
        return json.loads(text, object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float)
    except (ValueError, RecursionError) as error:
        detail = "nested too deeply" if isinstance(error, RecursionError) else _without_content(error)
        raise BadInput("not_json", detail=detail) from error


def instant(moment: datetime) -> str:
    """Return a moment as text in UTC, `2026-03-01T18:00:00Z`, with microseconds only if there are any.

    Raises
    ------
    ValueError
        If the moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _ordered(value: object, where: str, depth: int) -> object:
    """Return the value with sorted keys, after checking that it can be written."""
    if depth > DEEPEST:
        raise BadInput("not_canonical", where=where, detail="nested too deeply")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return _integer(value, where)
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, dict):
        return _mapping(value, where, depth)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        if _small_integers(value):
            return list(value)
        return [_ordered(item, f"{where}[{index}]", depth + 1) for index, item in enumerate(value)]
    raise BadInput("not_canonical", where=where, detail=f"{type(value).__name__} is not allowed")


def _small_integers(value: Sequence[object]) -> bool:
    """Tell whether these are plain integers: the counts of a large lottery, checked without their places."""
    plain = all(type(item) is int for item in value)
    return plain and all(
        -LARGEST_INTEGER <= item <= LARGEST_INTEGER for item in cast("Sequence[int]", value)
    )


def _mapping(value: dict[Any, Any], where: str, depth: int) -> dict[str, object]:
    for key in value:
        if not isinstance(key, str):
            raise BadInput("not_canonical", where=where, detail="a key is not text")
        _text(key, f"a key of {where}")
    keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
    return {key: _ordered(value[key], f"{where}.{key}", depth + 1) for key in keys}


def _integer(value: int, where: str) -> int:
    if abs(value) > LARGEST_INTEGER:
        raise BadInput("not_canonical", where=where, detail="the integer is larger than 2^53 - 1")
    return int(value)


def _text(value: str, where: str) -> str:
    if value.isascii():
        return str(value)
    if not unicodedata.is_normalized("NFC", value):
        raise BadInput("not_canonical", where=where, detail="the text is not in normal form C")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise BadInput("not_canonical", where=where, detail="the text has half a character")
    return str(value)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_float(_: str) -> Any:
    raise ValueError("a number has a fraction or an exponent")


def _without_content(error: ValueError) -> str:
    """Return what is wrong without quoting the file, which could hold personal data."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, line {error.lineno}, column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    return str(error)
