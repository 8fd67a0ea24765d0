"""Pool and lottery of a draw record: whether entries and types belong together, quotas and certificate hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof.canonical import canonical, digest
from isegoria.proof.certificate import verify_certificate
from isegoria.proof.checks import Finding, Found, demand, differs, first
from isegoria.proof.links import row_faults
from isegoria.proof.quotas import body_faults, exceeded, quota_faults
from isegoria.proof.record import Quota, chances, codes_by_type, links_of
from isegoria.proof.sealing import FEWEST_SHOWN, SEALED
from isegoria.tolerances import CERTIFICATE_GAP

CERTIFIED = frozenset({"maximin", "leximin", "cumulative"})
"""Objectives that claim to be the fairest, so that a record without a certificate claims too much."""


def check_entries(document: Mapping[str, Any]) -> Finding:
    """Check that entries and types belong together; every later step counts on it."""
    entries, types = document["pool"]["entries"], document["pool"]["types"]
    demand(first(_pool_faults(entries, types)) or first(type_faults(document)))
    demand(first(_link_faults(document)))
    demand(first(_disclosure_faults(document["specification"]["disclosure"], types)))
    hidden = sum(kind["features"] is None for kind in types)
    sealed = f", {hidden} of them sealed" if hidden else ""
    return f"{len(entries)} entries of {len(types)} types{sealed}", None


def _disclosure_faults(disclosure: str, types: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield where the types show more or less than the published disclosure, or an order that tells something."""
    for index, kind in enumerate(types):
        hide = disclosure == SEALED and kind["count"] < FEWEST_SHOWN
        if hide != (kind["features"] is None):
            yield f"pool.types[{index}].features are {'shown' if hide else 'hidden'} against the disclosure"
        if (disclosure == SEALED) != (kind["seal"] is not None):
            yield f"pool.types[{index}].seal does not go with the disclosure"
    seals = [kind["seal"] for kind in types if kind["seal"] is not None]
    for index, (one, other) in enumerate(pairwise(seals)):
        if one >= other:
            yield f"pool.types[{index + 1}] is out of the order of the seals"


def _pool_faults(entries: Sequence[Mapping[str, Any]], types: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for index, (one, other) in enumerate(pairwise(entries)):
        if one["code"] >= other["code"]:
            yield f"pool.entries[{index + 1}] repeats a code or is out of order"
    for index, entry in enumerate(entries):
        if entry["type"] >= len(types):
            yield f"pool.entries[{index}].type names no type"
    tally = [0] * len(types)
    for entry in entries:
        tally[entry["type"]] += 1
    for index, kind in enumerate(types):
        if kind["count"] != tally[index] or not tally[index]:
            yield f"pool.types[{index}].count is {kind['count']}, but {tally[index]} entries have this type"


def _link_faults(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the links do not belong to the types."""
    pool = document["pool"]
    links = links_of(pool)
    if "links" in pool and not links:
        yield "pool.links names nobody"
    yield from links.faults(codes_by_type(pool), [one["features"] for one in pool["types"]])


def type_faults(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield where the types of a document do not have the same features, or two the same values."""
    types, links = document["pool"]["types"], links_of(document["pool"])
    shown = [(index, kind["features"]) for index, kind in enumerate(types) if kind["features"] is not None]
    for index, features in shown:
        if set(features) != set(shown[0][1]):
            yield f"pool.types[{index}].features are not the features of the other types"
    spelled = [canonical(features) for index, features in shown if index not in links.types]
    if len(set(spelled)) != len(spelled):
        yield "two types have the same features"


def pairs_of(document: Mapping[str, Any]) -> list[tuple[int, list[int]]]:
    """Return tickets and counts of each composition."""
    return [(one["tickets"], one["counts"]) for one in document["lottery"]["compositions"]]


def sizes_of(document: Mapping[str, Any]) -> list[int]:
    """Return how many people each type has."""
    return [kind["count"] for kind in document["pool"]["types"]]


def check_quotas(document: Mapping[str, Any]) -> Found:
    """Check that every composition has the size and meets quotas and links, and with those who sit the body its own."""
    specification = document["specification"]
    quotas, size = specification["quotas"], specification["size"]
    types = document["pool"]["types"]
    codes = [entry["code"] for entry in document["pool"]["entries"]]
    compositions = [counts for _, counts in pairs_of(document)]
    found = (
        first(body_faults(specification, codes))
        or first(quota_faults(types, quotas, size, compositions))
        or first(_link_faults(document))
        or first(row_faults(links_of(document["pool"]).rows, compositions))
    )
    hidden = sum(kind["features"] is None for kind in types)
    if not hidden:
        met = f"every composition has {size} persons and meets all {len(quotas)} quotas"
        return met + whole_body(specification), found
    return (
        f"every composition has {size} persons and can meet all {len(quotas)} quotas",
        found,
        f"the features of {hidden} sealed types: that the quotas are met exactly, sworn observers check",
    )


def whole_body(specification: Mapping[str, Any]) -> str:
    """Say of a draw for vacant seats what that means for the whole body."""
    body = specification.get("completes")
    if body is None:
        return ""
    over = exceeded(specification)
    but = f", but {over} maxima that those who sit exceed already" if over else ""
    return f"; with those who sit, {body['size']} persons meet those of the whole body{but}"


NO_CERTIFICATE = digest(None)


@dataclass(frozen=True, slots=True)
class _Type:
    features: Mapping[str, str]
    count: int


def check_certificate(document: Mapping[str, Any]) -> Found:
    """Check the proof of optimality; what cannot be checked does not hold."""
    objective, lottery = document["specification"]["objective"], document["lottery"]
    certificate, stated = lottery["certificate"], lottery["certificate_sha256"]
    if any(one["features"] is None for one in document["pool"]["types"]):
        demand(None if certificate is None else "the certificate speaks of sealed features")
    sealed = document["specification"]["disclosure"] == SEALED
    if sealed and certificate is None and stated != NO_CERTIFICATE:
        reason = "the certificate, which speaks of sealed features: sworn observers check it"
        return f"a certificate of {objective} is committed by its hash", None, reason
    demand(differs("lottery.certificate_sha256", stated, digest(certificate)))
    if certificate is None:
        claim = f"the objective {objective} claims to be the fairest, but the record has no certificate"
        return "no certificate: nothing is proved about fairness", claim if objective in CERTIFIED else None
    detail = f"the certificate of {objective}"
    if not isinstance(certificate, Mapping) or certificate.get("objective") != objective:
        return detail, f"it is not a certificate of {objective}"
    return _proved(document, certificate, detail)


def _proved(document: Mapping[str, Any], certificate: Mapping[str, Any], detail: str) -> Finding:
    try:
        proved = verify_certificate(
            [_Type(one["features"], one["count"]) for one in document["pool"]["types"]],
            [Quota(**one) for one in document["specification"]["quotas"]],
            document["specification"]["size"],
            chances(pairs_of(document), sizes_of(document)),
            certificate,
            links_of(document["pool"]).rows,
        )
    except BadInput as error:
        return detail, error.problem
    if proved.gap > CERTIFICATE_GAP:
        return detail, f"what it proves leaves a gap above {CERTIFICATE_GAP}"
    words = (
        f"no lottery is fairer by more than {float(proved.gap):.1e}, at any of {len(proved.gaps)} levels"
    )
    trusted = "" if proved.solver_free else "; one bound is a solver's word"
    return f"{detail}: {words}{trusted}", None
