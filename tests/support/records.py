"""What a forger of draw records does, and what the verifier says of it."""

from __future__ import annotations

from typing import Any

from isegoria.proof import digest, vacant, verify
from isegoria.proof.record import commitment_hash, commitments_of


def rehashed(document: dict[str, Any]) -> dict[str, Any]:
    """Make every hash fit again that whoever bent a record can compute."""
    parts = (document["specification"], document["pool"], document["lottery"])
    if document["format"] in {vacant.COMMITMENT_FORMAT, vacant.RECORD_FORMAT}:
        heads = (parts[0], vacant.pool_head(parts[1]), parts[2])
        names = ("specification", "pool", "lottery")
        document["commitments"] = {name: digest(head) for name, head in zip(names, heads, strict=True)}
        before = vacant.commitment_hash(document)
    else:
        document["commitments"] = commitments_of(*parts)
        before = commitment_hash(document)
    if "commitment" not in document:
        return document | {"hash": before}
    document["commitment"] = before
    rest = {key: value for key, value in document.items() if key != "hash"}
    return rest | {"hash": digest(rest)}


def failed(document: dict[str, Any], **options: Any) -> set[str]:
    """Return the names of the steps that do not hold."""
    return {step.name for step in verify(document, **options).steps if not step.ok}
