"""Time stamps by others under a commitment: proof that it existed before the randomness, without trusting our clock.

A record can carry receipts over the hash of its commitment: of RFC 3161 (a time-stamping authority signs hash and time)
and of OpenTimestamps (the hash is anchored in a public chain). An RFC 3161 receipt is checked with `rfc3161-client` (the
extra `isegoria[signatures]`): hash, time and, against the root certificates that the reader trusts, the signature. Of an
OpenTimestamps receipt only the hash is checked here; its anchor is checked with the project's own client.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from isegoria.proof import shape
from isegoria.proof.steps import Step, not_checked, step

RFC3161 = "rfc3161"
OPENTIMESTAMPS = "opentimestamps"
MISSING = "the time stamps: install isegoria[signatures]"
OTS_HEADER = bytes.fromhex("004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294") + b"\x01\x08"
"""Magic number and version of an OpenTimestamps file, then the code of SHA-256; the stamped hash follows."""

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


def check_timestamps(document: Mapping[str, Any], roots: Sequence[bytes] = ()) -> Step:
    """Return the step `timestamps` of a record.

    Parameters
    ----------
    document
        A record of the right shape.
    roots
        The certificates of time-stamping authorities that the reader trusts, PEM.
    """
    stamps = document["timestamps"]
    detail = f"{len(stamps)} time stamps under the commitment, each before the first source speaks"
    if not stamps:
        return step("timestamps", "no time stamp is attached")
    wanted = bytes.fromhex(document["commitment"])
    before = min(datetime.fromisoformat(one["moment"]) for one in document["specification"]["randomness"])
    open_points: list[str] = []
    for index, one in enumerate(stamps):
        try:
            content = base64.b64decode(one["content"], validate=True)
        except binascii.Error:
            return step("timestamps", detail, f"timestamps[{index}] is not in base 64")
        if one["kind"] == OPENTIMESTAMPS:
            fault = _opentimestamps_fault(content, wanted)
            open_points.append(
                f"the anchor of timestamps[{index}], which the OpenTimestamps client checks in the public chain"
            )
        else:
            try:
                fault = _rfc3161_fault(content, wanted, before, roots)
            except ImportError:
                return not_checked("timestamps", detail, MISSING)
            if not roots:
                open_points.append(f"who signed timestamps[{index}]: give the authority's root certificate")
        if fault is not None:
            return step("timestamps", detail, f"timestamps[{index}] {fault}")
    return step("timestamps", detail, None, "; ".join(open_points) or None)


def _opentimestamps_fault(content: bytes, wanted: bytes) -> str | None:
    if not content.startswith(OTS_HEADER):
        return "is not an OpenTimestamps file over SHA-256"
    stamped = content[len(OTS_HEADER) :][: len(wanted)]
    return None if stamped == wanted else f"stamps {stamped.hex()} and not the commitment"


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
