"""The tree is RFC 6962's: against the RFC's test vectors, its definition and another library."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from upheld.ledger.tree import EMPTY_ROOT, Frontier, leaf_hash, node_hash, tree_root

# The vectors of certificate transparency's reference implementation.
LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def grown(leaves: list[bytes]) -> Frontier:
    tree = Frontier()
    for leaf in leaves:
        tree = tree.append(leaf_hash(leaf))
    return tree


def test_the_published_vectors() -> None:
    assert Frontier().root() == EMPTY_ROOT == hashlib.sha256().digest() == tree_root([])
    leaves = [bytes.fromhex(leaf) for leaf in LEAVES]
    for size, root in enumerate(ROOTS, 1):
        assert grown(leaves[:size]).root().hex() == root


@given(st.lists(st.binary(max_size=40), max_size=130))
def test_grown_a_leaf_at_a_time_or_computed_at_once(leaves: list[bytes]) -> None:
    assert grown(leaves).root() == tree_root([leaf_hash(leaf) for leaf in leaves])


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=70))
def test_another_library_agrees(leaves: list[bytes]) -> None:
    other = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        other.append_entry(leaf)
    assert grown(leaves).root() == other.get_root()


@given(st.integers(0, 300))
def test_the_edge_survives_being_stored(size: int) -> None:
    tree = grown([bytes([n % 256]) for n in range(size)])
    assert Frontier.from_hex(size, tree.to_hex()) == tree
    assert len(tree.nodes) == size.bit_count()


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (1, ""),
        (0, "00" * 32),
        (3, "00" * 32),
        (1, "00" * 31),
        (1, "zz"),
    ],
)
def test_an_edge_that_does_not_fit_is_refused(size: int, text: str) -> None:
    with pytest.raises(ValueError):
        Frontier.from_hex(size, text)


def test_a_leaf_never_passes_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
    assert tree_root([left, right]) != leaf_hash(left + right)
