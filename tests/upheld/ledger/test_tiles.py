"""Paths out of tiles: against the RFC's own proofs, another library, and every size by force."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from tests.upheld.ledger.test_tree import LEAVES
from upheld.ledger.tiles import TILE_WIDTH, Tiles, completed_nodes, root_of_path
from upheld.ledger.tree import Frontier, leaf_hash, tree_root

# RFC 6962's reference implementation: entry, size of the tree, siblings.
PATHS = (
    (0, 1, ()),
    (
        0,
        8,
        (
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ),
    ),
    (
        5,
        8,
        (
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
    (2, 3, ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",)),
    (
        1,
        5,
        (
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ),
    ),
)


def reader_of(leaves: list[bytes]):
    """Tiles as `append` would have left them: level 0 from the leaves, above from its rows."""
    tree, nodes = Frontier(), {}
    for leaf in leaves:
        tree, completed = tree.grow(leaf)
        for row in completed_nodes(tree.size, completed):
            nodes[(row.level, row.index)] = bytes.fromhex(row.node)

    def read(level: int, index: int) -> list[bytes]:
        places = range(index * TILE_WIDTH, (index + 1) * TILE_WIDTH)
        if level == 0:
            return leaves[places.start : places.stop]
        return [nodes[(level, place)] for place in places if (level, place) in nodes]

    return read


@pytest.mark.parametrize(("index", "size", "path"), PATHS)
def test_the_published_paths(index: int, size: int, path: tuple[str, ...]) -> None:
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES[:size]]
    tiles = Tiles(size, reader_of(leaves))
    assert tuple(node.hex() for node in tiles.inclusion_path(index)) == path
    assert tiles.root() == tree_root(leaves)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 600, 70_000])
def test_every_size_leads_to_its_root(size: int) -> None:
    leaves = [leaf_hash(number.to_bytes(4)) for number in range(size)]
    read = reader_of(leaves)
    root = tree_root(leaves)
    assert Tiles(size, read).root() == root
    for index in {0, size // 3, size // 2, max(0, size - 2), size - 1, min(256, size - 1)}:
        path = Tiles(size, read).inclusion_path(index)
        assert root_of_path(index, size, leaves[index], path) == root
        assert root_of_path(index, size, leaf_hash(b"other"), path) != root


@settings(max_examples=40)
@given(st.integers(1, 300), st.data())
def test_another_library_takes_the_same_path(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    entries = [number.to_bytes(4) for number in range(size)]
    leaves = [leaf_hash(entry) for entry in entries]
    other = InmemoryTree(algorithm="sha256")
    for entry in entries:
        other.append_entry(entry)
    theirs = other.prove_inclusion(index + 1, size)
    assert other.get_leaf(index + 1) == leaves[index]
    path = Tiles(size, reader_of(leaves)).inclusion_path(index)
    # Theirs begins with the leaf itself.
    assert [leaves[index], *path] == [bytes.fromhex(node) for node in theirs.serialize()["path"]]


@given(st.integers(1, 70), st.data())
def test_a_path_fits_one_place_alone(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = [leaf_hash(number.to_bytes(4)) for number in range(size)]
    root, path = tree_root(leaves), Tiles(size, reader_of(leaves)).inclusion_path(index)
    for wrong in range(size):
        assert (root_of_path(wrong, size, leaves[index], path) == root) == (wrong == index)
    assert root_of_path(index, size, leaves[index], [*path, bytes(32)]) is None
    assert root_of_path(size, size, leaves[index], path) is None
    if path:
        assert root_of_path(index, size, leaves[index], path[:-1]) != root


def test_no_path_to_an_entry_that_is_not_there() -> None:
    with pytest.raises(IndexError):
        Tiles(3, reader_of([b"x" * 32] * 3)).inclusion_path(3)
