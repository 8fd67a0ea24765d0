"""Disclosure: which features stand in the record, and how the hidden ones are fixed all the same.

*Open*: each type with its features. *Sealed*: types are numbered in the order of their seals, which tells nothing, and
the features of a type of fewer than five persons are left out; its seal `SHA-256(0x04 ‖ salt ‖ canonical(features))`
fixes them. The person gets the salt of the own type with the receipt; sworn observers get all of them, with the
certificate, in a file of their own. All salts follow from one key, so that destroying the key seals the record for good.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import shape
from isegoria.proof.canonical import canonical, digest

OPEN = "open"
SEALED = "sealed"
FEWEST_SHOWN = 5
"""Persons of a type whose features a sealed record still shows."""
KEY_BYTES = 32
SALT_BYTES = 16
OBSERVERS_FORMAT = "isegoria-draw-observers/1"

_OBSERVERS = shape.record(
    {
        "format": shape.exactly(OBSERVERS_FORMAT),
        "commitment": shape.sha256,
        "types": shape.list_of(
            shape.record(
                {
                    "type": shape.natural,
                    "salt": shape.matching("[0-9a-f]{32}", "a salt of 32 hexadecimal digits"),
                    "features": shape.mapping_of(shape.text),
                }
            )
        ),
        "certificate": shape.anything,
    }
)


def type_salt(key: bytes, features: Mapping[str, str], first: str | None = None) -> bytes:
    """Return the 16-byte salt of a type's seal: `HMAC-SHA-256(key, canonical(features))`, cut.

    Types of linked people may have the same features; the smallest code of such a type is put beside them, so that
    equal seals do not tell that.

    Raises
    ------
    BadInput
        `seal_key_wrong`, if the key has not 32 bytes.
    """
    if len(key) != KEY_BYTES:
        raise BadInput("seal_key_wrong", length=len(key))
    told: object = dict(features) if first is None else [dict(features), first]
    return hmac.digest(key, canonical(told), "sha256")[:SALT_BYTES]


def seal(salt: bytes, features: Mapping[str, Any]) -> str:
    """Return the seal of a type, or of whatever else is sealed, hexadecimal."""
    return hashlib.sha256(b"\4" + salt + canonical(dict(features))).hexdigest()


def sealed_order(
    key: bytes, types: Sequence[Mapping[str, str]], firsts: Sequence[str | None] = ()
) -> list[int]:
    """Return the indices of the types in the order of their seals."""
    seals = [
        seal(type_salt(key, features, first), features)
        for features, first in zip(types, firsts or [None] * len(types), strict=True)
    ]
    return sorted(range(len(types)), key=lambda index: seals[index])


def observers(
    committed: Mapping[str, Any],
    types: Sequence[Mapping[str, str]],
    certificate: object,
    key: bytes,
    firsts: Sequence[str | None] = (),
) -> dict[str, Any]:
    """Return the file for sworn observers: the features behind every seal, and the certificate.

    Parameters
    ----------
    committed
        What `commitment` returned for these types, certificate and key.
    types
        The features of each type, in the order of the lottery that was given to `commitment`.
    certificate
        The certificate that was given to `commitment`.
    key
        The key of the seals, 32 bytes.
    firsts
        Where people are linked: what `first_codes` returns of the lottery.
    """
    order = sealed_order(key, types, firsts)
    told = firsts or [None] * len(types)
    return {
        "format": OBSERVERS_FORMAT,
        "commitment": committed.get("commitment", committed["hash"]),
        "types": [
            {
                "type": place,
                "salt": type_salt(key, types[index], told[index]).hex(),
                "features": dict(types[index]),
            }
            for place, index in enumerate(order)
        ],
        "certificate": renumbered(certificate, order),
    }


def opened(document: Mapping[str, Any], file: Any) -> tuple[dict[str, Any], str | None]:
    """Return the document with all features and the certificate, and the first fault of the observers' file."""
    fault = next(_faults(document, file), None)
    if fault is not None:
        return dict(document), fault
    pairs = zip(document["pool"]["types"], file["types"], strict=True)
    types = [kind | {"features": one["features"]} for kind, one in pairs]
    return {
        **document,
        "pool": document["pool"] | {"types": types},
        "lottery": document["lottery"] | {"certificate": file["certificate"]},
    }, None


def _faults(document: Mapping[str, Any], file: Any) -> Iterator[str]:
    difference = _OBSERVERS(file, "the observers' file")
    if difference is not None:
        yield difference
        return
    types = document["pool"]["types"]
    if file["commitment"] != document.get("commitment", document["hash"]):
        yield "the observers' file belongs to another commitment"
    if [one["type"] for one in file["types"]] != list(range(len(types))):
        yield "the observers' file does not list every type once, in order"
        return
    for index, (kind, one) in enumerate(zip(types, file["types"], strict=True)):
        if kind["seal"] != _seal_of(one):
            yield f"the seal of type {index} does not open to the features of the observers' file"
        if kind["features"] is not None and kind["features"] != one["features"]:
            yield f"type {index} is shown with other features than its seal holds"
    try:
        stated = digest(file["certificate"])
    except BadInput as error:
        yield error.problem
        return
    if stated != document["lottery"]["certificate_sha256"]:
        yield "the certificate of the observers' file is not the committed one"


def _seal_of(one: Mapping[str, Any]) -> str | None:
    try:
        return seal(bytes.fromhex(one["salt"]), one["features"])
    except BadInput:
        return None


def renumbered(certificate: Any, order: Sequence[int]) -> Any:
    """Return a certificate whose types are counted in another order: place i holds the former type `order[i]`."""
    places = {index: place for place, index in enumerate(order)}

    def pairs(value: Any) -> list[list[int]]:
        return sorted([places[index], weight] for index, weight in value)

    def part(value: Any) -> Any:
        if isinstance(value, list):
            return [part(one) for one in value]
        if not isinstance(value, Mapping):
            return value
        changed = {key: part(one) for key, one in value.items()}
        for key in ("weights", "earlier"):
            if key in changed:
                changed[key] = pairs(value[key])
        if "type" in changed:
            changed["type"] = places[value["type"]]
        return changed

    return part(certificate)
