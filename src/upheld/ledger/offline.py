"""Proof files (C2SP tlog-proof): that an entry is in the log, checked without asking anyone."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from upheld.ledger.checkpoint import Checkpoint, read_checkpoint
from upheld.ledger.note import NoteUnreadable, strict_base64
from upheld.ledger.tiles import root_of_path
from upheld.ledger.tree import leaf_hash

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)
_PATH_LENGTH_MAX = 63


@dataclass(frozen=True, slots=True)
class OfflineProof:
    """A proof file's contents; `leaf` is the entry itself, which the file carries as its extra
    data."""

    leaf: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    def holds(self, public: bytes, origin: str | None = None) -> bool:
        """Whether this entry is in the log that `public` signs; with `origin`, in that one."""
        point = self.checkpoint
        root = root_of_path(self.index, point.size, leaf_hash(self.leaf), list(self.path))
        return root == point.root and point.is_signed_by(public) and origin in {None, point.origin}

    def write(self) -> bytes:
        """The file."""
        lines = [
            _FIRST_LINE,
            f"extra {base64.b64encode(self.leaf).decode()}",
            f"index {self.index}",
            *(base64.b64encode(node).decode() for node in self.path),
        ]
        return "\n".join([*lines, "", ""]).encode() + self.checkpoint.note


def read_proof(data: bytes) -> OfflineProof:
    """Raises `NoteUnreadable`."""
    head, _, note = data.partition(b"\n\n")
    try:
        first, extra, index, *path = head.decode().split("\n")
    except ValueError:
        raise NoteUnreadable("This is no proof file.") from None
    leaf = strict_base64(extra.removeprefix("extra "))
    nodes = tuple(strict_base64(line) for line in path)
    number = _INDEX.fullmatch(index)
    if first != _FIRST_LINE or number is None or len(nodes) > _PATH_LENGTH_MAX:
        raise NoteUnreadable("This is no proof file with its entry in it.")
    return OfflineProof(leaf, int(number[1]), nodes, read_checkpoint(note))
