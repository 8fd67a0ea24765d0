"""A hash tree over the pool: one short value that fixes every entry, and a short path for each person.

Leaf `SHA-256(0x00 ‖ salt ‖ canonical(record))`, inner node `SHA-256(0x01 ‖ left ‖ right)`, the shape of
RFC 6962 section 2.1 (split at the largest power of two below the number of leaves). The leaves are sorted
by their hash first, so the order is nobody's choice. The salt stays with the person: without it nobody can
guess the record behind a leaf, and once it is destroyed the leaf says nothing while the root still stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

from isegoria.errors import BadInput
from isegoria.proof.canonical import canonical

SALT_BYTES = 16

PathStep = tuple[Literal["left", "right"], bytes]
"""On which side the neighbour stands, and its hash."""


def leaf(salt: bytes, record: object) -> bytes:
    """Return the 32-byte leaf of a record.

    Parameters
    ----------
    salt
        16 random bytes, known only to the person and, until its erasure date, to the organiser.
    record
        A JSON value that `canonical` can write.

    Raises
    ------
    BadInput
        `salt_length_wrong`; `not_canonical`.
    """
    return leaf_of(salt, canonical(record))


def leaf_of(salt: bytes, written: bytes) -> bytes:
    """Return the 32-byte leaf of a record that is written canonically already; as `leaf`.

    Raises
    ------
    BadInput
        `salt_length_wrong`.
    """
    if len(salt) != SALT_BYTES:
        raise BadInput("salt_length_wrong", length=len(salt))
    return hashlib.sha256(b"\0" + salt + written).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the 32-byte root of the leaves, in whatever order they come.

    No leaf at all gives `SHA-256("")`, as in RFC 6962.

    Raises
    ------
    BadInput
        `leaf_repeated`; with salts two equal leaves are one entry entered twice.
    """
    return _levels(_sorted(leaves))[-1][0]


def path(leaves: Iterable[bytes], wanted: bytes) -> tuple[PathStep, ...]:
    """Return the neighbours from a leaf up to the root.

    Raises
    ------
    BadInput
        `leaf_unknown`, if it is not among the leaves; `leaf_repeated`.
    """
    (steps,) = paths(leaves, [wanted])
    return steps


def paths(leaves: Iterable[bytes], wanted: Iterable[bytes]) -> list[tuple[PathStep, ...]]:
    """Return the path of each of some leaves, in their order; the tree is built once.

    Raises
    ------
    BadInput
        `leaf_unknown`, if one is not among the leaves; `leaf_repeated`.
    """
    ordered = _sorted(leaves)
    levels = _levels(ordered)
    places = {leaf: index for index, leaf in enumerate(ordered)}
    return [_path(levels, places.get(leaf)) for leaf in wanted]


def _path(levels: Sequence[Sequence[bytes]], index: int | None) -> tuple[PathStep, ...]:
    if index is None:
        raise BadInput("leaf_unknown")
    steps = list[PathStep]()
    for level in levels[:-1]:
        neighbour = index ^ 1
        if neighbour < len(level):
            steps.append(("left" if neighbour < index else "right", level[neighbour]))
        index //= 2
    return tuple(steps)


def root_in_order(leaves: Sequence[bytes]) -> bytes:
    """Return the 32-byte root of the leaves as they stand: for a tree in which the place of a leaf means something."""
    return _levels(list(leaves))[-1][0]


def path_in_order(leaves: Sequence[bytes], index: int) -> tuple[PathStep, ...]:
    """Return the neighbours from a leaf up to the root of the leaves as they stand."""
    return _path(_levels(list(leaves)), index)


def verify_path(wanted: bytes, steps: Sequence[PathStep], expected_root: bytes) -> bool:
    """Tell whether the path leads from the leaf to the root."""
    node = wanted
    for side, neighbour in steps:
        node = _node(neighbour, node) if side == "left" else _node(node, neighbour)
    return node == expected_root


def _sorted(leaves: Iterable[bytes]) -> list[bytes]:
    ordered = sorted(leaves)
    if any(first == second for first, second in pairwise(ordered)):
        raise BadInput("leaf_repeated")
    return ordered


def _levels(ordered: list[bytes]) -> list[list[bytes]]:
    """Return the tree from the leaves to the root.

    Pairing neighbours and carrying a lone last node up unchanged is the shape of RFC 6962: its split at
    the largest power of two leaves only the right edge incomplete.
    """
    levels = [ordered or [hashlib.sha256(b"").digest()]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [_node(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        levels.append(above + below[len(above) * 2 :])
    return levels


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
