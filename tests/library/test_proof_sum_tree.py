from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isegoria.errors import BadInput
from isegoria.proof import sum_tree
from isegoria.proof.canonical import canonical
from isegoria.proof.derivation import owner

COMPOSITIONS = st.lists(
    st.tuples(st.integers(1, 2**40), st.lists(st.integers(0, 9), min_size=1, max_size=3)),
    min_size=1,
    max_size=20,
)


def slow_root(compositions):
    """Return the tree of RFC 6962, split at the largest power of two, with sums; by recursion over the definition."""
    if len(compositions) == 1:
        tickets, counts = compositions[0]
        return tickets, hashlib.sha256(
            b"\2" + tickets.to_bytes(8, "big") + canonical(list(counts))
        ).digest()
    split = 1
    while split * 2 < len(compositions):
        split *= 2
    (one, left), (other, right) = slow_root(compositions[:split]), slow_root(compositions[split:])
    content = one.to_bytes(8, "big") + left + other.to_bytes(8, "big") + right
    return one + other, hashlib.sha256(b"\3" + content).digest()


@given(COMPOSITIONS)
def test_the_root_agrees_with_the_definition(compositions):
    assert sum_tree.root(compositions) == slow_root(compositions)[1]


@given(COMPOSITIONS, st.data())
def test_a_path_proves_the_interval_of_its_composition_and_no_other(compositions, data):
    total = sum(tickets for tickets, _ in compositions)
    ticket = data.draw(st.integers(0, total - 1))
    index = owner(ticket, [tickets for tickets, _ in compositions])
    tickets, counts = compositions[index]
    found = sum_tree.interval(tickets, counts, sum_tree.path(compositions, index))
    assert (found.total, found.root) == (total, sum_tree.root(compositions))
    assert found.first <= ticket < found.first + tickets
    other = sum_tree.interval(tickets + 1, counts, sum_tree.path(compositions, index))
    assert other.root != found.root


def test_a_neighbour_with_other_tickets_leads_to_another_root():
    compositions = [(3, [1]), (4, [2]), (5, [3])]
    one, *rest = sum_tree.path(compositions, 1)
    bent = sum_tree.Neighbour(one.side, one.tickets + 1, one.hash)
    assert sum_tree.interval(4, [2], [bent, *rest]).root != sum_tree.root(compositions)


def test_no_composition_has_no_tree():
    with pytest.raises(BadInput):
        sum_tree.root([])
    with pytest.raises(IndexError):
        sum_tree.path([(1, [1])], 1)


def test_golden_root():
    assert sum_tree.root([(400, [3, 2]), (600, [2, 3])]).hex() == (
        "996556c86ee1b385bccd6ee216afba602d095bdb9dd38866cedcac168cd1b6a9"
    )
