"""Verifying: the whole tree computed anew from what the rows say, and the first lie located."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from upheld.ledger.checkpoint import Signer
from upheld.ledger.models import LedgerEntry, LedgerHead
from upheld.ledger.tree import EMPTY_ROOT, Frontier, leaf_hash

_CHUNK_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the log is what was once signed; if not, `problem` names the first entry that
    is not, and `index` its number."""

    ok: bool
    size: int
    root: str
    problem: str | None = None
    index: int | None = None


def verify() -> Verification:
    """Recompute every leaf and root in order. The head's signature covers them all, so the
    signatures of single entries are asked only where something does not fit."""
    head = LedgerHead.objects.first()
    if head is None:
        lost = LedgerEntry.objects.exists()
        problem = "The head row is missing." if lost else None
        return Verification(not lost, 0, EMPTY_ROOT.hex(), problem)
    tree = Frontier()
    fits = True
    for entry in _entries():
        if entry.index != tree.size:
            return _located(tree, f"Entry {tree.size} is missing.")
        tree = tree.append(leaf_hash(entry.leaf_data()))
        fits = fits and entry.root == tree.root().hex()
    if tree.size < head.size:
        return _located(tree, f"Entry {tree.size} is missing.")
    root, signer = tree.root(), Signer()
    if fits and (head.size, head.root) == (tree.size, root.hex()):
        if head.size == 0 or signer.is_ours(head.size, root, bytes(head.signature)):
            return Verification(True, tree.size, root.hex())
        if head.signer != signer.fingerprint:
            return Verification(False, tree.size, root.hex(), "Another key signed the head.")
    return _locate(signer)


def _entries() -> Iterator[LedgerEntry]:
    yield from LedgerEntry.objects.order_by("index").iterator(chunk_size=_CHUNK_ROWS)


def _locate(signer: Signer) -> Verification:
    """The first entry whose tree was never signed: roots can be rewritten, signatures not."""
    tree = Frontier()
    for entry in _entries():
        if entry.index != tree.size:
            return _located(tree, f"Entry {tree.size} is missing.")
        after = tree.append(leaf_hash(entry.leaf_data()))
        if not signer.is_ours(after.size, after.root(), bytes(entry.signature)):
            return _located(tree, f"Entry {tree.size} is not the one that was signed.")
        if entry.root != after.root().hex():
            return _located(tree, f"Entry {tree.size} carries another root.")
        tree = after
    return Verification(False, tree.size, tree.root().hex(), "The head row was changed.")


def _located(tree: Frontier, problem: str) -> Verification:
    return Verification(False, tree.size, tree.root().hex(), problem, tree.size)
