"""The tree's hashes in tiles of 256, as C2SP's tlog-tiles serves them, and whatever is computed
from a few of them: the root of a range, the path from an entry to the root."""

from __future__ import annotations

from collections.abc import Callable

from upheld.ledger.models import LedgerEntry, LedgerNode
from upheld.ledger.tree import leaf_hash, node_hash

TILE_WIDTH = 256
TILE_HEIGHT = 8
LEVEL_MAX = 63
# Hashes of one tile: (level, index) → all that there are of it, at most TILE_WIDTH.
TileReader = Callable[[int, int], list[bytes]]


def completed_nodes(size: int, completed: list[bytes]) -> list[LedgerNode]:
    """The rows for the full tiles that the leaf at `size` - 1 completed; `completed` is what
    `Frontier.grow` says of it."""
    return [
        LedgerNode(
            level=height // TILE_HEIGHT,
            index=(size >> height) - 1,
            node=completed[height].hex(),
        )
        for height in range(TILE_HEIGHT, len(completed), TILE_HEIGHT)
    ]


def read_tile(level: int, index: int) -> list[bytes]:
    """The hashes of a tile as far as there are any, from the database."""
    first = index * TILE_WIDTH
    if level == 0:
        return [leaf_hash(data) for data in read_bundle(index)]
    rows = LedgerNode.objects.filter(level=level, index__range=(first, first + TILE_WIDTH - 1))
    return [bytes.fromhex(node) for node in rows.order_by("index").values_list("node", flat=True)]


def read_bundle(index: int) -> list[bytes]:
    """The leaves of a tile at level 0."""
    first = index * TILE_WIDTH
    rows = LedgerEntry.objects.filter(index__range=(first, first + TILE_WIDTH - 1))
    return [entry.leaf_data() for entry in rows.order_by("index")]


class Tiles:
    """Tiles read once each, for one computation over a tree of `size` entries."""

    __slots__ = ("_read", "_tiles", "size")

    def __init__(self, size: int, read: TileReader = read_tile) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def root(self) -> bytes:
        """Of a tree with at least one entry."""
        return self._range(0, self.size)

    def inclusion_path(self, index: int) -> list[bytes]:
        """The siblings from the entry's leaf up to below the root (RFC 6962, 2.1.1). Raises
        `IndexError` for an entry that is not in the tree."""
        if not 0 <= index < self.size:
            raise IndexError(index)
        path, begin, end = [], 0, self.size
        while end - begin > 1:
            middle = begin + _split(end - begin)
            if index < middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(begin, middle))
                begin = middle
        return path[::-1]

    def _range(self, begin: int, end: int) -> bytes:
        """The root over the entries from `begin` to before `end`, as the RFC splits them."""
        width = end - begin
        height = width.bit_length() - 1
        if width == 1 << height and height % TILE_HEIGHT == 0:
            return self._hash(height // TILE_HEIGHT, begin >> height)
        middle = begin + _split(width)
        return node_hash(self._range(begin, middle), self._range(middle, end))

    def _hash(self, level: int, index: int) -> bytes:
        place = (level, index // TILE_WIDTH)
        if place not in self._tiles:
            self._tiles[place] = self._read(*place)
        return self._tiles[place][index % TILE_WIDTH]


def _split(width: int) -> int:
    """The largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1


def root_of_path(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes | None:
    """The root that an inclusion path leads to; None where it does not fit index and size
    (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return None
    place, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if place & 1 or place == last:
            root = node_hash(sibling, root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        place, last = place >> 1, last >> 1
    return root if last == 0 else None
