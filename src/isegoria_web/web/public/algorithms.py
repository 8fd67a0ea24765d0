"""The door to `isegoria.proof` for the public pages: a draw's record, checked step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isegoria.proof.record import dump
from isegoria.proof.steps import Step
from isegoria.proof.verify import verify_bytes


def steps_of(document: Mapping[str, Any], published: str) -> tuple[Step, ...]:
    """Redo everything that a published file states and return each step with its finding."""
    return verify_bytes(dump(document), published=published).steps
