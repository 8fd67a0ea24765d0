"""The door to `isegoria.proof` for the journal."""

from isegoria.proof.journal import entry_hash

__all__ = ["entry_hash"]
