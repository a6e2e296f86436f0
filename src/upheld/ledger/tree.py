"""The Merkle tree of RFC 6962, grown a leaf at a time from its right edge alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

EMPTY_ROOT = hashlib.sha256().digest()


def leaf_hash(data: bytes) -> bytes:
    """The 0 keeps a leaf from passing for a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 1 keeps a node from passing for a leaf."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the full subtrees on the tree's right edge, largest first: one for each bit
    that is set in `size`, which is all that a further leaf needs."""

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if len(self.nodes) != self.size.bit_count() or any(len(n) != 32 for n in self.nodes):
            raise ValueError("The frontier does not fit the size of its tree.")

    def append(self, leaf: bytes) -> Frontier:
        """The tree with one more leaf."""
        return self.grow(leaf)[0]

    def grow(self, leaf: bytes) -> tuple[Frontier, list[bytes]]:
        """The tree with one more leaf, and the full subtrees which that leaf completes: the one
        of height h stands at place h, the leaf itself at 0."""
        nodes, size, completed = list(self.nodes), self.size, [leaf]
        while size & 1:
            completed.append(node_hash(nodes.pop(), completed[-1]))
            size >>= 1
        return Frontier(self.size + 1, (*nodes, completed[-1])), completed

    def root(self) -> bytes:
        """The hash that stands for the whole tree."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root

    def to_hex(self) -> str:
        """As the head row keeps it."""
        return " ".join(node.hex() for node in self.nodes)

    @classmethod
    def from_hex(cls, size: int, text: str) -> Frontier:
        """Raises `ValueError` on a frontier that does not fit `size`."""
        return cls(size, tuple(bytes.fromhex(word) for word in text.split()))


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes as RFC 6962 defines it, for checks of the incremental one."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY_ROOT
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(tree_root(leaves[:split]), tree_root(leaves[split:]))
