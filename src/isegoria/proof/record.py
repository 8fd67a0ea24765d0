"""The draw record: one document that holds everything a stranger needs to redo a draw.

Two stages. The *commitment* is published before the randomness exists: specification, pool and the complete
lottery, each fixed by its hash. The *record* adds the random values and what follows from them. Between the
two nobody has anything left to choose. Format `isegoria-draw-record/1`, in words: `docs/draw-record.md`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import merkle, sealing, shape, sum_tree
from isegoria.proof.canonical import canonical, digest, instant
from isegoria.proof.derivation import NOBODY_LINKED, check_compositions, draw, seed
from isegoria.proof.links import LinkedClass, Links, row_faults
from isegoria.proof.sealing import OPEN, SEALED
from isegoria.proof.sources import (
    RandomValue,
    Source,
    announced_document,
    demand_value,
    late_reveals,
    source_faults,
)
from isegoria.proof.timestamps import Timestamp, timestamps_document

COMMITMENT_FORMAT = "isegoria-draw-commitment/1"
RECORD_FORMAT = "isegoria-draw-record/1"
OPENING_FORMAT = "isegoria-draw-opening/1"
RECEIPT_FORMAT = "isegoria-receipt/1"
ALTERNATES_RULE = "isegoria-alternates/1"


@dataclass(frozen=True, slots=True)
class Quota:
    """How many of the panel have this value: at least `minimum`, at most `maximum`."""

    feature: str
    value: str
    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rule book in force: its id, its version and the SHA-256 of its file."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Completed:
    """The body whose vacant seats a draw fills.

    Attributes
    ----------
    size
        Members of the whole body.
    quotas
        Of the whole body; those of the draw are what they leave to the vacant seats.
    sitting
        Pairs of features and the codes of those who sit and have them.
    record
        The hash of the record by which they were drawn; None if there is none.
    """

    size: int
    quotas: Sequence[Quota]
    sitting: Sequence[tuple[Mapping[str, str], Sequence[str]]]
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Specification:
    """What is published about a draw before anybody knows the pool.

    Attributes
    ----------
    institution, body, cycle
        Whose draw it is, in words.
    size
        Number of members to draw.
    quotas
        In the order of the rule book.
    alternates
        Number of alternates to draw.
    objective
        What the lottery makes as fair as possible: `leximin`.
    software
        Method and version that computed the lottery: `isegoria 0.1.0`.
    rulebook
        The rule book in force.
    sources
        The random sources in the order in which the seed takes them; at least one.
    disclosure
        `open`: each entry with the features of its type; `sealed`: without those of types of fewer than five.
    completes
        The body whose vacant seats are drawn; None where all seats are. It shows who sits: a sealed draw for vacant
        seats has a format of its own (`isegoria.proof.vacant`).
    """

    institution: str
    body: str
    cycle: str
    size: int
    quotas: Sequence[Quota]
    alternates: int
    objective: str
    software: str
    rulebook: RuleBook
    sources: Sequence[Source]
    disclosure: str = OPEN
    completes: Completed | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One person in the pool, under the draw code of the letter.

    Attributes
    ----------
    code
        Pseudonym, unique in the pool, public.
    features
        Feature to value.
    salt
        16 random bytes, for the person alone.
    """

    code: str
    features: Mapping[str, str]
    salt: bytes

    @property
    def leaf(self) -> bytes:
        """The 32-byte leaf that fixes code and features."""
        return merkle.leaf(self.salt, {"code": self.code, "features": dict(self.features)})


@dataclass(frozen=True, slots=True)
class CommittedLottery:
    """The complete lottery in whole numbers.

    Attributes
    ----------
    types
        The features of each type; the order that counts and certificate refer to.
    compositions
        Pairs of a number of tickets and the number of persons to draw from each type.
    certificate
        The proof of optimality as a JSON value, or None where the objective has none.
    links
        Who is apart and who together, by draw code.
    codes
        The draw codes of each type; needed where people are linked, because types may then have the same features.
    """

    types: Sequence[Mapping[str, str]]
    compositions: Sequence[tuple[int, Sequence[int]]]
    certificate: object = None
    links: Links = NOBODY_LINKED
    codes: Sequence[Sequence[str]] = ()


def commitment(
    specification: Specification,
    entries: Iterable[Entry],
    lottery: CommittedLottery,
    committed_at: datetime,
    seal_key: bytes | None = None,
) -> dict[str, Any]:
    """Return the document to publish before the randomness exists.

    Parameters
    ----------
    specification
        What was published first.
    entries
        The frozen pool, in any order.
    lottery
        The complete lottery over its types.
    committed_at
        Time of publication, before the moment of every source.
    seal_key
        32 random bytes for the seals of a sealed record, kept until the erasure date; None in an open one.

    Returns
    -------
    dict
        A JSON value of the format `isegoria-draw-commitment/1`. It holds no salt.

    Raises
    ------
    BadInput
        `draw_type_unknown`, if a person's features are not among the types, or a type has nobody;
        `draw_codes_repeated`; `draw_code_wrong`; `draw_counts_wrong`; `draw_no_tickets`; `draw_links_wrong`, if the
        links do not belong to the types, or a composition breaks one; `committed_too_late`;
        `source_wrong`; `disclosure_wrong`; `not_canonical`.
    """
    check_sources(specification.sources, committed_at)
    if specification.disclosure not in {OPEN, SEALED} or (specification.disclosure == SEALED) != bool(
        seal_key
    ):
        raise BadInput("disclosure_wrong", disclosure=specification.disclosure)
    if seal_key and specification.completes:
        raise BadInput("disclosure_wrong", disclosure=f"{SEALED} of a draw for vacant seats")
    if seal_key:
        lottery = in_order(lottery, sealing.sealed_order(seal_key, lottery.types, first_codes(lottery)))
    spec = specification_document(specification)
    pool = _pool_document(list(entries), lottery, seal_key)
    sizes = [one["count"] for one in pool["types"]]
    odds = _lottery_document(lottery, sizes, sealed=bool(seal_key))
    document = {
        "format": COMMITMENT_FORMAT,
        "specification": spec,
        "pool": pool,
        "lottery": odds,
        "commitments": commitments_of(spec, pool, odds),
        "committed_at": instant(committed_at),
    }
    return document | {"hash": commitment_hash(document)}


def pool_head(pool: Mapping[str, Any]) -> dict[str, Any]:
    """Return the short form of a pool that its committed hash is taken of: root, size, digests of the lists."""
    return {
        "entries": digest(pool["entries"]),
        "root": pool["root"],
        "size": len(pool["entries"]),
        "types": digest(pool["types"]),
    } | ({"links": digest(pool["links"])} if "links" in pool else {})


def links_of(pool: Mapping[str, Any]) -> Links:
    """Return who is linked, of the pool of a document."""
    return Links.from_document(pool["links"]) if "links" in pool else NOBODY_LINKED


def first_codes(lottery: CommittedLottery) -> list[str | None]:
    """Return what tells the seals of types with the same features apart: the smallest code of each linked type."""
    linked = lottery.links.types
    return [min(lottery.codes[t]) if t in linked else None for t in range(len(lottery.types))]


def lottery_head(lottery: Mapping[str, Any]) -> dict[str, Any]:
    """Return the short form of a lottery that its committed hash is taken of."""
    return {
        "tickets": lottery["tickets"],
        "compositions": len(lottery["compositions"]),
        "root": lottery["root"],
        "chances": digest(lottery["chances"]),
        "certificate": lottery["certificate_sha256"],
    }


def first_of(pool: Mapping[str, Any], code: str) -> str | None:
    """Return the same for the person with a code, from the pool of a document; None where nobody links that person."""
    links = links_of(pool)
    kind = next((one["type"] for one in pool["entries"] if one["code"] == code), None)
    if kind not in links.types:
        return None
    return min(str(one["code"]) for one in pool["entries"] if one["type"] == kind)


def commitments_of(
    specification: Mapping[str, Any], pool: Mapping[str, Any], lottery: Mapping[str, Any]
) -> dict[str, str]:
    """Return the three committed hashes."""
    return {
        "specification": digest(dict(specification)),
        "pool": digest(pool_head(pool)),
        "lottery": digest(lottery_head(lottery)),
    }


def commitment_hash(document: Mapping[str, Any]) -> str:
    """Return the hash that is published before the draw: of the committed hashes and their time."""
    return digest(
        {
            "format": COMMITMENT_FORMAT,
            "commitments": document["commitments"],
            "committed_at": document["committed_at"],
        }
    )


def record(
    committed: Mapping[str, Any],
    randomness: Sequence[RandomValue],
    timestamps: Sequence[Timestamp] = (),
) -> dict[str, Any]:
    """Return the draw record: the commitment, the random values and what follows from them.

    Parameters
    ----------
    committed
        What `commitment` returned.
    randomness
        One value per announced source, in the announced order.
    timestamps
        Receipts of others over the hash of the commitment, if there are any.

    Raises
    ------
    BadInput
        `randomness_not_as_announced`; `randomness_too_early`, if a value was read before the announced
        moment.
    """
    announced = committed["specification"]["randomness"]
    check_randomness(announced, randomness)
    the_seed = seed_of(committed["commitments"], [(one.source, one.value) for one in randomness])
    outcome = draw(
        the_seed,
        [(one["tickets"], one["counts"]) for one in committed["lottery"]["compositions"]],
        codes_by_type(committed["pool"]),
        committed["specification"]["alternates"],
        links_of(committed["pool"]),
    )
    document = {key: value for key, value in committed.items() if key != "hash"} | {
        "format": RECORD_FORMAT,
        "commitment": committed["hash"],
        "timestamps": timestamps_document(timestamps),
        "randomness": [random_document(one) for one in randomness],
        "seed": the_seed.hex(),
        "result": {
            "ticket": outcome.ticket,
            "composition": outcome.composition,
            "members": list(outcome.members),
            "alternates": list(outcome.alternates),
        },
    }
    return document | {"hash": digest(document)}


def dump(document: Mapping[str, Any]) -> bytes:
    """Return the bytes of the published file: canonical JSON, one line."""
    return canonical(dict(document)) + b"\n"


def receipt(
    entry: Entry, leaves: Iterable[bytes], seal_key: bytes | None = None, first: str | None = None
) -> dict[str, Any]:
    """Return what one person gets: code, features, salt and the path to the published root.

    With it the person, and nobody else, can check that the own entry was in the pool and with which
    features.

    Parameters
    ----------
    entry
        The person's entry.
    leaves
        All leaves of the pool, in any order.
    seal_key
        The key of the seals of a sealed record, so that the person can open the seal of the own type.
    first
        With a key, of a linked person: the smallest code of the own type (`first_of`).

    Raises
    ------
    BadInput
        `leaf_unknown`, if the entry is not in the pool.
    """
    steps = merkle.path(leaves, entry.leaf)
    return {
        "format": RECEIPT_FORMAT,
        "code": entry.code,
        "features": dict(entry.features),
        "salt": entry.salt.hex(),
        "seal": sealing.type_salt(seal_key, entry.features, first).hex() if seal_key else None,
        "path": [{"side": side, "hash": neighbour.hex()} for side, neighbour in steps],
    }


def seed_of(commitments: Mapping[str, str], values: Iterable[tuple[str, str]]) -> bytes:
    """Return the seed that follows from the committed hashes and the random values."""
    specification, pool, lottery = (
        bytes.fromhex(commitments[name]) for name in ("specification", "pool", "lottery")
    )
    return seed(specification, pool, lottery, values)


def codes_by_type(pool: Mapping[str, Any]) -> list[list[str]]:
    """Return the draw codes of each type."""
    codes: list[list[str]] = [[] for _ in pool["types"]]
    for entry in pool["entries"]:
        codes[entry["type"]].append(entry["code"])
    return codes


def chances(compositions: Sequence[tuple[int, Sequence[int]]], sizes: Sequence[int]) -> list[Fraction]:
    """Return the exact chance of a person of each type to be drawn.

    `π_t = Σ_j tickets_j · counts_jt / (n_t · Σ_j tickets_j)`.

    Parameters
    ----------
    compositions
        Pairs of tickets and counts per type.
    sizes
        Number of persons of each type, 1 or more.
    """
    total = sum(tickets for tickets, _ in compositions)
    return [
        Fraction(sum(tickets * counts[index] for tickets, counts in compositions), total * size)
        for index, size in enumerate(sizes)
    ]


def fraction_text(value: Fraction) -> str:
    """Return a fraction as the record writes it, `3/40`; whole numbers too, `1/1`."""
    return f"{value.numerator}/{value.denominator}"


def file_hash(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes, as a record names files."""
    return hashlib.sha256(data).hexdigest()


def sources_document(sources: Iterable[Source]) -> list[dict[str, Any]]:
    """Return the announced sources as a record names them."""
    return [announced_document(one) for one in sources]


def rulebook_document(rulebook: RuleBook) -> dict[str, Any]:
    """Return the rule book as a record names it."""
    return {"id": rulebook.name, "version": rulebook.version, "sha256": rulebook.sha256}


def specification_document(specification: Specification) -> dict[str, Any]:
    """Return the specification as a record names it."""
    return {
        "institution": specification.institution,
        "body": specification.body,
        "cycle": specification.cycle,
        "size": specification.size,
        "quotas": _quotas_document(specification.quotas),
        "alternates": specification.alternates,
        "alternates_rule": ALTERNATES_RULE,
        "disclosure": specification.disclosure,
        "objective": specification.objective,
        "software": specification.software,
        "rulebook": rulebook_document(specification.rulebook),
        "randomness": sources_document(specification.sources),
    } | _completed_document(specification.completes)


def _quotas_document(quotas: Sequence[Quota]) -> list[dict[str, Any]]:
    return [
        {"feature": one.feature, "value": one.value, "minimum": one.minimum, "maximum": one.maximum}
        for one in quotas
    ]


def _completed_document(completed: Completed | None) -> dict[str, Any]:
    if completed is None:
        return {}
    body = {
        "record": completed.record,
        "size": completed.size,
        "quotas": _quotas_document(completed.quotas),
        "sitting": [
            {"features": dict(features), "codes": sorted(codes)} for features, codes in completed.sitting
        ],
    }
    return {"completes": body}


def in_order(lottery: CommittedLottery, order: Sequence[int]) -> CommittedLottery:
    """Return the lottery with its types in another order."""
    return CommittedLottery(
        [lottery.types[index] for index in order],
        [(tickets, [counts[index] for index in order]) for tickets, counts in lottery.compositions],
        sealing.renumbered(lottery.certificate, order),
        _links_in_order(lottery.links, order),
        [lottery.codes[index] for index in order] if lottery.links else (),
    )


def _links_in_order(links: Links, order: Sequence[int]) -> Links:
    """Return the links of types that stand in another order."""
    places = {index: place for place, index in enumerate(order)}
    return Links(
        tuple(LinkedClass(tuple(sorted(places[t] for t in one.types)), one.groups) for one in links.apart),
        tuple(LinkedClass(tuple(places[t] for t in one.types), one.groups) for one in links.together),
    )


def _type_document(
    features: Mapping[str, str], count: int, seal_key: bytes | None, first: str | None
) -> dict[str, Any]:
    """Return a type as the record shows it."""
    if seal_key is None:
        return {"features": dict(features), "count": count, "seal": None}
    sealed = sealing.seal(sealing.type_salt(seal_key, features, first), features)
    shown = dict(features) if count >= sealing.FEWEST_SHOWN else None
    return {"features": shown, "count": count, "seal": sealed}


def _pool_document(
    entries: Sequence[Entry], lottery: CommittedLottery, seal_key: bytes | None
) -> dict[str, Any]:
    kind = _types_of(entries, lottery)
    tally = Counter(kind)
    counts = [tally[index] for index in range(len(lottery.types))]
    if None in kind or 0 in counts:
        raise BadInput("draw_type_unknown")
    if len({entry.code for entry in entries}) != len(entries):
        raise BadInput("draw_codes_repeated")
    if any(shape.code(entry.code, "code") for entry in entries):
        raise BadInput("draw_code_wrong")
    if lottery.links:
        _demand_links(lottery)
    leaves = [entry.leaf for entry in entries]
    rows = [
        {"code": entry.code, "leaf": leaf.hex(), "type": index}
        for entry, leaf, index in zip(entries, leaves, kind, strict=True)
    ]
    firsts = first_codes(lottery)
    return {
        "entries": sorted(rows, key=lambda row: str(row["code"])),
        "types": [
            _type_document(features, count, seal_key, first)
            for features, count, first in zip(lottery.types, counts, firsts, strict=True)
        ],
        "root": merkle.root(leaves).hex(),
    } | ({"links": lottery.links.to_document()} if lottery.links else {})


def _types_of(entries: Sequence[Entry], lottery: CommittedLottery) -> list[int | None]:
    """Return the type of each entry: by code where people are linked, else by features."""
    if lottery.links:
        of_code = {code: t for t, codes in enumerate(lottery.codes) for code in codes}
        found = [of_code.get(entry.code) for entry in entries]
        same = all(
            t is not None and dict(lottery.types[t]) == dict(entry.features)
            for t, entry in zip(found, entries, strict=True)
        )
        return found if same and len(of_code) == len(entries) else [None]
    number = {canonical(dict(features)): index for index, features in enumerate(lottery.types)}
    if len(number) != len(lottery.types):
        return [None]
    return [number.get(canonical(dict(entry.features))) for entry in entries]


def _demand_links(lottery: CommittedLottery) -> None:
    rows = lottery.links.rows
    faults = (
        *lottery.links.faults([sorted(codes) for codes in lottery.codes], list(lottery.types)),
        *row_faults(rows, [counts for _, counts in lottery.compositions]),
    )
    for fault in faults:
        raise BadInput("draw_links_wrong", detail=fault)


def _lottery_document(lottery: CommittedLottery, sizes: Sequence[int], *, sealed: bool) -> dict[str, Any]:
    compositions = [(tickets, list(counts)) for tickets, counts in lottery.compositions]
    check_compositions(compositions, sizes)
    return {
        "tickets": sum(tickets for tickets, _ in compositions),
        "compositions": [{"tickets": tickets, "counts": counts} for tickets, counts in compositions],
        "chances": [fraction_text(chance) for chance in chances(compositions, sizes)],
        "root": sum_tree.root(compositions).hex(),
        "certificate": None if sealed else lottery.certificate,
        "certificate_sha256": digest(lottery.certificate),
    }


def random_document(value: RandomValue) -> dict[str, Any]:
    """Return a random value as a record names it."""
    return {
        "source": value.source,
        "value": value.value,
        "obtained_at": instant(value.obtained_at),
        "evidence": value.evidence,
        "proof": None if value.proof is None else dict(value.proof),
    }


def check_randomness(announced: Sequence[Mapping[str, Any]], randomness: Sequence[RandomValue]) -> None:
    """Return if the values are those announced, none was read before its moment, and each source can give its own.

    Raises
    ------
    BadInput
        `randomness_not_as_announced`; `randomness_too_early`; `randomness_wrong`.
    """
    if [one["source"] for one in announced] != [one.source for one in randomness]:
        raise BadInput("randomness_not_as_announced")
    for source, value in zip(announced, randomness, strict=True):
        moment = source["moment"]
        if moment is not None and value.obtained_at < datetime.fromisoformat(moment):
            raise BadInput("randomness_too_early", source=value.source)
        demand_value(source, value)
    fault = next(late_reveals(announced, [random_document(one) for one in randomness]), None)
    if fault is not None:
        raise BadInput("randomness_wrong", source="reveal", detail=fault)


def check_sources(sources: Sequence[Source], committed_at: datetime) -> None:
    """Return if these sources may be announced at this time.

    Raises
    ------
    BadInput
        `seed_empty` without any; `committed_too_late`; `source_wrong`, with the reason.
    """
    if not sources:
        raise BadInput("seed_empty")
    if any(source.moment is not None and source.moment <= committed_at for source in sources):
        raise BadInput("committed_too_late")
    fault = next(source_faults(sources_document(sources)), None)
    if fault is not None:
        raise BadInput("source_wrong", detail=fault)
