from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isegoria.errors import BadInput
from isegoria.proof import merkle


def refused(code):
    return pytest.raises(BadInput, check=lambda error: error.code == code)


LEAVES = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40, unique=True)

# The published test vectors of Certificate Transparency (RFC 6962): inputs and the roots of the first 1…8.
CT_INPUTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def slow_root(leaves):
    """RFC 6962 section 2.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = slow_root(leaves[:split]), slow_root(leaves[split:])
    return hashlib.sha256(b"\1" + left + right).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_tree_has_the_shape_of_rfc_6962(size):
    leaves = [hashlib.sha256(b"\0" + bytes.fromhex(text)).digest() for text in CT_INPUTS[:size]]
    assert slow_root(leaves).hex() == CT_ROOTS[size - 1]
    assert merkle._levels(leaves)[-1][0].hex() == CT_ROOTS[size - 1]


@given(LEAVES)
def test_the_root_agrees_with_the_definition(leaves):
    assert merkle.root(leaves) == slow_root(sorted(leaves))


@given(LEAVES)
def test_the_order_of_the_entries_does_not_matter(leaves):
    assert merkle.root(leaves) == merkle.root(reversed(leaves))


@given(LEAVES, st.data())
def test_every_leaf_has_a_path_to_the_root_and_no_other_leaf_has_it(leaves, data):
    wanted = data.draw(st.sampled_from(leaves))
    steps = merkle.path(leaves, wanted)
    root = merkle.root(leaves)
    assert merkle.verify_path(wanted, steps, root)
    stranger = bytes([wanted[0] ^ 1]) + wanted[1:]
    assert not merkle.verify_path(stranger, steps, root)
    if steps:
        assert not merkle.verify_path(wanted, steps[1:], root)


@given(LEAVES)
def test_leaving_one_entry_out_changes_the_root(leaves):
    if len(leaves) > 1:
        assert merkle.root(leaves[1:]) != merkle.root(leaves)


def test_an_entry_cannot_be_counted_twice():
    with refused("leaf_repeated"):
        merkle.root([bytes(32), bytes(32)])


def test_a_leaf_needs_its_whole_salt():
    one = merkle.leaf(bytes(16), {"code": "A"})
    assert one != merkle.leaf(b"\1" + bytes(15), {"code": "A"})
    with refused("salt_length_wrong"):
        merkle.leaf(bytes(15), {"code": "A"})


def test_there_is_no_path_from_a_stranger():
    with refused("leaf_unknown"):
        merkle.path([bytes(32)], b"\1" * 32)
