"""Redo a sealed draw for vacant seats: what everybody can check, and with the observers' file everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import merkle, shape
from isegoria.proof.canonical import digest
from isegoria.proof.checks import (
    Finding,
    Found,
    Stop,
    check_beacon,
    check_hash,
    check_pool_root,
    check_randomness,
    check_sources,
    committed,
    demand,
    differing_list,
    differs,
    first,
    part_hash,
)
from isegoria.proof.derivation import TICKET_LABEL, check_compositions
from isegoria.proof.opening import check_seed, expected_seed
from isegoria.proof.quotas import left_to_vacant
from isegoria.proof.shapes import COMPOSITIONS, SITTING
from isegoria.proof.timestamps import check_timestamps
from isegoria.proof.vacant import (
    CELLS,
    COMMITMENT_FORMAT,
    DEPTH,
    OBSERVERS_FORMAT,
    RECORD_FORMAT,
    alternates_in_order,
    cell_leaf,
    cells_of,
    chances_of,
    commitment_hash,
    drawn_part,
    entry_seal,
    hidden_seal,
    members_in_order,
    panel_seal,
    pool_head,
    salt_of,
    sealed_cells,
)
from isegoria.proof.verify_lottery import check_certificate, check_quotas, type_faults
from isegoria.seeding import Stream

FORMATS = frozenset({COMMITMENT_FORMAT, RECORD_FORMAT})
QUOTAS_OPEN = "the features of everybody: that every panel meets the quotas, sworn observers check"
CHANCES_OPEN = "the chances: each person checks the own one with the receipt, sworn observers all of them"
CERTIFICATE_OPEN = "the certificate, which speaks of sealed features: sworn observers check it"

_OBSERVERS = shape.record(
    {
        "format": shape.exactly(OBSERVERS_FORMAT),
        "commitment": shape.sha256,
        "key": shape.sha256,
        "sitting": SITTING,
        "origins": shape.list_of(shape.record({"code": shape.code, "earlier": shape.code})),
        "types": shape.list_of(
            shape.record({"features": shape.mapping_of(shape.text), "codes": shape.list_of(shape.code)})
        ),
        "compositions": COMPOSITIONS,
        "certificate": shape.anything,
    }
)


def vacant_checks(
    form: str | None,
    published: str | None,
    observers: Any,
    witnesses: tuple[Sequence[bytes], Sequence[bytes]],
    check_format: Callable[[str | None, Any], Finding],
) -> list[tuple[str, Callable[[Any], Found]]]:
    """Return the steps of a commitment or record of a sealed draw for vacant seats, in their order."""
    sight = _Sight(observers)
    before: list[tuple[str, Callable[[Any], Found]]] = [
        ("format", lambda document: check_format(form, document)),
        ("hash", _hash),
        ("specification", part_hash("specification")),
        ("pool", _pool),
        ("entries", check_sealed_entries),
        ("pool_root", check_pool_root),
        ("lottery", part_hash("lottery")),
        *([] if observers is None else [("observers", sight.check)]),
        ("quotas", lambda document: _quotas(document, sight.opened)),
        ("chances", lambda document: _chances(document, sight.opened)),
        ("certificate", lambda document: _certificate(document, sight.opened)),
        ("sources", check_sources),
        ("commitment", committed(COMMITMENT_FORMAT, (), published)),
    ]
    if form == COMMITMENT_FORMAT:
        return before
    return [
        *before,
        ("timestamps", lambda document: check_timestamps(document, *witnesses)),
        ("randomness", check_randomness),
        ("beacon", check_beacon),
        ("seed", check_seed),
        ("ticket", _ticket),
        ("composition", _composition),
        ("members", _members),
        ("alternates", _alternates),
    ]


class _Sight:
    """What sworn observers see, once their file has been found to be the committed one."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.opened: dict[str, Any] | None = None

    def check(self, document: Mapping[str, Any]) -> Finding:
        fault = first(observers_faults(document, self._file))
        if fault is None:
            self.opened = opened_vacant(document, self._file)
        return "the observers' file opens who sits, everybody's features and the whole lottery", fault


def observers_faults(document: Mapping[str, Any], file: Any) -> Iterator[str]:
    """Yield where the observers' file is not the committed one, or the lottery not the one that it holds."""
    fault = _OBSERVERS(file, "the observers' file") or first(_unfitting(document, file))
    if fault is not None:
        yield fault
        return
    key = bytes.fromhex(file["key"])
    leaves = [cell_leaf(parts) for parts in sealed_cells(key, cells_of(file))]
    if merkle.root_in_order(leaves).hex() != document["lottery"]["root"]:
        yield "the cells are not those of the lottery that the observers' file holds"
    chances = chances_of(file)
    features = {code: kind["features"] for kind in file["types"] for code in kind["codes"]}
    for entry in document["pool"]["entries"]:
        code = entry["code"]
        if entry["seal"] != entry_seal(salt_of(key, "entry", code), features[code], chances[code]):
            yield f"the seal of {code} holds other features or another chance"


def _unfitting(document: Mapping[str, Any], file: Mapping[str, Any]) -> Iterator[str]:
    """Yield where a file of the right shape is not the committed one, or its types do not belong to the pool."""
    if file["commitment"] != document.get("commitment", document["hash"]):
        yield "the observers' file belongs to another commitment"
    codes = [code for kind in file["types"] for code in kind["codes"]]
    try:
        if hidden_seal(bytes.fromhex(file["key"]), file) != document["lottery"]["sealed"]:
            yield "the observers' file does not open the seal of the commitment"
        check_compositions(
            [(one["tickets"], one["counts"]) for one in file["compositions"]],
            [len(kind["codes"]) for kind in file["types"]],
        )
    except BadInput as error:
        yield error.problem
    if sorted(codes) != [one["code"] for one in document["pool"]["entries"]]:
        yield "the types of the observers' file do not hold everybody of the pool once"
    if any(not kind["codes"] or kind["codes"] != sorted(kind["codes"]) for kind in file["types"]):
        yield "a type of the observers' file is empty or out of order"
    yield from _origin_faults(document, file, codes)


def _origin_faults(
    document: Mapping[str, Any], file: Mapping[str, Any], codes: Sequence[str]
) -> Iterator[str]:
    named = [one["code"] for one in file["origins"]]
    earlier = [one["earlier"] for one in file["origins"]]
    wanted = sorted(codes) if document["specification"]["completes"]["record"] else []
    if named != wanted or len({*earlier}) != len(earlier):
        yield "the observers' file does not say of everybody once who that is in the earlier record"
    sit = {code for group in file["sitting"] for code in group["codes"]}
    both = sorted(
        sit.intersection(earlier)
    )  # codes of the pool are fresh: only the earlier ones can show it
    if both:
        yield f"{both[0]} sits, and could be drawn under another code"


def opened_vacant(document: Mapping[str, Any], file: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the document would be if it were open, with a file that belongs to it."""
    specification, types = document["specification"], file["types"]
    kind_of = {code: number for number, kind in enumerate(types) for code in kind["codes"]}
    body = specification["completes"] | {"quotas": specification["quotas"], "sitting": file["sitting"]}
    chances = chances_of(file)
    return {
        **document,
        "specification": specification | {"quotas": left_to_vacant(body), "completes": body},
        "pool": document["pool"]
        | {
            "entries": [
                {"code": one["code"], "leaf": one["leaf"], "type": kind_of[one["code"]]}
                for one in document["pool"]["entries"]
            ],
            "types": [
                {"features": kind["features"], "count": len(kind["codes"]), "seal": None} for kind in types
            ],
        },
        "lottery": {
            "tickets": sum(one["tickets"] for one in file["compositions"]),
            "compositions": file["compositions"],
            "chances": [chances[kind["codes"][0]] for kind in types],
            "certificate": file["certificate"],
            "certificate_sha256": digest(file["certificate"]),
        },
    }


def _hash(document: Mapping[str, Any]) -> Finding:
    if document["format"] == COMMITMENT_FORMAT:
        return "the hash of the commitment", differs("hash", document["hash"], commitment_hash(document))
    return check_hash(document)


def _pool(document: Mapping[str, Any]) -> Finding:
    stated, expected = document["commitments"]["pool"], digest(pool_head(document["pool"]))
    return "the committed hash of the pool", differs("commitments.pool", stated, expected)


def check_sealed_entries(document: Mapping[str, Any]) -> Finding:
    """Check that nobody stands in the pool twice, and that the body has room for those who sit."""
    entries = document["pool"]["entries"]
    for index, (one, other) in enumerate(pairwise(entries)):
        if one["code"] >= other["code"]:
            demand(f"pool.entries[{index + 1}] repeats a code or is out of order")
    specification = document["specification"]
    sit = specification["completes"]["size"] - specification["size"]
    demand(None if sit >= 0 else "specification.completes.size is less than the seats that are drawn")
    return f"{len(entries)} entries, all sealed; {sit} members sit", None


def _quotas(document: Mapping[str, Any], opened: Mapping[str, Any] | None) -> Found:
    size = document["specification"]["size"]
    if opened is None:
        return f"every panel fills {size} seats so that the whole body meets its quotas", None, QUOTAS_OPEN
    demand(first(type_faults(opened)))
    return check_quotas(opened)


def _chances(document: Mapping[str, Any], opened: Mapping[str, Any] | None) -> Found:
    detail = f"the chance of each of {len(document['pool']['entries'])} people, under the own seal"
    if opened is None:
        return detail, None, CHANCES_OPEN
    exact = [Fraction(one) for one in opened["lottery"]["chances"]]
    return f"{detail}, from {min(exact)} to {max(exact)}", None


def _certificate(document: Mapping[str, Any], opened: Mapping[str, Any] | None) -> Found:
    if opened is None:
        objective = document["specification"]["objective"]
        return f"a certificate of {objective} is committed by its hash", None, CERTIFICATE_OPEN
    return check_certificate(opened)


def _ticket(document: Mapping[str, Any]) -> Finding:
    expected = Stream(expected_seed(document), TICKET_LABEL).below(CELLS)
    return f"cell {expected} of {CELLS}", differs("result.ticket", document["result"]["ticket"], expected)


def _composition(document: Mapping[str, Any]) -> Finding:
    """Check that the opened panel is the one of the drawn cell, and stood there before the randomness."""
    result = document["result"]
    parts, path = result["parts"], result["path"]
    if len(path) != DEPTH or sum(Fraction(one["share"]) for one in parts) != 1:
        raise Stop("result.parts or result.path are not those of a cell")
    demand(None if all(Fraction(one["share"]) > 0 for one in parts) else "a part of the cell has no share")
    steps: list[merkle.PathStep] = [
        ("left" if result["ticket"] >> height & 1 else "right", bytes.fromhex(neighbour))
        for height, neighbour in enumerate(path)
    ]
    root = bytes.fromhex(document["lottery"]["root"])
    leads = merkle.verify_path(cell_leaf(parts), steps, root)
    part = drawn_part(expected_seed(document), [Fraction(one["share"]) for one in parts])
    sealed = panel_seal(bytes.fromhex(result["salt"]), result["members"])
    return "the drawn cell opens to the panel that was committed", (
        None if leads else "the path of the drawn cell leads elsewhere"
    ) or differs("the seal of the panel", parts[part]["panel"], sealed)


def _members(document: Mapping[str, Any]) -> Finding:
    stated, size = document["result"]["members"], document["specification"]["size"]
    codes = {entry["code"] for entry in document["pool"]["entries"]}
    expected = members_in_order(expected_seed(document), {*stated} & codes)
    difference = differing_list("result.members", stated, expected)
    return f"{size} members, all of the pool", difference or differs(
        "the length of result.members", len(stated), size
    )


def _alternates(document: Mapping[str, Any]) -> Finding:
    everybody = [entry["code"] for entry in document["pool"]["entries"]]
    members, count = document["result"]["members"], document["specification"]["alternates"]
    expected = alternates_in_order(expected_seed(document), everybody, members, count)
    detail = f"{len(expected)} alternates in their order"
    return detail, differing_list("result.alternates", document["result"]["alternates"], expected)
