"""Generators of valid inputs and small named instances with known answers, for tests and benchmarks."""

from __future__ import annotations

from isegoria.testing.addresses import Home, writings
from isegoria.testing.pools import (
    NAMED,
    SEVEN_FEATURES,
    Instance,
    realistic_pool,
    small_pool,
    with_households,
)
from isegoria.testing.registers import Office, write_as
from isegoria.testing.rulebooks import rule_book

__all__ = [
    "NAMED",
    "SEVEN_FEATURES",
    "Home",
    "Instance",
    "Office",
    "realistic_pool",
    "rule_book",
    "small_pool",
    "with_households",
    "write_as",
    "writings",
]
