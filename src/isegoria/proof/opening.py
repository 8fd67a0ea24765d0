"""The drawn composition alone: what a telephone needs to check it, without the whole pool and lottery.

Format `isegoria-draw-opening/1`: the specification, the types, the short forms ("heads") of pool and lottery that the
commitment was taken of, the random values, and the one composition that was drawn with its path in the tree that
adds up the tickets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import shape, sum_tree
from isegoria.proof.canonical import canonical, digest
from isegoria.proof.checks import (
    RANDOMNESS,
    Finding,
    Found,
    check_beacon,
    check_hash,
    check_randomness,
    check_sources,
    committed,
    demand,
    differs,
    first,
    part_hash,
    verification,
)
from isegoria.proof.quotas import body_faults, quota_faults
from isegoria.proof.record import (
    COMMITMENT_FORMAT,
    OPENING_FORMAT,
    lottery_head,
    pool_head,
    seed_of,
)
from isegoria.proof.shapes import COMMITMENTS, SPECIFICATION, TYPES
from isegoria.proof.steps import Verification
from isegoria.seeding import Stream

DEEPEST_PATH = 64
"""A tree over tickets that fit eight bytes is no deeper."""

_SHAPE = shape.record(
    {
        "format": shape.exactly(OPENING_FORMAT),
        "specification": SPECIFICATION,
        "types": TYPES,
        "pool": shape.record(
            {"entries": shape.sha256, "root": shape.sha256, "size": shape.natural, "types": shape.sha256},
            {"links": shape.sha256},
        ),
        "lottery": shape.record(
            {
                "tickets": shape.natural,
                "compositions": shape.natural,
                "root": shape.sha256,
                "chances": shape.sha256,
                "certificate": shape.sha256,
            }
        ),
        "commitments": COMMITMENTS,
        "committed_at": shape.instant,
        "commitment": shape.sha256,
        "randomness": RANDOMNESS,
        "seed": shape.sha256,
        "hash": shape.sha256,
        "drawn": shape.record(
            {
                "ticket": shape.natural,
                "tickets": shape.natural,
                "counts": shape.list_of(shape.natural),
                "path": shape.list_of(
                    shape.record(
                        {
                            "side": shape.matching("left|right", "left or right"),
                            "tickets": shape.natural,
                            "hash": shape.sha256,
                        }
                    )
                ),
            }
        ),
    }
)


def opening(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the opening of the composition that a record says was drawn.

    Parameters
    ----------
    document
        A draw record.
    """
    pairs = [(one["tickets"], one["counts"]) for one in document["lottery"]["compositions"]]
    index = document["result"]["composition"]
    steps = sum_tree.path(pairs, index)
    made = {
        "format": OPENING_FORMAT,
        "specification": document["specification"],
        "types": document["pool"]["types"],
        "pool": pool_head(document["pool"]),
        "lottery": lottery_head(document["lottery"]),
        **{
            key: document[key]
            for key in ("commitments", "committed_at", "commitment", "randomness", "seed")
        },
        "drawn": {
            "ticket": document["result"]["ticket"],
            "tickets": pairs[index][0],
            "counts": list(pairs[index][1]),
            "path": [{"side": one.side, "tickets": one.tickets, "hash": one.hash.hex()} for one in steps],
        },
    }
    return made | {"hash": digest(made)}


def verify_opening(document: Mapping[str, Any], *, published: str | None = None) -> Verification:
    """Check that the opened composition owns the ticket that the seed picked, in the committed lottery.

    Parameters
    ----------
    document
        The JSON value of an opening.
    published
        The hash of the commitment as it was published before the draw.

    Notes
    -----
    Guarantee: the drawn composition is the committed one of the drawn ticket, has the committed size and meets the
    quotas. Not checked: which persons were drawn, and the other compositions; for that, verify the record.
    """
    checks: list[tuple[str, Callable[[Any], Found]]] = [
        ("format", _format),
        ("hash", check_hash),
        ("specification", part_hash("specification")),
        ("pool", part_hash("pool")),
        ("types", _types),
        ("lottery", part_hash("lottery")),
        ("sources", check_sources),
        ("commitment", committed(COMMITMENT_FORMAT, (), published)),
        ("randomness", check_randomness),
        ("beacon", check_beacon),
        ("seed", check_seed),
        ("ticket", _ticket),
        ("composition", _composition),
        ("quotas", _quotas),
    ]
    return verification(checks, document)


def expected_seed(document: Mapping[str, Any]) -> bytes:
    """Return the seed that follows from the committed hashes and the random values."""
    return seed_of(
        document["commitments"], [(one["source"], one["value"]) for one in document["randomness"]]
    )


def check_seed(document: Mapping[str, Any]) -> Finding:
    """Redo the seed."""
    detail = "the seed, from the three committed hashes and the random values"
    return detail, differs("seed", document["seed"], expected_seed(document).hex())


def _format(document: Mapping[str, Any]) -> Finding:
    demand(_SHAPE(document, "$"))
    try:
        canonical(document)
    except BadInput as error:
        demand(error.problem)
    return f"a document of the format {OPENING_FORMAT}", None


def _types(document: Mapping[str, Any]) -> Finding:
    stated, expected = document["pool"]["types"], digest(document["types"])
    difference = differs("pool.types", stated, expected)
    size = sum(kind["count"] for kind in document["types"])
    return f"{len(document['types'])} types", difference or differs(
        "pool.size", document["pool"]["size"], size
    )


def _ticket(document: Mapping[str, Any]) -> Finding:
    total = document["lottery"]["tickets"]
    demand(None if total else "the lottery has no ticket")
    expected = Stream(expected_seed(document), "ticket").below(total)
    return f"ticket {expected} of {total}", differs("drawn.ticket", document["drawn"]["ticket"], expected)


def _composition(document: Mapping[str, Any]) -> Finding:
    drawn, lottery = document["drawn"], document["lottery"]
    demand(None if len(drawn["path"]) <= DEEPEST_PATH else "drawn.path is longer than any tree is deep")
    steps = [
        sum_tree.Neighbour(one["side"], one["tickets"], bytes.fromhex(one["hash"])) for one in drawn["path"]
    ]
    found = sum_tree.interval(drawn["tickets"], drawn["counts"], steps)
    last = found.first + drawn["tickets"] - 1
    detail = f"the composition owns the tickets {found.first} to {last} of {found.total}"
    owned = found.first <= drawn["ticket"] <= last
    return detail, (
        differs("the root of the path", found.root.hex(), lottery["root"])
        or differs("the sum of the tickets", found.total, lottery["tickets"])
        or (None if owned else f"ticket {drawn['ticket']} belongs to another composition")
    )


def _quotas(document: Mapping[str, Any]) -> Found:
    quotas, size = document["specification"]["quotas"], document["specification"]["size"]
    types, counts = document["types"], document["drawn"]["counts"]
    demand(differs("the number of drawn.counts", len(counts), len(types)))
    found = first(body_faults(document["specification"], ())) or first(
        quota_faults(types, quotas, size, [counts])
    )
    detail = f"it has {size} persons and meets all {len(quotas)} quotas"
    if "links" in document["pool"]:
        return detail, found, "who is linked with whom: that links are kept, the whole record shows"
    return detail, found
