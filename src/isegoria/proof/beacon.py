"""Public randomness beacons: the round that belongs to a moment, and whether the beacon really signed a value.

Both networks of drand (the League of Entropy) sign each round with one key that no single operator holds; the
random value is the SHA-256 of the signature. A round is a function of time, so a round named in advance cannot be
swapped, and a signature fits one round alone, so an old one cannot be replayed. Hash and round arithmetic need the
standard library only; the signature needs `py_ecc` (the extra `isegoria[signatures]`), and without it the answer is
"not checked", never "holds".
"""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

QUICKNET = "drand:quicknet:"
DEFAULT = "drand:default:"


@dataclass(frozen=True, slots=True)
class Network:
    """A drand network.

    Attributes
    ----------
    name
        As a source names it.
    genesis, period
        Unix time of round 1, and seconds between rounds.
    key
        The public key, hexadecimal, compressed.
    signature_digits
        Hexadecimal digits of a signature.
    chained
        Whether a round signs the signature of the round before.
    """

    name: str
    genesis: int
    period: int
    key: str
    signature_digits: int
    chained: bool


NETWORKS = {
    "quicknet": Network(
        "quicknet",
        1_692_803_367,
        3,
        "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
        "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
        96,
        chained=False,
    ),
    "default": Network(
        "default",
        1_595_431_050,
        30,
        "868f005eb8e6e4ca0a47c8a77ceaa5309a47978a7c71bc5cce96366b5d7a569937c529eeda66c7293784a9402801af31",
        192,
        chained=True,
    ),
}
"""Schemes `bls-unchained-g1-rfc9380` and `pedersen-bls-chained`; the chain hash of quicknet is 52db9ba7…e971, of the
default network 8990e7a9…b2ce."""

G1_TAG = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
G2_TAG = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_"


class NotChecked(Exception):
    """The signature could not be checked here, because `py_ecc` is not installed."""


def round_of(network: str, moment: datetime) -> int:
    """Return the first round of a network at or after a moment, `⌈(t - genesis) / period⌉ + 1`."""
    found = NETWORKS[network]
    since = moment - datetime.fromtimestamp(found.genesis, UTC)
    whole, rest = since.days * 86_400 + since.seconds, since.microseconds
    return -(-(whole + bool(rest)) // found.period) + 1


def quicknet_round(moment: datetime) -> int:
    """Return the first round of drand's `quicknet` at or after a moment.

    Examples
    --------
    >>> quicknet_round(datetime(2027, 3, 1, 18, tzinfo=UTC))
    37040212
    """
    return round_of("quicknet", moment)


def quicknet_source(moment: datetime) -> str:
    """Return the name under which the round of a moment is announced, `drand:quicknet:37040212`."""
    return f"{QUICKNET}{round_of('quicknet', moment)}"


def default_source(moment: datetime) -> str:
    """Return the name of the round of drand's default network, `drand:default:3311596`."""
    return f"{DEFAULT}{round_of('default', moment)}"


def randomness(signature: str) -> str:
    """Return the random value of a beacon's signature, both hexadecimal: SHA-256."""
    return hashlib.sha256(bytes.fromhex(signature)).hexdigest()


def signature_spelling(network: str, signature: object) -> bool:
    """Tell whether this could be a signature of the network: hexadecimal, of the right length."""
    digits = NETWORKS[network].signature_digits
    return isinstance(signature, str) and re.fullmatch(f"[0-9a-f]{{{digits}}}", signature) is not None


def verify_signature(network: str, number: int, signature: str, previous: str | None = None) -> bool:
    """Tell whether the network signed this round with this signature.

    Parameters
    ----------
    network
        `quicknet` or `default`.
    number
        The round, 1 or more.
    signature, previous
        Hexadecimal; `previous` is the signature of the round before, for the default network alone.

    Raises
    ------
    NotChecked
        If `py_ecc` is not installed.

    Notes
    -----
    BLS over BLS12-381: `e(signature, g2) = e(H(message), key)` on G1 for quicknet, the groups swapped for the default
    network; message `SHA-256(u64(round))`, or `SHA-256(previous ‖ u64(round))`. Points outside the subgroup are
    refused.
    """
    found = NETWORKS[network]
    if not signature_spelling(network, signature):
        return False
    if not (signature_spelling(network, previous) if found.chained else previous is None):
        return False
    before = bytes.fromhex(previous) if found.chained and previous else b""
    message = hashlib.sha256(before + number.to_bytes(8, "big")).digest()
    return _signed(network, message, signature)


@cache
def _signed(network: str, message: bytes, signature: str) -> bool:
    """Check one pairing equation; a pure function, and half a second of work."""
    limit = sys.getrecursionlimit()
    try:
        from py_ecc.bls import g2_primitives as points  # noqa: PLC0415  # optional, and slow to load
    except ImportError as error:
        raise NotChecked from error
    finally:
        # The package lifts Python's limit for recursion, without which a deeply nested file could crash a reader.
        sys.setrecursionlimit(limit)
    sign, key = bytes.fromhex(signature), bytes.fromhex(NETWORKS[network].key)
    try:
        if NETWORKS[network].chained:
            point, public = points.signature_to_G2(sign), points.pubkey_to_G1(key)
        else:
            point, public = points.pubkey_to_G1(sign), points.signature_to_G2(key)
    except ValueError:  # not a point of the curve
        return False
    if points.is_inf(point) or not points.subgroup_check(point):
        return False
    return _pairs(message, point, public, on_g1=not NETWORKS[network].chained)


def _pairs(message: bytes, point: Any, public: Any, *, on_g1: bool) -> bool:
    """Tell whether `e(point, generator) = e(H(message), public)`."""
    from py_ecc import optimized_bls12_381 as curve  # noqa: PLC0415
    from py_ecc.bls.hash_to_curve import hash_to_G1, hash_to_G2  # noqa: PLC0415

    if on_g1:
        hashed = curve.neg(hash_to_G1(message, G1_TAG, hashlib.sha256))
        both = (curve.G2, point), (public, hashed)
    else:
        hashed = hash_to_G2(message, G2_TAG, hashlib.sha256)
        both = (point, curve.G1), (hashed, curve.neg(public))
    product = curve.FQ12.one()
    for left, right in both:
        product *= curve.pairing(left, right, final_exponentiate=False)
    return bool(curve.final_exponentiate(product) == curve.FQ12.one())
