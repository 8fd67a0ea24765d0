"""What a forger of draw records does, and what the verifier says of it."""

from __future__ import annotations

from typing import Any

from isegoria.proof import digest, verify
from isegoria.proof.record import commitment_hash, commitments_of


def rehashed(document: dict[str, Any]) -> dict[str, Any]:
    """Make every hash fit again that whoever bent a record can compute."""
    parts = (document["specification"], document["pool"], document["lottery"])
    document["commitments"] = commitments_of(*parts)
    if "commitment" not in document:
        return document | {"hash": commitment_hash(document)}
    document["commitment"] = commitment_hash(document)
    rest = {key: value for key, value in document.items() if key != "hash"}
    return rest | {"hash": digest(rest)}


def failed(document: dict[str, Any], **options: Any) -> set[str]:
    """Return the names of the steps that do not hold."""
    return {step.name for step in verify(document, **options).steps if not step.ok}
