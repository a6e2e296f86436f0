"""An archive opens whole, with the right key, or not at all."""

from __future__ import annotations

import io
import random
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from upheld.vault import archive
from upheld.vault.archive import ArchiveBroken, archives_in, name_of, reading, writing

KEY, NOW = bytes(range(32)), datetime(2026, 11, 25, 12, tzinfo=UTC)
# More than two pieces, and nothing that packing makes small.
CONTENT = random.Random(1).randbytes(700_000)


def write(path: Path, content: bytes = CONTENT) -> Path:
    with writing(path, KEY, NOW) as tar:
        head = tarfile.TarInfo("a")
        head.size = len(content)
        tar.addfile(head, io.BytesIO(content))
    return path


def read(path: Path, key: bytes = KEY) -> dict[str, bytes]:
    found = {}
    with reading(path, key) as tar:
        for member in tar:
            file = tar.extractfile(member)
            found[member.name] = file.read() if file else b""
    return found


@pytest.mark.parametrize("size", [0, 1, 700_000])
def test_there_and_back(tmp_path: Path, size: int) -> None:
    path = write(tmp_path / name_of(NOW), CONTENT[:size])
    assert read(path) == {"a": CONTENT[:size]}
    assert path.stat().st_mode & 0o777 == 0o600
    sealed = path.read_bytes()
    assert CONTENT[:40] not in sealed or size < 40


def test_two_archives_of_the_same_have_no_piece_in_common(tmp_path: Path) -> None:
    first, second = (write(tmp_path / name).read_bytes() for name in ("a", "b"))
    assert first[-64:] != second[-64:] and first[200:264] != second[200:264]


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    with pytest.raises(ArchiveBroken, match="another store's backup key"):
        read(write(tmp_path / "a"), bytes(32))


def test_every_change_is_found(tmp_path: Path) -> None:
    sealed, chance = write(tmp_path / "a").read_bytes(), random.Random(7)
    for _ in range(40):
        place = chance.randrange(len(sealed))
        changed = bytearray(sealed)
        changed[place] ^= 1 << chance.randrange(8)
        (tmp_path / "b").write_bytes(changed)
        with pytest.raises(ArchiveBroken):
            read(tmp_path / "b")


def pieces(sealed: bytes) -> tuple[bytes, list[bytes]]:
    begin = sealed.index(b"\n", len(archive._MAGIC)) + 1
    width = archive._PIECE_BYTES + archive._TAG_BYTES
    return sealed[:begin], [sealed[at : at + width] for at in range(begin, len(sealed), width)]


@pytest.mark.parametrize("what", ["cut", "swapped", "left out", "doubled", "nothing"])
def test_pieces_cannot_be_moved_or_cut_off(tmp_path: Path, what: str) -> None:
    head, parts = pieces(write(tmp_path / "a").read_bytes())
    assert len(parts) == 3
    changed = {
        "cut": parts[:-1],
        "swapped": [parts[1], parts[0], parts[2]],
        "left out": [parts[0], parts[2]],
        "doubled": [*parts, parts[2]],
        "nothing": [],
    }[what]
    (tmp_path / "b").write_bytes(head + b"".join(changed))
    with pytest.raises(ArchiveBroken):
        read(tmp_path / "b")


def test_what_is_no_archive(tmp_path: Path) -> None:
    for data in (b"", b"hello", archive._MAGIC, archive._MAGIC + b"{}\n", archive._MAGIC + b"x\n"):
        (tmp_path / "a").write_bytes(data)
        with pytest.raises(ArchiveBroken):
            read(tmp_path / "a")


def test_a_body_that_fails_leaves_no_whole_archive(tmp_path: Path) -> None:
    def fail() -> None:
        with writing(tmp_path / "a", KEY, NOW):
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with pytest.raises(ArchiveBroken):
        read(tmp_path / "a")


def test_the_archives_of_a_folder_newest_first(tmp_path: Path) -> None:
    for days in (3, 1, 2):
        made = NOW - timedelta(days=days)
        with writing(tmp_path / name_of(made), KEY, made):
            pass
    (tmp_path / "upheld-x.backup").write_bytes(b"no archive")
    (tmp_path / "other").write_bytes(b"")
    found = archives_in(tmp_path)
    assert [(NOW - each.made_at).days for each in found] == [1, 2, 3]
    assert not found[2].is_over(3, NOW - timedelta(seconds=1)) and found[2].is_over(3, NOW)
    assert archives_in(tmp_path / "not there") == []
