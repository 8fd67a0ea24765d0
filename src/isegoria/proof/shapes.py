"""The shape of the commitment and of the record of a draw, key by key."""

from __future__ import annotations

from isegoria.proof import shape
from isegoria.proof.checks import ANNOUNCED, RANDOMNESS, RULEBOOK
from isegoria.proof.record import ALTERNATES_RULE, COMMITMENT_FORMAT, RECORD_FORMAT
from isegoria.proof.sealing import OPEN, SEALED
from isegoria.proof.timestamps import TIMESTAMPS

QUOTAS = shape.list_of(
    shape.record(
        {"feature": shape.text, "value": shape.text, "minimum": shape.natural, "maximum": shape.natural}
    )
)
COMPLETES = shape.record(
    {
        "record": shape.nullable(shape.sha256),
        "size": shape.natural,
        "quotas": QUOTAS,
        "sitting": shape.list_of(
            shape.record({"features": shape.mapping_of(shape.text), "codes": shape.list_of(shape.code)})
        ),
    }
)
SPECIFICATION = shape.record(
    {
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
    },
    {"completes": COMPLETES},
)
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
_LOTTERY = shape.record(
    {
        "tickets": shape.natural,
        "compositions": shape.list_of(
            shape.record({"tickets": shape.natural, "counts": shape.list_of(shape.natural)})
        ),
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
_RESULT = shape.record(
    {
        "ticket": shape.natural,
        "composition": shape.natural,
        "members": shape.list_of(shape.code),
        "alternates": shape.list_of(shape.code),
    }
)
DOCUMENTS = {
    COMMITMENT_FORMAT: shape.record({"format": shape.exactly(COMMITMENT_FORMAT), **_COMMITMENT}),
    RECORD_FORMAT: shape.record(
        {
            "format": shape.exactly(RECORD_FORMAT),
            **_COMMITMENT,
            "commitment": shape.sha256,
            "timestamps": TIMESTAMPS,
            "randomness": RANDOMNESS,
            "seed": shape.sha256,
            "result": _RESULT,
        }
    ),
}
