"""Which round of a public randomness beacon belongs to a moment, so that no one can choose a kinder one."""

from __future__ import annotations

import re
from datetime import UTC, datetime

QUICKNET = "drand:quicknet:"
QUICKNET_GENESIS = 1_692_803_367
QUICKNET_PERIOD = 3
"""Seconds between rounds of drand's network `quicknet`; round 1 is at the genesis (Unix time)."""


def quicknet_round(moment: datetime) -> int:
    """Return the first round of drand's `quicknet` at or after a moment.

    `⌈(t - genesis) / 3⌉ + 1`.

    Examples
    --------
    >>> quicknet_round(datetime(2027, 3, 1, 18, tzinfo=UTC))
    37040212
    """
    since = moment - datetime.fromtimestamp(QUICKNET_GENESIS, UTC)
    whole, rest = since.days * 86_400 + since.seconds, since.microseconds
    return -(-(whole + bool(rest)) // QUICKNET_PERIOD) + 1


def quicknet_source(moment: datetime) -> str:
    """Return the name under which the round of a moment is announced, `drand:quicknet:37040212`."""
    return f"{QUICKNET}{quicknet_round(moment)}"


def round_fault(source: str, moment: datetime, value: str) -> str | None:
    """Return what is wrong with a beacon's round or value; None for it and for every other source.

    The round must be the one of the announced moment, the value 64 hexadecimal digits. The signature of
    the beacon is not checked here.
    """
    if not source.startswith(QUICKNET):
        return None
    expected = quicknet_source(moment)
    if source != expected:
        return f"the source of the announced moment is {expected}"
    return None if re.fullmatch("[0-9a-f]{64}", value) else "the value is not 64 hexadecimal digits"
