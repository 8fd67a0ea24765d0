"""Redo a draw from its record, step by step, and say where it differs.

Nothing here trusts the document: every hash, sum, chance and choice is computed again. A malformed document
is reported like a false one; only a file that is no JSON at all is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import letters, merkle, sum_tree
from isegoria.proof.canonical import canonical, digest, parse
from isegoria.proof.certificate import verify_certificate
from isegoria.proof.checks import (
    Finding,
    Found,
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
from isegoria.proof.links import Links, row_faults
from isegoria.proof.opening import check_seed, expected_seed, verify_opening
from isegoria.proof.quotas import body_faults, exceeded, quota_faults
from isegoria.proof.record import (
    COMMITMENT_FORMAT,
    OPENING_FORMAT,
    RECORD_FORMAT,
    Quota,
    chances,
    codes_by_type,
    commitment_hash,
    fraction_text,
    links_of,
    lottery_head,
    pool_head,
)
from isegoria.proof.sealing import FEWEST_SHOWN, SEALED, opened
from isegoria.proof.shapes import DOCUMENTS
from isegoria.proof.steps import Step, Verification, step
from isegoria.proof.timestamps import check_timestamps
from isegoria.proof.verify_letters import verify_letters
from isegoria.proof.verify_waves import verify_waves
from isegoria.proof.waves import WAVES_FORMAT
from isegoria.tolerances import CERTIFICATE_GAP

CERTIFIED = frozenset({"maximin", "leximin", "cumulative"})
"""Objectives that claim to be the fairest, so that a record without a certificate claims too much."""


def verify(
    document: Any,
    *,
    published: str | None = None,
    observers: Any = None,
    roots: Sequence[bytes] = (),
    blocks: Sequence[bytes] = (),
) -> Verification:
    """Redo everything that a record states.

    Parameters
    ----------
    document
        The JSON value of a draw record, of its commitment, or of the record or commitment of the letters.
    published
        The hash of the commitment as it was published before the draw, for instance in the journal or in a
        newspaper. Without it a record that was forged as a whole cannot be told from the true one.
    observers
        The JSON value of the observers' file of a sealed record; without it the steps `quotas` and `certificate` say
        what they leave open.
    roots
        Certificates of time-stamping authorities that the reader trusts, PEM.
    blocks
        Headers of Bitcoin blocks, 80 bytes each, to which OpenTimestamps receipts lead.

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
    form = format_of(document)
    if form in {*letters.RECORD_OF, *letters.COMMITMENT_OF}:
        return verify_letters(document, published=published)
    if form == WAVES_FORMAT:
        return verify_waves(document, published=published)
    if form == OPENING_FORMAT:
        return verify_opening(document, published=published)
    return verification(_checks(form, published, observers, (roots, blocks)), document)


def verify_bytes(
    data: bytes,
    *,
    published: str | None = None,
    observers: Any = None,
    roots: Sequence[bytes] = (),
    blocks: Sequence[bytes] = (),
) -> Verification:
    """Redo everything that a published file states, and check that no byte of it was touched.

    Raises
    ------
    BadInput
        `not_json`, if the file cannot be read at all.
    """
    document = parse(data)
    found = verify(document, published=published, observers=observers, roots=roots, blocks=blocks)
    return Verification((_spelling(data, document), *found.steps))


def format_of(document: Any) -> str | None:
    """Return what a document says to be, if it says so in a text."""
    form = document.get("format") if isinstance(document, dict) else None
    return form if isinstance(form, str) else None


def _checks(
    form: str | None,
    published: str | None,
    observers: Any,
    witnesses: tuple[Sequence[bytes], Sequence[bytes]],
) -> list[tuple[str, Callable[[Any], Found]]]:
    sight = _Sight(observers)
    before: list[tuple[str, Callable[[Any], Found]]] = [
        ("format", lambda document: check_format(form, document)),
        ("hash", _hash),
        ("specification", part_hash("specification")),
        ("pool", _part("pool", pool_head)),
        ("entries", check_entries),
        ("pool_root", _pool_root),
        ("lottery", _part("lottery", lottery_head)),
        ("tickets", _tickets),
        ("lottery_root", _lottery_root),
        *([] if observers is None else [("observers", sight.check)]),
        ("quotas", lambda document: _quotas(sight.of(document))),
        ("chances", _chances),
        ("certificate", lambda document: _certificate(sight.of(document))),
        ("sources", check_sources),
        ("commitment", committed(COMMITMENT_FORMAT, (), published)),
    ]
    if form == COMMITMENT_FORMAT:
        return before
    redrawn = _Redrawn()
    return [
        *before,
        ("timestamps", lambda document: check_timestamps(document, *witnesses)),
        ("randomness", check_randomness),
        ("beacon", check_beacon),
        ("seed", check_seed),
        ("ticket", redrawn.ticket),
        ("composition", redrawn.composition),
        ("members", redrawn.members),
        ("alternates", redrawn.alternates),
    ]


class _Sight:
    """The document as the reader may see it: with the observers' file, all features and the certificate."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._opened: dict[str, Any] | None = None

    def check(self, document: Mapping[str, Any]) -> Finding:
        found, fault = opened(document, self._file)
        self._opened = None if fault else found
        return f"the observers' file opens the seals of {len(document['pool']['types'])} types", fault

    def of(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        return document if self._opened is None else self._opened


def _hash(document: Mapping[str, Any]) -> Finding:
    """Redo the hash of the whole record; that of a commitment is taken of its committed hashes and time."""
    if document["format"] == COMMITMENT_FORMAT:
        stated, expected = document["hash"], commitment_hash(document)
        return "the hash of the commitment", differs("hash", stated, expected)
    return check_hash(document)


def _part(
    part: str, head: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> Callable[[Mapping[str, Any]], Finding]:
    def check(document: Mapping[str, Any]) -> Finding:
        stated, expected = document["commitments"][part], digest(head(document[part]))
        return f"the committed hash of the {part}", differs(f"commitments.{part}", stated, expected)

    return check


def check_format(form: str | None, document: Any) -> Finding:
    """Check that the document has the keys of its format, each with a value that it can have."""
    known = None if form is None else DOCUMENTS.get(form)
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


def check_entries(document: Mapping[str, Any]) -> Finding:
    """Check that entries and types belong together; every later step counts on it."""
    entries, types = document["pool"]["entries"], document["pool"]["types"]
    links = links_of(document["pool"])
    demand(first(_pool_faults(entries, types)) or first(_type_faults(types, links)))
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


def _type_faults(types: Sequence[Mapping[str, Any]], links: Links) -> Iterator[str]:
    shown = [(index, kind["features"]) for index, kind in enumerate(types) if kind["features"] is not None]
    for index, features in shown:
        if set(features) != set(shown[0][1]):
            yield f"pool.types[{index}].features are not the features of the other types"
    spelled = [canonical(features) for index, features in shown if index not in links.types]
    if len(set(spelled)) != len(spelled):
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
    demand(differs("lottery.tickets", document["lottery"]["tickets"], total))
    return f"{len(pairs)} compositions share {total} equal tickets", None


def _lottery_root(document: Mapping[str, Any]) -> Finding:
    expected = sum_tree.root(_pairs(document)).hex()
    detail = "the root of the tree that adds up the tickets"
    return detail, differs("lottery.root", document["lottery"]["root"], expected)


def _quotas(document: Mapping[str, Any]) -> Found:
    specification = document["specification"]
    quotas, size = specification["quotas"], specification["size"]
    types = document["pool"]["types"]
    codes = [entry["code"] for entry in document["pool"]["entries"]]
    compositions = [counts for _, counts in _pairs(document)]
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


def _chances(document: Mapping[str, Any]) -> Finding:
    exact = chances(_pairs(document), _sizes(document))
    spread = f", from {min(exact)} to {max(exact)}" if exact else ""
    difference = differing_list(
        "lottery.chances", document["lottery"]["chances"], [fraction_text(one) for one in exact]
    )
    return f"the chance of a person of each of {len(exact)} types{spread}", difference


NO_CERTIFICATE = digest(None)


@dataclass(frozen=True, slots=True)
class _Type:
    features: Mapping[str, str]
    count: int


def _certificate(document: Mapping[str, Any]) -> Found:
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
            chances(_pairs(document), _sizes(document)),
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


class _Redrawn:
    """The outcome drawn again from the committed hashes and the random values, once for all its steps."""

    def __init__(self) -> None:
        self._outcome: Outcome | None = None

    def outcome(self, document: Mapping[str, Any]) -> Outcome:
        if self._outcome is None:
            self._outcome = draw(
                expected_seed(document),
                _pairs(document),
                codes_by_type(document["pool"]),
                document["specification"]["alternates"],
                links_of(document["pool"]),
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
