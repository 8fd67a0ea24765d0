"""The shape of the commitment and of the record of a draw, key by key."""

from __future__ import annotations

from isegoria.proof import shape, vacant
from isegoria.proof.checks import ANNOUNCED, RANDOMNESS, RULEBOOK
from isegoria.proof.record import ALTERNATES_RULE, COMMITMENT_FORMAT, RECORD_FORMAT
from isegoria.proof.sealing import OPEN, SEALED
from isegoria.proof.timestamps import TIMESTAMPS

QUOTAS = shape.list_of(
    shape.record(
        {"feature": shape.text, "value": shape.text, "minimum": shape.natural, "maximum": shape.natural}
    )
)
SITTING = shape.list_of(
    shape.record({"features": shape.mapping_of(shape.text), "codes": shape.list_of(shape.code)})
)
COMPLETES = shape.record(
    {
        "record": shape.nullable(shape.sha256),
        "size": shape.natural,
        "quotas": QUOTAS,
        "sitting": SITTING,
    }
)
_SPECIFIED = {
    "institution": shape.text,
    "body": shape.text,
    "cycle": shape.text,
    "size": shape.natural,
    "quotas": QUOTAS,
    "alternates": shape.natural,
    "alternates_rule": shape.exactly(ALTERNATES_RULE),
    "disclosure": shape.matching(f"{OPEN}|{SEALED}", f"{OPEN} or {SEALED}"),
    "objective": shape.text,
    "software": shape.text,
    "rulebook": RULEBOOK,
    "randomness": ANNOUNCED,
}
SPECIFICATION = shape.record(_SPECIFIED, {"completes": COMPLETES})
TYPES = shape.list_of(
    shape.record(
        {
            "features": shape.nullable(shape.mapping_of(shape.text)),
            "count": shape.natural,
            "seal": shape.nullable(shape.sha256),
        }
    )
)
_LINKED = shape.list_of(
    shape.record(
        {
            "types": shape.list_of(shape.natural),
            "groups": shape.list_of(shape.list_of(shape.code)),
        }
    )
)
_POOL = shape.record(
    {
        "entries": shape.list_of(
            shape.record({"code": shape.code, "leaf": shape.sha256, "type": shape.natural})
        ),
        "types": TYPES,
        "root": shape.sha256,
    },
    {"links": shape.record({"apart": _LINKED, "together": _LINKED})},
)
COMPOSITIONS = shape.list_of(
    shape.record({"tickets": shape.natural, "counts": shape.list_of(shape.natural)})
)
_LOTTERY = shape.record(
    {
        "tickets": shape.natural,
        "compositions": COMPOSITIONS,
        "root": shape.sha256,
        "chances": shape.list_of(shape.fraction),
        "certificate": shape.anything,
        "certificate_sha256": shape.sha256,
    }
)
COMMITMENTS = shape.record({"specification": shape.sha256, "pool": shape.sha256, "lottery": shape.sha256})
_COMMITMENT = {
    "specification": SPECIFICATION,
    "pool": _POOL,
    "lottery": _LOTTERY,
    "commitments": COMMITMENTS,
    "committed_at": shape.instant,
    "hash": shape.sha256,
}


def _cells(value: object, where: str) -> str | None:
    return None if value == vacant.CELLS and type(value) is int else f"{where} is not {vacant.CELLS}"


_SALT = shape.matching("[0-9a-f]{32}", "a salt of 32 hexadecimal digits")
_SEALED_SEATS = _COMMITMENT | {
    "specification": shape.record(
        _SPECIFIED
        | {
            "disclosure": shape.exactly(SEALED),
            "completes": shape.record({"record": shape.nullable(shape.sha256), "size": shape.natural}),
        }
    ),
    "pool": shape.record(
        {
            "entries": shape.list_of(
                shape.record({"code": shape.code, "leaf": shape.sha256, "seal": shape.sha256})
            ),
            "root": shape.sha256,
        }
    ),
    "lottery": shape.record({"cells": _cells, "root": shape.sha256, "sealed": shape.sha256}),
}
_CELL = {
    "ticket": shape.natural,
    "parts": shape.list_of(shape.record({"share": shape.fraction, "panel": shape.sha256})),
    "salt": _SALT,
    "path": shape.list_of(shape.sha256),
    "members": shape.list_of(shape.code),
    "alternates": shape.list_of(shape.code),
}
_RESULT = shape.record(
    {
        "ticket": shape.natural,
        "composition": shape.natural,
        "members": shape.list_of(shape.code),
        "alternates": shape.list_of(shape.code),
    }
)
_DRAWN = {
    "commitment": shape.sha256,
    "timestamps": TIMESTAMPS,
    "randomness": RANDOMNESS,
    "seed": shape.sha256,
}
DOCUMENTS = {
    COMMITMENT_FORMAT: shape.record({"format": shape.exactly(COMMITMENT_FORMAT), **_COMMITMENT}),
    RECORD_FORMAT: shape.record(
        {"format": shape.exactly(RECORD_FORMAT), **_COMMITMENT, **_DRAWN, "result": _RESULT}
    ),
    vacant.COMMITMENT_FORMAT: shape.record(
        {"format": shape.exactly(vacant.COMMITMENT_FORMAT), **_SEALED_SEATS}
    ),
    vacant.RECORD_FORMAT: shape.record(
        {
            "format": shape.exactly(vacant.RECORD_FORMAT),
            **_SEALED_SEATS,
            **_DRAWN,
            "result": shape.record(_CELL),
        }
    ),
}
