"""Redo a draw from its record, step by step, and say where it differs.

Nothing here trusts the document: every hash, sum, chance and choice is computed again. A malformed document
is reported like a false one; only a file that is no JSON at all is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import letters, merkle, shape
from isegoria.proof.canonical import canonical, parse
from isegoria.proof.certificate import verify_certificate
from isegoria.proof.checks import (
    ANNOUNCED,
    RANDOMNESS,
    RULEBOOK,
    Finding,
    Stop,
    check_beacon,
    check_hash,
    check_randomness,
    check_sources,
    committed,
    demand,
    differing_list,
    differs,
    first,
    part_hash,
    verification,
)
from isegoria.proof.derivation import Outcome, check_compositions, draw
from isegoria.proof.record import (
    ALTERNATES_RULE,
    COMMITMENT_FORMAT,
    OPEN,
    RECEIPT_FORMAT,
    RECORD_FORMAT,
    Quota,
    chances,
    codes_by_type,
    fraction_text,
    seed_of,
)
from isegoria.proof.steps import Step, Verification, step
from isegoria.proof.verify_letters import verify_letters
from isegoria.tolerances import CERTIFICATE_GAP

CERTIFIED = frozenset({"maximin", "leximin"})
"""Objectives that claim to be the fairest, so that a record without a certificate claims too much."""

_SPECIFICATION = shape.record(
    {
        "institution": shape.text,
        "body": shape.text,
        "cycle": shape.text,
        "size": shape.natural,
        "quotas": shape.list_of(
            shape.record(
                {
                    "feature": shape.text,
                    "value": shape.text,
                    "minimum": shape.natural,
                    "maximum": shape.natural,
                }
            )
        ),
        "alternates": shape.natural,
        "alternates_rule": shape.exactly(ALTERNATES_RULE),
        "disclosure": shape.exactly(OPEN),
        "objective": shape.text,
        "software": shape.text,
        "rulebook": RULEBOOK,
        "randomness": ANNOUNCED,
    }
)
_POOL = shape.record(
    {
        "entries": shape.list_of(
            shape.record({"code": shape.code, "leaf": shape.sha256, "type": shape.natural})
        ),
        "types": shape.list_of(
            shape.record({"features": shape.mapping_of(shape.text), "count": shape.natural})
        ),
        "root": shape.sha256,
    }
)
_LOTTERY = shape.record(
    {
        "tickets": shape.natural,
        "compositions": shape.list_of(
            shape.record({"tickets": shape.natural, "counts": shape.list_of(shape.natural)})
        ),
        "chances": shape.list_of(shape.fraction),
        "certificate": shape.anything,
    }
)
_COMMITMENT = {
    "specification": _SPECIFICATION,
    "pool": _POOL,
    "lottery": _LOTTERY,
    "commitments": shape.record(
        {"specification": shape.sha256, "pool": shape.sha256, "lottery": shape.sha256}
    ),
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
_SHAPES = {
    COMMITMENT_FORMAT: shape.record({"format": shape.exactly(COMMITMENT_FORMAT), **_COMMITMENT}),
    RECORD_FORMAT: shape.record(
        {
            "format": shape.exactly(RECORD_FORMAT),
            **_COMMITMENT,
            "commitment": shape.sha256,
            "randomness": RANDOMNESS,
            "seed": shape.sha256,
            "result": _RESULT,
        }
    ),
}
_RECEIPT = shape.record(
    {
        "format": shape.exactly(RECEIPT_FORMAT),
        "code": shape.code,
        "features": shape.mapping_of(shape.text),
        "salt": shape.matching("[0-9a-f]{32}", "a salt of 32 hexadecimal digits"),
        "path": shape.list_of(
            shape.record({"side": shape.matching("left|right", "left or right"), "hash": shape.sha256})
        ),
    }
)


def verify(document: Any, *, published: str | None = None) -> Verification:
    """Redo everything that a record states.

    Parameters
    ----------
    document
        The JSON value of a draw record, of its commitment, or of the record or commitment of the letters.
    published
        The hash of the commitment as it was published before the draw, for instance in the journal or in a
        newspaper. Without it a record that was forged as a whole cannot be told from the true one.

    Returns
    -------
    Verification
        The steps in their order. It never raises, whatever the document is.

    Notes
    -----
    Guarantee: if all steps hold, the panel is the one that the committed lottery and the stated random
    values give, every composition meets the quotas, and every chance is as stated. Not guaranteed: that
    the random values are those the source gave (look them up there), and that every person's features are
    true (each person checks the own receipt).
    """
    form = _format_of(document)
    if form in {letters.RECORD_FORMAT, letters.COMMITMENT_FORMAT}:
        return verify_letters(document, published=published)
    return verification(_checks(form, published), document)


def verify_bytes(data: bytes, *, published: str | None = None) -> Verification:
    """Redo everything that a published file states, and check that no byte of it was touched.

    Raises
    ------
    BadInput
        `not_json`, if the file cannot be read at all.
    """
    document = parse(data)
    found = verify(document, published=published)
    return Verification((_spelling(data, document), *found.steps))


def verify_receipt(document: Any, receipt: Any) -> Verification:
    """Check one person's receipt against the draw: in the pool, with these features, with which chance.

    Parameters
    ----------
    document
        The JSON value of a draw record or of its commitment.
    receipt
        The JSON value of the receipt.

    Returns
    -------
    Verification
        Steps `format`, `entries`, `receipt`, `entry`, `path`, `features` and `chance`; the last one's detail
        tells the chance and, in a record, the result for this person.
    """
    form = _format_of(document)
    checks: list[tuple[str, Callable[[Any], Finding]]] = [
        ("format", lambda pair: _format(form, pair[0])),
        ("entries", lambda pair: _pool(pair[0])),
        ("receipt", lambda pair: _receipt_form(pair[1])),
        ("entry", lambda pair: _receipt_entry(*pair)),
        ("path", lambda pair: _receipt_path(*pair)),
        ("features", lambda pair: _receipt_features(*pair)),
        ("chance", lambda pair: (_receipt_chance(*pair), None)),
    ]
    return verification(checks, (document, receipt))


def _format_of(document: Any) -> str | None:
    form = document.get("format") if isinstance(document, dict) else None
    return form if isinstance(form, str) else None


def _checks(form: str | None, published: str | None) -> list[tuple[str, Callable[[Any], Finding]]]:
    commitment = committed(COMMITMENT_FORMAT, ("specification", "pool", "lottery"), published)
    before: list[tuple[str, Callable[[Any], Finding]]] = [
        ("format", lambda document: _format(form, document)),
        ("hash", check_hash),
        ("specification", part_hash("specification")),
        ("pool", part_hash("pool")),
        ("entries", _pool),
        ("pool_root", _pool_root),
        ("lottery", part_hash("lottery")),
        ("tickets", _tickets),
        ("quotas", _quotas),
        ("chances", _chances),
        ("certificate", _certificate),
        ("sources", check_sources),
        ("commitment", commitment),
    ]
    if form == COMMITMENT_FORMAT:
        return before
    redrawn = _Redrawn()
    return [
        *before,
        ("randomness", check_randomness),
        ("beacon", check_beacon),
        ("seed", _seed),
        ("ticket", redrawn.ticket),
        ("composition", redrawn.composition),
        ("members", redrawn.members),
        ("alternates", redrawn.alternates),
    ]


def _format(form: str | None, document: Any) -> Finding:
    known = None if form is None else _SHAPES.get(form)
    if known is None:
        raise Stop(f"the format is neither {RECORD_FORMAT} nor {COMMITMENT_FORMAT}")
    demand(known(document, "$"))
    _demand_writable(document)
    return f"a document of the format {form}", None


def _demand_writable(document: Any) -> None:
    try:
        canonical(document)
    except BadInput as error:
        demand(error.problem)


def _spelling(data: bytes, document: Any) -> Step:
    """Compare the file with the one spelling that its content has."""
    detail = f"{len(data)} bytes, spelled in the one canonical way"
    try:
        expected = canonical(document) + b"\n"
    except BadInput as error:
        return step("spelling", detail, error.problem)
    if data == expected:
        return step("spelling", detail)
    pairs = enumerate(zip(data, expected, strict=False))
    place = next((index for index, (one, other) in pairs if one != other), min(len(data), len(expected)))
    return step("spelling", detail, f"byte {place} differs from the canonical spelling")


def _pool(document: Mapping[str, Any]) -> Finding:
    """Check that entries and types belong together; every later step counts on it."""
    entries, types = document["pool"]["entries"], document["pool"]["types"]
    demand(first(_pool_faults(entries, types)))
    return f"{len(entries)} entries of {len(types)} types", None


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
        if set(kind["features"]) != set(types[0]["features"]):
            yield f"pool.types[{index}].features are not the features of the other types"
    features = [canonical(kind["features"]) for kind in types]
    if len(set(features)) != len(features):
        yield "two types have the same features"


def _pool_root(document: Mapping[str, Any]) -> Finding:
    leaves = [bytes.fromhex(entry["leaf"]) for entry in document["pool"]["entries"]]
    expected = merkle.root(leaves).hex()
    return f"the root over {len(leaves)} leaves", differs("pool.root", document["pool"]["root"], expected)


def _pairs(document: Mapping[str, Any]) -> list[tuple[int, list[int]]]:
    return [(one["tickets"], one["counts"]) for one in document["lottery"]["compositions"]]


def _sizes(document: Mapping[str, Any]) -> list[int]:
    return [kind["count"] for kind in document["pool"]["types"]]


def _tickets(document: Mapping[str, Any]) -> Finding:
    pairs = _pairs(document)
    try:
        check_compositions(pairs, _sizes(document))
    except BadInput as error:
        demand(error.problem)
    total = sum(tickets for tickets, _ in pairs)
    return f"{len(pairs)} compositions share {total} equal tickets", differs(
        "lottery.tickets", document["lottery"]["tickets"], total
    )


def _quotas(document: Mapping[str, Any]) -> Finding:
    quotas, size = document["specification"]["quotas"], document["specification"]["size"]
    found = first(_quota_faults(document, quotas, size))
    return f"every composition has {size} persons and meets all {len(quotas)} quotas", found


def _quota_faults(document: Mapping[str, Any], quotas: Any, size: int) -> Iterator[str]:
    types = document["pool"]["types"]
    known = set(types[0]["features"]) if types else set()
    for index, quota in enumerate(quotas):
        if quota["feature"] not in known:
            yield f"specification.quotas[{index}] is about a feature that the pool does not have"
    for one, other in combinations(range(len(quotas)), 2):
        if all(quotas[one][key] == quotas[other][key] for key in ("feature", "value")):
            yield f"specification.quotas[{other}] repeats specification.quotas[{one}]"
    having = [
        [
            index
            for index, kind in enumerate(types)
            if kind["features"].get(quota["feature"]) == quota["value"]
        ]
        for quota in quotas
    ]
    for number, (_, counts) in enumerate(_pairs(document)):
        if sum(counts) != size:
            yield f"composition {number} has {sum(counts)} persons instead of {size}"
        for index, quota in enumerate(quotas):
            count = sum(counts[kind] for kind in having[index])
            if not quota["minimum"] <= count <= quota["maximum"]:
                yield f"composition {number} has {count} of specification.quotas[{index}]"


def _chances(document: Mapping[str, Any]) -> Finding:
    exact = chances(_pairs(document), _sizes(document))
    spread = f", from {min(exact)} to {max(exact)}" if exact else ""
    difference = differing_list(
        "lottery.chances", document["lottery"]["chances"], [fraction_text(one) for one in exact]
    )
    return f"the chance of a person of each of {len(exact)} types{spread}", difference


@dataclass(frozen=True, slots=True)
class _Type:
    features: Mapping[str, str]
    count: int


def _certificate(document: Mapping[str, Any]) -> Finding:
    """Check the proof of optimality; what cannot be checked does not hold."""
    objective, certificate = document["specification"]["objective"], document["lottery"]["certificate"]
    if certificate is None:
        claim = f"the objective {objective} claims to be the fairest, but the record has no certificate"
        return "no certificate: nothing is proved about fairness", claim if objective in CERTIFIED else None
    detail = f"the certificate of {objective}"
    if not isinstance(certificate, Mapping) or certificate.get("objective") != objective:
        return detail, f"it is not a certificate of {objective}"
    try:
        proved = verify_certificate(
            [_Type(one["features"], one["count"]) for one in document["pool"]["types"]],
            [Quota(**one) for one in document["specification"]["quotas"]],
            document["specification"]["size"],
            chances(_pairs(document), [one["count"] for one in document["pool"]["types"]]),
            certificate,
        )
    except BadInput as error:
        return detail, error.problem
    words = (
        f"no lottery is fairer by more than {float(proved.gap):.1e}, at any of {len(proved.gaps)} levels"
    )
    if proved.gap > CERTIFICATE_GAP:
        return f"{detail}: {words}", f"the gap is above {CERTIFICATE_GAP}"
    trusted = "" if proved.solver_free else "; one bound is a solver's word"
    return f"{detail}: {words}{trusted}", None


def _expected_seed(document: Mapping[str, Any]) -> bytes:
    values = [(one["source"], one["value"]) for one in document["randomness"]]
    return seed_of(document["commitments"], values)


def _seed(document: Mapping[str, Any]) -> Finding:
    detail = "the seed, from the three committed hashes and the random values"
    return detail, differs("seed", document["seed"], _expected_seed(document).hex())


class _Redrawn:
    """The outcome drawn again from the committed hashes and the random values, once for all its steps."""

    def __init__(self) -> None:
        self._outcome: Outcome | None = None

    def outcome(self, document: Mapping[str, Any]) -> Outcome:
        if self._outcome is None:
            self._outcome = draw(
                _expected_seed(document),
                _pairs(document),
                codes_by_type(document["pool"]),
                document["specification"]["alternates"],
            )
        return self._outcome

    def ticket(self, document: Mapping[str, Any]) -> Finding:
        expected = self.outcome(document).ticket
        detail = f"ticket {expected} of {document['lottery']['tickets']}"
        return detail, differs("result.ticket", document["result"]["ticket"], expected)

    def composition(self, document: Mapping[str, Any]) -> Finding:
        expected = self.outcome(document).composition
        stated = document["result"]["composition"]
        return f"composition {expected} owns the ticket", differs("result.composition", stated, expected)

    def members(self, document: Mapping[str, Any]) -> Finding:
        expected = self.outcome(document).members
        stated = document["result"]["members"]
        return f"{len(expected)} members, drawn again", differing_list("result.members", stated, expected)

    def alternates(self, document: Mapping[str, Any]) -> Finding:
        expected = self.outcome(document).alternates
        stated = document["result"]["alternates"]
        detail = f"{len(expected)} alternates in their order"
        return detail, differing_list("result.alternates", stated, expected)


def _entries(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {entry["code"]: entry for entry in document["pool"]["entries"]}


def _receipt_leaf(receipt: Mapping[str, Any]) -> bytes:
    content = {"code": receipt["code"], "features": receipt["features"]}
    return merkle.leaf(bytes.fromhex(receipt["salt"]), content)


def _receipt_form(receipt: Any) -> Finding:
    demand(_RECEIPT(receipt, "receipt"))
    _demand_writable(receipt)
    return "a receipt that can be read", None


def _receipt_entry(document: Mapping[str, Any], receipt: Mapping[str, Any]) -> Finding:
    entry = _entries(document).get(receipt["code"])
    if entry is None:
        raise Stop("the code of the receipt is not in the pool")
    difference = differs("the leaf of the entry", entry["leaf"], _receipt_leaf(receipt).hex())
    return "the code is in the pool, with the leaf of the receipt", difference


def _receipt_path(document: Mapping[str, Any], receipt: Mapping[str, Any]) -> Finding:
    path: list[merkle.PathStep] = [(one["side"], bytes.fromhex(one["hash"])) for one in receipt["path"]]
    root = bytes.fromhex(document["pool"]["root"])
    leads = merkle.verify_path(_receipt_leaf(receipt), path, root)
    return "the path leads to the published root", None if leads else "the path leads elsewhere"


def _receipt_features(document: Mapping[str, Any], receipt: Mapping[str, Any]) -> Finding:
    entry = _entries(document)[receipt["code"]]
    stated = document["pool"]["types"][entry["type"]]["features"]
    return "the pool counts the person with the features of the receipt", first(
        f"the feature {name} is not the one of the receipt"
        for name in sorted({*stated, *receipt["features"]})
        if stated.get(name) != receipt["features"].get(name)
    )


def _receipt_chance(document: Mapping[str, Any], receipt: Mapping[str, Any]) -> str:
    entry = _entries(document)[receipt["code"]]
    check_compositions(_pairs(document), _sizes(document))
    chance = chances(_pairs(document), _sizes(document))[entry["type"]]
    return f"the chance to be drawn was {chance}{_receipt_result(document, receipt['code'])}"


def _receipt_result(document: Mapping[str, Any], code: str) -> str:
    result = document.get("result")
    if result is None:
        return "; the draw is still to come"
    if code in result["members"]:
        return "; drawn as a member"
    if code in result["alternates"]:
        return f"; drawn as alternate number {result['alternates'].index(code) + 1}"
    return "; not drawn"
