"""A hash tree over the compositions that also adds up their tickets, so that one can be opened alone.

Leaf `SHA-256(0x02 ‖ u64(tickets) ‖ canonical(counts))`, inner node
`SHA-256(0x03 ‖ u64(tickets left) ‖ left ‖ u64(tickets right) ‖ right)`, in the order of the compositions, shape of
RFC 6962. The path of one composition proves which interval of tickets is its own and how many there are in all,
without the others: a telephone can check the drawn composition of a lottery that it never downloads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from isegoria.errors import BadInput
from isegoria.proof.canonical import canonical

Node = tuple[int, bytes]
"""Tickets below, and the hash."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A step from a leaf to the root: on which side the neighbour stands, its tickets and its hash."""

    side: Literal["left", "right"]
    tickets: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Interval:
    """What a path proves: the first ticket of the composition, how many there are in all, and the root."""

    first: int
    total: int
    root: bytes


def root(compositions: Sequence[tuple[int, Sequence[int]]]) -> bytes:
    """Return the 32-byte root over pairs of tickets and counts.

    Raises
    ------
    BadInput
        `draw_no_tickets`, if there is no composition.
    """
    return _levels(compositions)[-1][0][1]


def path(compositions: Sequence[tuple[int, Sequence[int]]], index: int) -> tuple[Neighbour, ...]:
    """Return the neighbours from a composition up to the root.

    Raises
    ------
    IndexError
        If there is no such composition.
    """
    levels = _levels(compositions)
    if not 0 <= index < len(levels[0]):
        raise IndexError(index)
    steps: list[Neighbour] = []
    for level in levels[:-1]:
        other = index ^ 1
        if other < len(level):
            steps.append(Neighbour("left" if other < index else "right", *level[other]))
        index //= 2
    return tuple(steps)


def interval(tickets: int, counts: Sequence[int], steps: Sequence[Neighbour]) -> Interval:
    """Return the interval of tickets that the path gives a composition."""
    node, first = _leaf(tickets, counts), 0
    for one in steps:
        neighbour = one.tickets, one.hash
        first += one.tickets if one.side == "left" else 0
        node = _node(neighbour, node) if one.side == "left" else _node(node, neighbour)
    return Interval(first, node[0], node[1])


def _levels(compositions: Sequence[tuple[int, Sequence[int]]]) -> list[list[Node]]:
    if not compositions:
        raise BadInput("draw_no_tickets")
    levels = [[_leaf(tickets, counts) for tickets, counts in compositions]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [_node(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        levels.append(above + below[len(above) * 2 :])
    return levels


def _leaf(tickets: int, counts: Sequence[int]) -> Node:
    return tickets, hashlib.sha256(b"\2" + _u64(tickets) + canonical(list(counts))).digest()


def _node(left: Node, right: Node) -> Node:
    content = _u64(left[0]) + left[1] + _u64(right[0]) + right[1]
    return left[0] + right[0], hashlib.sha256(b"\3" + content).digest()


def _u64(value: int) -> bytes:
    return value.to_bytes(8, "big")
