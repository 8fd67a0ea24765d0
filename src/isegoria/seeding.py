"""From a public seed to numbers: the only place where randomness is made.

Everything that decides something in public uses `Stream` and `keyed_order`: SHA-256 in counter mode with
rejection, integers only, specified so that anyone can re-implement it in thirty lines of any language.
Every purpose has a label of its own, so that no draw can shift another.
`generator` is for simulations and searches, whose result is checked by other means.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import TYPE_CHECKING

from isegoria.errors import BadInput

if TYPE_CHECKING:
    import numpy as np

_LENGTH_BYTES = 8


def length_prefixed(value: bytes) -> bytes:
    """Return the value after its length as eight big-endian bytes, so that no two lists read alike."""
    return len(value).to_bytes(_LENGTH_BYTES, "big") + value


def seed_from_text(text: str, *, tag: str = "isegoria-seed-v1") -> bytes:
    """Return the 32-byte seed of a public text.

    Parameters
    ----------
    text
        What was announced, in UTF-8; surrounding white space does not count.
    tag
        Keeps seeds of different protocols apart.

    Raises
    ------
    BadInput
        `seed_empty`, if nothing but white space is given.
    """
    stripped = text.strip()
    if not stripped:
        raise BadInput("seed_empty")
    return hashlib.sha256(tag.encode() + b"\0" + stripped.encode()).digest()


class Stream:
    """An endless sequence of bytes fixed by a seed and a label.

    Block j is `SHA-256(seed ‖ lp(label) ‖ u64be(j))`, where `lp` puts the length in front; the bytes are
    consumed in order.

    Parameters
    ----------
    seed
        32 bytes, public.
    label
        What the numbers are for, e.g. ``"panel"``.
    """

    def __init__(self, seed: bytes, label: str) -> None:
        self._prefix = seed + length_prefixed(label.encode())
        self._counter = 0
        self._buffer = b""

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes."""
        while len(self._buffer) < count:
            block = hashlib.sha256(self._prefix + self._counter.to_bytes(_LENGTH_BYTES, "big"))
            self._buffer += block.digest()
            self._counter += 1
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def below(self, bound: int) -> int:
        """Return an integer in [0, bound), every one equally likely.

        Takes the bytes that `bound - 1` needs, masks the spare bits and rejects what is too large, so
        that there is no modulo bias.

        Raises
        ------
        ValueError
            If the bound is not positive.
        """
        if bound < 1:
            raise ValueError(f"bound must be positive, not {bound}")
        bits = (bound - 1).bit_length()
        size = max(1, -(-bits // 8))
        mask = (1 << bits) - 1
        while True:
            value = int.from_bytes(self.take(size), "big") & mask
            if value < bound:
                return value


def keyed_order(seed: bytes, label: str, ids: Iterable[str]) -> list[str]:
    """Return the ids in the order of `HMAC-SHA-256(seed, lp(label) ‖ id)`, ties by id.

    The order of the argument does not matter, and leaving one id out does not move the others.
    """
    prefix = length_prefixed(label.encode())

    def key(identifier: str) -> tuple[bytes, str]:
        return hmac.digest(seed, prefix + identifier.encode(), "sha256"), identifier

    return sorted(ids, key=key)


def generator(seed: bytes, label: str) -> np.random.Generator:
    """Return a numpy generator for simulations, fixed by seed and label.

    Not for decisions: its algorithm belongs to numpy and may change with it.
    """
    import numpy as np  # noqa: PLC0415  # so that a verifier without numpy can use this module

    entropy = int.from_bytes(Stream(seed, label).take(32), "big")
    return np.random.Generator(np.random.PCG64(entropy))
