"""Time stamps by others under a commitment: proof that it existed before the randomness, without trusting our clock.

A record can carry receipts over the hash of its commitment: of RFC 3161 (a time-stamping authority signs hash and time)
and of OpenTimestamps (the hash is anchored in a public chain). An RFC 3161 receipt is checked with `rfc3161-client` (the
extra `isegoria[signatures]`): hash, time and, against the root certificates that the reader trusts, the signature. Of an
OpenTimestamps receipt the way is followed to the Merkle root of a Bitcoin block; the header of that block, which the
reader gives, proves by the work in it that the block is real, and says when it was found. No network is needed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from isegoria.proof import opentimestamps, shape
from isegoria.proof.sources import first_moment
from isegoria.proof.steps import Step, not_checked, step

RFC3161 = "rfc3161"
OPENTIMESTAMPS = "opentimestamps"
MISSING = "the time stamps: install isegoria[signatures]"
CLOCK = timedelta(hours=2)
"""How far the clock of a block may be ahead of the world: its finder sets it, and other nodes accept no more."""

TIMESTAMPS = shape.list_of(
    shape.record(
        {
            "kind": shape.matching(f"{RFC3161}|{OPENTIMESTAMPS}", f"{RFC3161} or {OPENTIMESTAMPS}"),
            "content": shape.matching("[A-Za-z0-9+/]{1,100000}={0,2}", "bytes in base 64"),
        }
    )
)


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A receipt over the hash of a commitment, as its issuer gave it.

    Attributes
    ----------
    kind
        `rfc3161`: the bytes of a time-stamp response; `opentimestamps`: those of an `.ots` file.
    content
        The bytes.
    """

    kind: Literal["rfc3161", "opentimestamps"]
    content: bytes


def timestamps_document(timestamps: Iterable[Timestamp]) -> list[dict[str, str]]:
    """Return time stamps as a record carries them."""
    return [
        {"kind": one.kind, "content": base64.b64encode(one.content).decode("ascii")} for one in timestamps
    ]


def check_timestamps(
    document: Mapping[str, Any], roots: Sequence[bytes] = (), blocks: Sequence[bytes] = ()
) -> Step:
    """Return the step `timestamps` of a record.

    Parameters
    ----------
    document
        A record of the right shape.
    roots
        The certificates of time-stamping authorities that the reader trusts, PEM.
    blocks
        Headers of Bitcoin blocks, 80 bytes each, for OpenTimestamps receipts.
    """
    stamps = document["timestamps"]
    detail = f"{len(stamps)} time stamps under the commitment, each before the first source speaks"
    if not stamps:
        return step("timestamps", "no time stamp is attached")
    wanted = bytes.fromhex(document["commitment"])
    before = first_moment(document["specification"]["randomness"])
    if before is None:
        return step(
            "timestamps", detail, "the seed is a text without a moment: nothing can be older than it"
        )
    open_points: list[str] = []
    for index, one in enumerate(stamps):
        try:
            content = base64.b64decode(one["content"], validate=True)
        except binascii.Error:
            return step("timestamps", detail, f"timestamps[{index}] is not in base 64")
        try:
            fault, unchecked = check_receipt(one["kind"], content, wanted, before, roots, blocks)
        except ImportError:
            return not_checked("timestamps", detail, MISSING)
        if fault is not None:
            return step("timestamps", detail, f"timestamps[{index}] {fault}")
        if unchecked is not None:
            open_points.append(f"timestamps[{index}]: {unchecked}")
    return step("timestamps", detail, None, "; ".join(open_points) or None)


def check_receipt(
    kind: str,
    content: bytes,
    wanted: bytes,
    before: datetime,
    roots: Sequence[bytes] = (),
    blocks: Sequence[bytes] = (),
) -> tuple[str | None, str | None]:
    """Return what is wrong with a receipt, and what could not be checked of it.

    Parameters
    ----------
    kind
        `rfc3161` or `opentimestamps`.
    content
        Its bytes.
    wanted
        The hash of the commitment, 32 bytes.
    before
        The moment at which the first source speaks.
    roots, blocks
        As for `check_timestamps`.

    Raises
    ------
    ImportError
        For a receipt of RFC 3161, without `rfc3161-client`.
    """
    if kind == OPENTIMESTAMPS:
        return _opentimestamps_fault(content, wanted, before, blocks)
    fault = _rfc3161_fault(content, wanted, before, roots)
    return fault, None if roots else "who signed it; give the authority's root certificate"


def _opentimestamps_fault(
    content: bytes, wanted: bytes, before: datetime, blocks: Sequence[bytes]
) -> tuple[str | None, str | None]:
    try:
        stamped, found = opentimestamps.read_receipt(content)
    except opentimestamps.NotReadableError as error:
        return str(error), None
    if stamped != wanted:
        return f"stamps {stamped.hex()} and not the commitment", None
    anchored = [one for one in found if one.block is not None]
    if not anchored:
        calendars = ", ".join(one.calendar for one in found) or "no calendar"
        return (
            None,
            f"it leads to no block yet, only to the promise of {calendars}; complete it with its client",
        )
    faults = []
    for header in blocks:
        fault = _block_fault(header, {one.reached for one in anchored}, before)
        if fault is None:
            return None, None
        faults.append(fault)
    if any("not before" in fault for fault in faults):
        return next(fault for fault in faults if "not before" in fault), None
    first = min(anchored, key=lambda one: one.block or 0)
    where = f"that block {first.block} of Bitcoin has the Merkle root {first.merkle_root}; give the block's header"
    return None, "; ".join([where, *faults])


def _block_fault(header: bytes, roots: set[bytes], before: datetime) -> str | None:
    """Return why a block header does not prove that one of these Merkle roots existed in time."""
    try:
        block = opentimestamps.read_block_header(header)
    except opentimestamps.NotReadableError as error:
        return f"what was given {error}"
    if block.merkle_root not in roots:
        return "the header that was given is of another block"
    if block.difficulty < opentimestamps.LEAST_DIFFICULTY:
        return f"the header that was given has a difficulty of {block.difficulty}, so it costs little to make up"
    if block.time + CLOCK >= before:
        return f"leads to a block of {block.time.isoformat()}, not before the first source spoke"
    return None


def _rfc3161_fault(content: bytes, wanted: bytes, before: datetime, roots: Sequence[bytes]) -> str | None:
    """Return what is wrong with a time-stamp response; ImportError without the library."""
    from rfc3161_client import decode_timestamp_response  # noqa: PLC0415  # optional

    try:
        response = decode_timestamp_response(content)
        info = response.tst_info
    except ValueError:
        return "is not a time-stamp response"
    if info.message_imprint.message != wanted:
        return f"stamps {info.message_imprint.message.hex()} and not the commitment"
    if info.gen_time >= before:
        return f"was given at {info.gen_time.isoformat()}, not before the first source spoke"
    return _signature_fault(response, wanted, roots) if roots else None


def _signature_fault(response: Any, wanted: bytes, roots: Sequence[bytes]) -> str | None:
    """Return why no authority under these root certificates signed the response."""
    from cryptography import x509  # noqa: PLC0415
    from rfc3161_client import VerificationError, VerifierBuilder  # noqa: PLC0415

    builder = VerifierBuilder()
    try:
        for certificate in (each for one in roots for each in x509.load_pem_x509_certificates(one)):
            builder = builder.add_root_certificate(certificate)
    except ValueError:
        return "cannot be compared: a root certificate is not in the form PEM"
    try:
        builder.build().verify(response, wanted)
    except VerificationError as error:
        return f"is not signed by an authority that was named: {error}"
    return None
