"""One byte range of a file, as RFC 9110 section 14 has it: enough to resume a download."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z", re.ASCII)
_BLOCK_BYTES = 64 * 1024


class RangeNotSatisfiable(Exception):
    """The range begins beyond the file's end (answer 416)."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """First and last byte, both inclusive, of a file of `size` bytes."""

    first: int
    last: int
    size: int

    @property
    def length(self) -> int:
        """How many bytes this is."""
        return self.last - self.first + 1

    @property
    def content_range(self) -> str:
        """The Content-Range header's value."""
        return f"bytes {self.first}-{self.last}/{self.size}"


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """A Range header → the range, or None where the whole file is meant (no header, several
    ranges, or one we do not understand). Raises `RangeNotSatisfiable`."""
    match = _RANGE.match(header or "")
    if match is None or match.groups() == ("", "") or size == 0:
        return None
    first, last = match.groups()
    if first == "":
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last) if last else size - 1, size - 1)
    if start >= size or (first == "" and int(last) == 0):
        raise RangeNotSatisfiable
    return ByteRange(start, end, size) if start <= end else None


def read_blocks(path: Path, part: ByteRange) -> Iterator[bytes]:
    """The bytes of the range, block by block."""
    left = part.length
    with path.open("rb") as file:
        file.seek(part.first)
        while left > 0 and (block := file.read(min(_BLOCK_BYTES, left))):
            left -= len(block)
            yield block
