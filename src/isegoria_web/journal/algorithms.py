"""The door to `isegoria.proof` for the journal."""

from __future__ import annotations

from isegoria.proof.canonical import instant
from isegoria.proof.journal import entry, export, verify_journal

__all__ = ["entry", "export", "instant", "verify_journal"]
