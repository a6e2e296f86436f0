"""The form of a backup: a tar, packed and sealed in pieces with a key of its own.

Each archive's key is derived from the lasting key `backup` and a random salt. The pieces are
numbered and the last one says that it is the last, so that none can be changed, moved, left out or
cut off unseen. No Django here: a machine that has nothing yet must be able to open one."""

from __future__ import annotations

import io
import json
import os
import secrets
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from upheld.policy.errors import ActRefused

_MAGIC = b"upheld backup 1\n"
_PIECE_BYTES = 256 * 1024
_TAG_BYTES = 16
_HEAD_BYTES_MAX = 1000
_NAME = "upheld-{:%Y%m%dT%H%M%SZ}.backup"
_GLOB = "upheld-*.backup"


class ArchiveBroken(ActRefused):
    """An archive is damaged, cut off, or sealed with another backup key."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup on a disk, by what its head says; the head is read without any key."""

    path: Path
    made_at: datetime

    def is_over(self, days: int, now: datetime) -> bool:
        """Whether its declared period has passed."""
        return now - self.made_at >= timedelta(days=days)


def archives_in(folder: Path) -> list[Archive]:
    """The archives of a folder, newest first. What is none is passed over."""
    found = []
    for path in folder.glob(_GLOB):
        try:
            with path.open("rb") as file:
                found.append(Archive(path, _made_at(_read_head(file, path), path)))
        except (OSError, ArchiveBroken):
            continue
    return sorted(found, key=lambda archive: archive.made_at, reverse=True)


def name_of(made_at: datetime) -> str:
    """The file name of an archive made then."""
    return _NAME.format(made_at.astimezone(UTC))


@contextmanager
def writing(path: Path, key: bytes, made_at: datetime) -> Iterator[tarfile.TarFile]:
    """A tar to add to; the archive is whole, and on the disk, once the body ends well."""
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        sealing = _Sealing(file, key, made_at)
        with tarfile.open(fileobj=sealing, mode="w|gz") as tar:
            yield tar
        sealing.finish()
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def reading(path: Path, key: bytes) -> Iterator[tarfile.TarFile]:
    """The tar inside, to be gone through once. Raises `ArchiveBroken` here or on any read."""
    with path.open("rb") as file:
        opening = io.BufferedReader(_Opening(file, path, key), _PIECE_BYTES)
        try:
            with tarfile.open(fileobj=opening, mode="r|gz") as tar:
                yield tar
            while opening.read(_PIECE_BYTES):  # to the last piece, past the end of the tar
                pass
        except (tarfile.TarError, EOFError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise ArchiveBroken(f"{path}: what is inside is no archive of a store.") from error


class _Sealing(io.RawIOBase):
    """Takes bytes, writes sealed pieces."""

    def __init__(self, file: BinaryIO, key: bytes, made_at: datetime) -> None:
        salt = secrets.token_bytes(32)
        head = {"made_at": made_at.astimezone(UTC).isoformat(), "salt": salt.hex()}
        self._head = _MAGIC + json.dumps(head).encode() + b"\n"
        self._file, self._cipher = file, AESGCM(_derived(key, salt))
        self._waiting, self._number = bytearray(), 0
        file.write(self._head)

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._waiting += data
        # One piece is held back: only at the end is it known which is the last.
        while len(self._waiting) > _PIECE_BYTES:
            self._seal(bytes(self._waiting[:_PIECE_BYTES]), last=False)
            del self._waiting[:_PIECE_BYTES]
        return len(data)

    def finish(self) -> None:
        """Write the last piece."""
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        nonce = _nonce(self._number, last=last)
        self._file.write(self._cipher.encrypt(nonce, piece, self._head))
        self._number += 1


class _Opening(io.RawIOBase):
    """Reads sealed pieces, gives bytes. Raises `ArchiveBroken`."""

    def __init__(self, file: BinaryIO, path: Path, key: bytes) -> None:
        self._head = _read_head(file, path)
        self._file, self._path = file, path
        self._cipher = AESGCM(_derived(key, bytes.fromhex(_facts(self._head, path)["salt"])))
        self._next = file.read(_PIECE_BYTES + _TAG_BYTES)
        self._opened, self._number, self._ended = b"", 0, False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._opened and not self._ended:
            self._open_next()
        size = min(len(buffer), len(self._opened))
        buffer[:size] = self._opened[:size]
        self._opened = self._opened[size:]
        return size

    def _open_next(self) -> None:
        sealed, self._next = self._next, self._file.read(_PIECE_BYTES + _TAG_BYTES)
        self._ended = not self._next
        nonce = _nonce(self._number, last=self._ended)
        try:
            self._opened = self._cipher.decrypt(nonce, sealed, self._head)
        except (InvalidTag, ValueError):
            raise ArchiveBroken(
                f"{self._path}: the archive is damaged or cut off, or another store's backup key "
                "sealed it. Take an older archive, or the right recovery file."
            ) from None
        self._number += 1


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + (b"\x01" if last else b"\x00")


def _derived(key: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"upheld backup").derive(key)


def _read_head(file: BinaryIO, path: Path) -> bytes:
    magic = file.read(len(_MAGIC))
    line = file.readline(_HEAD_BYTES_MAX)
    if magic != _MAGIC or not line.endswith(b"\n"):
        raise ArchiveBroken(f"{path}: this is no backup of a store.")
    return magic + line


def _facts(head: bytes, path: Path) -> dict[str, str]:
    try:
        facts: dict[str, str] = json.loads(head[len(_MAGIC) :])
        bytes.fromhex(facts["salt"])
    except (ValueError, KeyError, TypeError):
        raise ArchiveBroken(f"{path}: the archive's head is damaged.") from None
    return facts


def _made_at(head: bytes, path: Path) -> datetime:
    try:
        return datetime.fromisoformat(_facts(head, path)["made_at"])
    except (ValueError, KeyError, TypeError):
        raise ArchiveBroken(f"{path}: the archive's head is damaged.") from None
