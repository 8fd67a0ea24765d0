"""OpenTimestamps receipts read from their bytes: from a hash, step by step, to the Merkle root of a Bitcoin block.

No library and no network: an `.ots` file lists operations (append, prepend, SHA-256 …) that lead from the stamped hash
to attestations. One of Bitcoin says that what was reached is the Merkle root of a block; the header of that block, 80
bytes from any node or explorer, proves itself by the work in it, so that nobody who handed it over has to be trusted.

References
----------
P. Todd, *OpenTimestamps: Scalable, Trust-Minimized, Distributed Timestamping with Bitcoin*, 2016; the format as the
project's own implementations write it. S. Nakamoto, *Bitcoin*, 2008, sections 3, 4 and 7.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

HEADER = bytes.fromhex("004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294") + b"\x01\x08"
"""Magic number and version of an OpenTimestamps file, then the code of SHA-256; the stamped hash follows."""
LEAST_DIFFICULTY = 10**13
"""A block with less work in it is not one of these years: Bitcoin's has been above this since 2019. To forge one of
this difficulty takes some 4 · 10²² hashes."""
BLOCK_HEADER_BYTES = 80

_BITCOIN = bytes.fromhex("0588960d73d71901")
_PENDING = bytes.fromhex("83dfe30d2ef90c8e")
_HARDEST = 0xFFFF * 2 ** (8 * (0x1D - 3))
_LONGEST, _DEEPEST = 4096, 256
_ATTESTATION, _FORK, _APPEND, _PREPEND, _REVERSE, _HEXLIFY = 0x00, 0xFF, 0xF0, 0xF1, 0xF2, 0xF3
_HASHES = {0x02: "sha1", 0x03: "ripemd160", 0x08: "sha256"}


class NotReadableError(ValueError):
    """The bytes are no OpenTimestamps file over SHA-256, or one with an operation that this room does not know."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """Where a receipt leads: to a block of Bitcoin, or to a calendar that has promised one.

    Attributes
    ----------
    block
        The height of the block; None for a promise.
    reached
        What the operations lead to: the block's Merkle root, 32 bytes in the order in which Bitcoin hashes them.
    calendar
        The address of the calendar that promised; empty for a block.
    """

    block: int | None
    reached: bytes
    calendar: str = ""

    @property
    def merkle_root(self) -> str:
        """The root as block explorers show it: hexadecimal, the bytes backwards."""
        return self.reached[::-1].hex()


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """The header of a Bitcoin block: its Merkle root, its time, and the work that went into it."""

    merkle_root: bytes
    time: datetime
    difficulty: int
    """How much harder than the easiest block, rounded down; 0 if its own hash does not meet its target."""


def read_receipt(content: bytes) -> tuple[bytes, list[Attestation]]:
    """Return the hash that a receipt stamps, and where it leads.

    Parameters
    ----------
    content
        The bytes of an `.ots` file.

    Raises
    ------
    NotReadableError
        If it is none, ends too early, goes on too long, or uses an operation that is not known here.
    """
    if not content.startswith(HEADER):
        raise NotReadableError("is not an OpenTimestamps file over SHA-256")
    stream = _Stream(content, len(HEADER))
    stamped = stream.take(32)
    found = list(_attestations(stream, stamped, 0))
    if stream.place != len(content):
        raise NotReadableError("goes on after its end")
    return stamped, found


def read_block_header(header: bytes) -> BlockHeader:
    """Return what the header of a Bitcoin block says, and how much work is in it.

    Raises
    ------
    NotReadableError
        If it has not 80 bytes.
    """
    if len(header) != BLOCK_HEADER_BYTES:
        raise NotReadableError("is not a block header of 80 bytes")
    bits = int.from_bytes(header[72:76], "little")
    target = (bits & 0x7FFFFF) << 8 * ((bits >> 24) - 3) if 3 <= bits >> 24 <= 0x1D else 0  # noqa: PLR2004
    worked = int.from_bytes(hashlib.sha256(hashlib.sha256(header).digest()).digest(), "little")
    return BlockHeader(
        header[36:68],
        datetime.fromtimestamp(int.from_bytes(header[68:72], "little"), UTC),
        _HARDEST // target if target and worked <= target else 0,
    )


class _Stream:
    def __init__(self, content: bytes, place: int) -> None:
        self._content, self.place = content, place

    def take(self, count: int) -> bytes:
        taken = self._content[self.place : self.place + count]
        if len(taken) != count:
            raise NotReadableError("ends too early")
        self.place += count
        return taken

    def number(self) -> int:
        """Read a number: seven bits a byte, the smallest first."""
        value = 0
        for shift in range(0, 64, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004
                return value
        raise NotReadableError("holds a number that is too large")

    def text(self) -> bytes:
        count = self.number()
        if count > _LONGEST:
            raise NotReadableError("holds a part that is too long")
        return self.take(count)


def _attestations(stream: _Stream, message: bytes, depth: int) -> Iterator[Attestation]:
    """Yield where the operations lead that follow in the stream; each fork is one way of several."""
    if depth > _DEEPEST:
        raise NotReadableError("has more steps than any receipt needs")
    tag = stream.take(1)[0]
    while tag == _FORK:
        yield from _one_way(stream, stream.take(1)[0], message, depth)
        tag = stream.take(1)[0]
    yield from _one_way(stream, tag, message, depth)


def _one_way(stream: _Stream, tag: int, message: bytes, depth: int) -> Iterator[Attestation]:
    if tag == _ATTESTATION:
        kind, payload = stream.take(8), stream.text()
        if kind == _BITCOIN:
            yield Attestation(_Stream(payload, 0).number(), message)
        elif kind == _PENDING:
            told = _Stream(payload, 0).text().decode("utf-8", "replace")
            # whoever made the file wrote this: nothing of it may steer the terminal that shows it
            yield Attestation(None, message, "".join(sign if sign.isprintable() else "�" for sign in told))
        return  # others may be there, and are no proof here
    changed = _operation(stream, tag)(message)
    if len(changed) > _LONGEST:
        raise NotReadableError("holds a part that is too long")
    yield from _attestations(stream, changed, depth + 1)


def _operation(stream: _Stream, tag: int) -> Callable[[bytes], bytes]:
    if tag in {_APPEND, _PREPEND}:
        other = stream.text()
        return (lambda message: message + other) if tag == _APPEND else (lambda message: other + message)
    if tag == _REVERSE:
        return lambda message: message[::-1]
    if tag == _HEXLIFY:
        return lambda message: message.hex().encode()
    name = _HASHES.get(tag, "")
    if name not in hashlib.algorithms_available:
        raise NotReadableError(f"uses the operation {tag:#04x}, which is not known here")
    return lambda message: hashlib.new(name, message).digest()
