"""The door to `isegoria.proof` for the journal, and the signature under its checkpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from isegoria.proof.canonical import canonical, instant
from isegoria.proof.journal import GENESIS, entry, export, verify_journal
from isegoria.proof.journal_files import FILE_ENTRIES, file_name, index_line

__all__ = [
    "FILE_ENTRIES", "GENESIS", "canonical", "checkpoint", "entry", "export", "file_name", "index_line", "instant",
    "is_key", "public_key", "signed_by", "verify_journal",
]  # fmt: skip

CHECKPOINT_FORMAT = "isegoria-checkpoint/1"
KEY_DIGITS = 64


def is_key(text: str) -> bool:
    """Return whether a text is a private key: 64 hexadecimal digits."""
    return len(text) == KEY_DIGITS and all(digit in "0123456789abcdef" for digit in text)


def public_key(private: str) -> str:
    """Return the public key of a private one, both as 64 hexadecimal digits."""
    return _private(private).public_key().public_bytes_raw().hex()


def checkpoint(*, private: str, chain: str, length: int, head: str, time: datetime) -> dict[str, Any]:
    """Return a signed statement of how long a chain is and what its newest hash is; see `docs/journal.md`."""
    made: dict[str, Any] = {
        "format": CHECKPOINT_FORMAT,
        "chain": chain,
        "length": length,
        "head": head,
        "time": instant(time),
        "key": public_key(private),
    }
    return made | {"signature": _private(private).sign(canonical(made)).hex()}


def signed_by(made: dict[str, Any]) -> bool:
    """Return whether a checkpoint's signature holds under the key that it names."""
    said = {name: value for name, value in made.items() if name != "signature"}
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(made["key"]))
    try:
        key.verify(bytes.fromhex(made["signature"]), canonical(said))
    except InvalidSignature:
        return False
    return True


def _private(key: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key))
