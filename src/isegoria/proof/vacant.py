"""A sealed draw for vacant seats: its public record shows neither who sits nor what the lottery looks for.

What the whole body leaves to a vacant seat is a difference: it would tell the features of whoever left, and so would a
list of those who can be drawn for it. So everybody gets a fresh code, and the public sees a lottery of `CELLS` equal
cells of which each holds a panel under a seal of its own; the draw opens one of them. Who sits, the features, the
quotas of the vacant seats and the whole lottery stand in the file of the sworn observers, which one hash fixes, and
with which everything is checked. Formats `isegoria-draw-commitment/2` and `isegoria-draw-record/2`, in words:
`docs/draw-record.md`.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any

from isegoria.errors import BadInput
from isegoria.proof import merkle, sealing, shape
from isegoria.proof.canonical import canonical, digest, instant
from isegoria.proof.derivation import TICKET_LABEL, check_compositions, owner
from isegoria.proof.record import (
    CommittedLottery,
    Entry,
    Specification,
    chances,
    check_randomness,
    check_sources,
    fraction_text,
    in_order,
    random_document,
    seed_of,
    specification_document,
)
from isegoria.proof.sealing import KEY_BYTES, SALT_BYTES, SEALED
from isegoria.proof.sources import RandomValue
from isegoria.proof.timestamps import Timestamp, timestamps_document
from isegoria.seeding import Stream, keyed_order

COMMITMENT_FORMAT = "isegoria-draw-commitment/2"
RECORD_FORMAT = "isegoria-draw-record/2"
OBSERVERS_FORMAT = "isegoria-draw-observers/2"
RECEIPT_FORMAT = "isegoria-receipt/2"

CELLS = 4096
"""Equal tickets of every such lottery, whatever its chances are: their number must tell nothing about the people."""
DEPTH = 12
"""Steps from a cell up to the root."""
PART_LABEL = "part"
HIDDEN = ("sitting", "origins", "types", "compositions", "certificate")
"""What the observers' file holds under the one hash of the commitment."""


@dataclass(frozen=True, slots=True)
class Part:
    """A panel, and which share of a cell is its own: nearly always all of it."""

    share: Fraction
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vacant:
    """A committed draw.

    Attributes
    ----------
    commitment
        A JSON value of the format `isegoria-draw-commitment/2`, to publish before the randomness exists.
    observers
        A JSON value of the format `isegoria-draw-observers/2`, which opens it, for sworn observers alone.
    """

    commitment: dict[str, Any]
    observers: dict[str, Any]


def commit_vacant(
    specification: Specification,
    entries: Iterable[Entry],
    lottery: CommittedLottery,
    committed_at: datetime,
    seal_key: bytes,
    origins: Mapping[str, str] | None = None,
) -> Vacant:
    """Return what to publish of a sealed draw for vacant seats, and what opens it.

    Parameters
    ----------
    specification
        Sealed, with the body that is completed; its quotas are those of the vacant seats.
    entries
        The frozen pool in any order, under codes that no other record has.
    lottery
        The complete lottery over its types.
    committed_at
        Time of publication, before the moment of every source.
    seal_key
        32 random bytes.
    origins
        Of a replacement: the code of each entry in the pool of the earlier draw, by the code of now.

    Raises
    ------
    BadInput
        `disclosure_wrong`, unless the draw is sealed and completes a body; `seal_key_wrong`; `draw_type_unknown`;
        `draw_codes_repeated`; `draw_code_wrong`; `draw_links_wrong`, if people are linked; `draw_counts_wrong`;
        `draw_no_tickets`; `committed_too_late`; `source_wrong`; `not_canonical`.
    """
    check_sources(specification.sources, committed_at)
    if specification.disclosure != SEALED or specification.completes is None:
        raise BadInput("disclosure_wrong", disclosure=specification.disclosure)
    if len(seal_key) != KEY_BYTES:
        raise BadInput("seal_key_wrong", length=len(seal_key))
    if lottery.links:
        raise BadInput("draw_links_wrong", detail="a sealed draw for vacant seats takes none")
    people = list(entries)
    hidden = _hidden_document(specification, people, lottery, seal_key, origins or {})
    odds = chances_of(hidden)
    pool = {
        "entries": [
            {
                "code": one.code,
                "leaf": one.leaf.hex(),
                "seal": entry_seal(salt_of(seal_key, "entry", one.code), one.features, odds[one.code]),
            }
            for one in sorted(people, key=lambda each: each.code)
        ],
        "root": merkle.root([one.leaf for one in people]).hex(),
    }
    leaves = [cell_leaf(parts) for parts in sealed_cells(seal_key, cells_of(hidden))]
    promised = {
        "cells": CELLS,
        "root": merkle.root_in_order(leaves).hex(),
        "sealed": hidden_seal(seal_key, hidden),
    }
    spec = _public_specification(specification)
    document = {
        "format": COMMITMENT_FORMAT,
        "specification": spec,
        "pool": pool,
        "lottery": promised,
        "commitments": {
            "specification": digest(spec),
            "pool": digest(pool_head(pool)),
            "lottery": digest(promised),
        },
        "committed_at": instant(committed_at),
    }
    document["hash"] = commitment_hash(document)
    file = {"format": OBSERVERS_FORMAT, "commitment": document["hash"], "key": seal_key.hex(), **hidden}
    return Vacant(document, file)


def record_vacant(
    committed: Mapping[str, Any],
    observers: Mapping[str, Any],
    randomness: Sequence[RandomValue],
    timestamps: Sequence[Timestamp] = (),
) -> dict[str, Any]:
    """Return the record of the draw: the commitment, the random values, and the one cell that they open.

    Parameters
    ----------
    committed, observers
        What `commit_vacant` returned.
    randomness
        One value per announced source, in the announced order.
    timestamps
        Receipts of others over the hash of the commitment, if there are any.

    Raises
    ------
    BadInput
        `randomness_not_as_announced`; `randomness_too_early`.
    """
    check_randomness(committed["specification"]["randomness"], randomness)
    seed = seed_of(committed["commitments"], [(one.source, one.value) for one in randomness])
    key, cells = bytes.fromhex(observers["key"]), cells_of(observers)
    sealed = sealed_cells(key, cells)
    ticket = Stream(seed, TICKET_LABEL).below(CELLS)
    part = drawn_part(seed, [one.share for one in cells[ticket]])
    panel = cells[ticket][part].members
    steps = merkle.path_in_order([cell_leaf(parts) for parts in sealed], ticket)
    everybody = [one["code"] for one in committed["pool"]["entries"]]
    document = {name: value for name, value in committed.items() if name != "hash"} | {
        "format": RECORD_FORMAT,
        "commitment": committed["hash"],
        "timestamps": timestamps_document(timestamps),
        "randomness": [random_document(one) for one in randomness],
        "seed": seed.hex(),
        "result": {
            "ticket": ticket,
            "parts": sealed[ticket],
            "salt": salt_of(key, "panel", ticket, part).hex(),
            "path": [neighbour.hex() for _side, neighbour in steps],
            "members": members_in_order(seed, panel),
            "alternates": alternates_in_order(
                seed, everybody, panel, committed["specification"]["alternates"]
            ),
        },
    }
    return document | {"hash": digest(document)}


def receipt_vacant(
    entry: Entry, leaves: Iterable[bytes], seal_key: bytes, chance: Fraction
) -> dict[str, Any]:
    """Return what one person gets: as `isegoria.proof.receipt`, and the own chance, which no public record shows.

    Raises
    ------
    BadInput
        `leaf_unknown`, if the entry is not in the pool.
    """
    return {
        "format": RECEIPT_FORMAT,
        "code": entry.code,
        "features": dict(entry.features),
        "chance": fraction_text(chance),
        "salt": entry.salt.hex(),
        "seal": salt_of(seal_key, "entry", entry.code).hex(),
        "path": [
            {"side": side, "hash": neighbour.hex()} for side, neighbour in merkle.path(leaves, entry.leaf)
        ],
    }


# -- seals ----------------------------------------------------------------------------------------------------


def salt_of(key: bytes, *what: str | int) -> bytes:
    """Return the 16-byte salt of one thing that is sealed: `HMAC-SHA-256(key, canonical(what))`, cut."""
    return hmac.digest(key, canonical([*what]), "sha256")[:SALT_BYTES]


def entry_seal(salt: bytes, features: Mapping[str, str], chance: str) -> str:
    """Return the seal that fixes with which features and chance the lottery counts a person."""
    return sealing.seal(salt, {"chance": chance, "features": dict(features)})


def hidden_seal(key: bytes, hidden: Mapping[str, Any]) -> str:
    """Return the seal over all that the observers' file holds."""
    return sealing.seal(salt_of(key, "observers"), {name: hidden[name] for name in HIDDEN})


def panel_seal(salt: bytes, members: Iterable[str]) -> str:
    """Return the seal of a panel: `SHA-256(0x05 ‖ salt ‖ canonical(codes in ascending order))`."""
    return _panel_seal(salt, canonical(sorted(members)))


def _panel_seal(salt: bytes, written: bytes) -> str:
    return hashlib.sha256(b"\5" + salt + written).hexdigest()


def cell_leaf(parts: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the leaf of a cell: `SHA-256(0x06 ‖ canonical(parts))`."""
    return hashlib.sha256(b"\6" + canonical([dict(one) for one in parts])).digest()


# -- the lottery in cells ---------------------------------------------------------------------------------------


def cells_of(hidden: Mapping[str, Any]) -> list[list[Part]]:
    """Return the panels of every cell.

    Put the compositions one after the other on the line from 0 to 1, each as long as its share of the tickets, and cut
    the line into `CELLS` equal cells. Within a composition the panel changes with the phase u from 0 to 1: of a type of
    n people it takes the `x` that follow the number ⌊u n⌋, counted round. So whoever is of a type is drawn with x / n,
    exactly as everybody else of it.

    Parameters
    ----------
    hidden
        With `types` and `compositions`, as in the observers' file.
    """
    cells: list[list[Part]] = [[] for _ in range(CELLS)]
    low = Fraction(0)
    for length, members in _panels(hidden):
        high = low + length * CELLS
        while low < high:
            cell = math.floor(low)
            top = min(high, Fraction(cell + 1))
            cells[cell].append(Part(top - low, members))
            low = top
    return cells


def _panels(hidden: Mapping[str, Any]) -> Iterator[tuple[Fraction, tuple[str, ...]]]:
    """Yield the panels along the line, each with its length."""
    codes = [one["codes"] for one in hidden["types"]]
    total = sum(one["tickets"] for one in hidden["compositions"])
    for one in hidden["compositions"]:
        chosen = [(own, count) for own, count in zip(codes, one["counts"], strict=True) if count]
        moving = {len(own) for own, count in chosen if count < len(own)}
        marks = sorted(
            {Fraction(step, n) for n in moving for step in range(n)} | {Fraction(0), Fraction(1)}
        )
        for phase, following in pairwise(marks):
            panel = (
                own[(math.floor(phase * len(own)) + step) % len(own)]
                for own, count in chosen
                for step in range(count)
            )
            yield Fraction(one["tickets"], total) * (following - phase), tuple(sorted(panel))


def sealed_cells(key: bytes, cells: Sequence[Sequence[Part]]) -> list[list[dict[str, str]]]:
    """Return the parts of every cell as they are public: the share, and the panel under its seal."""
    written: dict[
        tuple[str, ...], bytes
    ] = {}  # few panels fill many cells, and spelling one takes its time
    return [
        [
            {
                "share": fraction_text(part.share),
                "panel": _panel_seal(
                    salt_of(key, "panel", cell, place),
                    written.get(part.members)
                    or written.setdefault(part.members, canonical([*part.members])),
                ),
            }
            for place, part in enumerate(parts)
        ]
        for cell, parts in enumerate(cells)
    ]


def drawn_part(seed: bytes, shares: Sequence[Fraction]) -> int:
    """Return which part of the drawn cell the seed picks."""
    whole = math.lcm(*(share.denominator for share in shares))
    return owner(Stream(seed, PART_LABEL).below(whole), [int(share * whole) for share in shares])


def members_in_order(seed: bytes, panel: Iterable[str]) -> list[str]:
    """Return the members in the keyed order, which tells nothing about them."""
    return keyed_order(seed, "members", panel)


def alternates_in_order(
    seed: bytes, everybody: Iterable[str], panel: Iterable[str], alternates: int
) -> list[str]:
    """Return the alternates in their order."""
    drawn = set(panel)
    return keyed_order(seed, "alternates", [code for code in everybody if code not in drawn])[:alternates]


def chances_of(hidden: Mapping[str, Any]) -> dict[str, str]:
    """Return everybody's exact chance, by code."""
    pairs = [(one["tickets"], one["counts"]) for one in hidden["compositions"]]
    exact = chances(pairs, [len(one["codes"]) for one in hidden["types"]])
    return {
        code: fraction_text(chance)
        for kind, chance in zip(hidden["types"], exact, strict=True)
        for code in kind["codes"]
    }


# -- documents ---------------------------------------------------------------------------------------------------


def pool_head(pool: Mapping[str, Any]) -> dict[str, Any]:
    """Return the short form of a pool that its committed hash is taken of."""
    return {"entries": digest(pool["entries"]), "root": pool["root"], "size": len(pool["entries"])}


def commitment_hash(document: Mapping[str, Any]) -> str:
    """Return the hash that is published before the draw."""
    return digest(
        {
            "format": COMMITMENT_FORMAT,
            "commitments": document["commitments"],
            "committed_at": document["committed_at"],
        }
    )


def _public_specification(specification: Specification) -> dict[str, Any]:
    """Return the specification with the quotas of the whole body, and without those who sit."""
    written = specification_document(specification)
    body = written["completes"]
    return written | {
        "quotas": body["quotas"],
        "completes": {"record": body["record"], "size": body["size"]},
    }


def _hidden_document(
    specification: Specification,
    people: Sequence[Entry],
    lottery: CommittedLottery,
    key: bytes,
    origins: Mapping[str, str],
) -> dict[str, Any]:
    kinds = {canonical(dict(features)): number for number, features in enumerate(lottery.types)}
    codes: list[list[str]] = [[] for _ in lottery.types]
    for one in sorted(people, key=lambda each: each.code):
        number = kinds.get(canonical(dict(one.features)))
        if number is None:
            raise BadInput("draw_type_unknown")
        if shape.code(one.code, "code"):
            raise BadInput("draw_code_wrong")
        codes[number].append(one.code)
    if not all(codes) or len(kinds) != len(codes):
        raise BadInput("draw_type_unknown")
    if len({one.code for one in people}) != len(people) or (
        origins and {*origins} != {one.code for one in people}
    ):
        raise BadInput("draw_codes_repeated")
    order = sealing.sealed_order(key, lottery.types)
    turned = in_order(lottery, order)
    pairs = [(tickets, list(counts)) for tickets, counts in turned.compositions]
    check_compositions(pairs, [len(codes[number]) for number in order])
    # In an order that tells nothing: which cell was drawn is public, and so is its place on the line.
    pairs.sort(key=lambda one: salt_of(key, "composition", *one[1], one[0]))
    return {
        "sitting": specification_document(specification)["completes"]["sitting"],
        "origins": [{"code": code, "earlier": origins[code]} for code in sorted(origins)],
        "types": [{"features": dict(lottery.types[number]), "codes": codes[number]} for number in order],
        "compositions": [{"tickets": tickets, "counts": counts} for tickets, counts in pairs],
        "certificate": turned.certificate,
    }
