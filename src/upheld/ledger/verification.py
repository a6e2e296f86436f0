"""Verifying: the whole tree computed anew from what the rows say, and the first lie located."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from upheld.ledger.checkpoint import Checkpoint, Signer
from upheld.ledger.events import LogContinued
from upheld.ledger.held_against import hold_against
from upheld.ledger.models import LedgerEntry, LedgerHead, LedgerNode, LedgerOrigin
from upheld.ledger.tiles import TILE_WIDTH, completed_nodes
from upheld.ledger.tree import EMPTY_ROOT, Frontier, leaf_hash

_CHUNK_ROWS = 1000
# Nobody appends so often that each of these meets an append.
_TRIES_MAX = 8


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the log is what was once signed; if not, `problem` names the first entry that
    is not, and `index` its number."""

    ok: bool
    size: int
    root: str
    problem: str | None = None
    index: int | None = None


def _entries() -> Iterator[LedgerEntry]:
    yield from LedgerEntry.objects.order_by("index").iterator(chunk_size=_CHUNK_ROWS)


@dataclass(frozen=True, slots=True)
class StoredLog:
    """What the store holds of the log. The defaults read the database; a proof passes altered
    ones, to see them refused."""

    head: LedgerHead | None = field(default_factory=LedgerHead.objects.first)
    origins: dict[int, str] = field(
        default_factory=lambda: dict(LedgerOrigin.objects.values_list("first_index", "name"))
    )
    nodes: dict[tuple[int, int], str] = field(
        default_factory=lambda: {
            (level, index): node
            for level, index, node in LedgerNode.objects.values_list("level", "index", "node")
        }
    )
    entries: Callable[[], Iterable[LedgerEntry]] = _entries


def verify(against: Sequence[Checkpoint] = (), log: StoredLog | None = None) -> Verification:
    """Recompute every leaf, root and signature in order, then hold the log against checkpoints
    that were kept outside the store: alone they show a cut-off end, a rollback, or a history
    that the holder of the key signed anew."""
    if log is not None:
        return _verify(against, log)
    for _ in range(_TRIES_MAX):
        log = StoredLog()
        found = _verify(against, log)
        # Another process may have appended between the look at the head and the look at the rows.
        if found.ok or LedgerHead.objects.filter(size=log.head.size if log.head else 0).exists():
            break
    return found


def _verify(against: Sequence[Checkpoint], log: StoredLog) -> Verification:
    head = log.head
    if head is None:
        lost = any(True for _ in log.entries())
        if not lost and not against:
            return Verification(True, 0, EMPTY_ROOT.hex())
        return Verification(False, 0, EMPTY_ROOT.hex(), "The head row is missing.")
    signer = Signer()
    if head.size and head.signer != signer.fingerprint:
        return Verification(False, head.size, head.root, "Another key signed the head.")
    walk = _Walk(log, signer, {point.size for point in against})
    for entry in log.entries():
        problem = walk.step(entry)
        if problem:
            return walk.located(problem)
    problem, index = walk.judge_head(head)
    if not problem:
        problem, index = hold_against(against, walk.roots, log.origins, walk.tree.size, signer)
    if problem:
        return Verification(False, walk.tree.size, walk.tree.root().hex(), problem, index)
    return Verification(True, walk.tree.size, walk.tree.root().hex())


class _Walk:
    """The tree as it grows, against what each row says of it."""

    def __init__(self, log: StoredLog, signer: Signer, sizes: set[int]) -> None:
        self.tree = Frontier()
        self.roots = {0: EMPTY_ROOT}  # of the sizes that were asked for
        self._log, self._signer, self._sizes = log, signer, sizes
        self._origin = ""
        self._nodes = 0

    def step(self, entry: LedgerEntry) -> str | None:
        """Take one entry in, or say what is wrong with it."""
        number = self.tree.size
        if entry.index != number:
            return f"Entry {number} is missing."
        after, completed = self.tree.grow(leaf_hash(entry.leaf_data()))
        self._origin = self._log.origins.get(number, self._origin)
        root, signature = after.root(), bytes(entry.signature)
        if not self._signer.is_ours(self._origin, after.size, root, signature):
            return f"Entry {number} is not the one that was signed."
        if entry.root != root.hex():
            return f"Entry {number} carries another root."
        if not self._begins_rightly(entry):
            return f"The name of the log from entry {number} on is not the one it was given."
        for row in completed_nodes(after.size, completed):
            if self._log.nodes.get((row.level, row.index)) != row.node:
                first = row.index * TILE_WIDTH**row.level
                return f"The hash over entries {first} to {number} was changed."
            self._nodes += 1
        self.tree = after
        if after.size in self._sizes:
            self.roots[after.size] = root
        return None

    def judge_head(self, head: LedgerHead) -> tuple[str | None, int | None]:
        """What is wrong with the rows that go with the whole log, and at which entry."""
        size, root = self.tree.size, self.tree.root()
        if size < head.size:
            return f"Entry {size} is missing.", size
        fits = (head.size, head.root, head.frontier) == (size, root.hex(), self.tree.to_hex())
        signature = bytes(head.signature)
        signed = size == 0 or self._signer.is_ours(head.origin, size, root, signature)
        if not fits or not signed or head.origin != (self._origin or head.origin):
            return "The head row was changed.", min(head.size, size)
        if len(self._log.nodes) != self._nodes:
            return "There are hashes over entries that do not exist.", size
        if any(index > size for index in self._log.origins):
            return "There is a name of the log for entries that do not exist.", size
        return None, None

    def located(self, problem: str) -> Verification:
        """The verdict at the entry that was not taken in."""
        tree = self.tree
        return Verification(False, tree.size, tree.root().hex(), problem, tree.size)

    def _begins_rightly(self, entry: LedgerEntry) -> bool:
        """A name but the first comes with the entry that says so, and tells what that says."""
        says = entry.event == LogContinued.__name__
        named = entry.index in self._log.origins
        if says and named:
            facts = entry.read_facts()
            told = f"/{entry.at:%Y%m%dT%H%M%SZ}/after/{facts['size']}/{facts['root']}"
            return self._origin.endswith(told)
        return named == says or entry.index == 0
