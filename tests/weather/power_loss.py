"""What is left on a disk when the power fails: only what was synced, and by chance some of what
was not. A name in a folder is synced with the folder, what is in a file with the file."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Note = tuple[Any, ...]
Change = tuple[int | None, bytes | int]


def read_notes(path: Path) -> list[Note]:
    """What the disk was asked for, in order."""
    found = []
    with path.open("rb") as file:
        while True:
            try:
                found.append(pickle.load(file))
            except EOFError:
                return found


@dataclass
class File:
    """`lasting` survives; `waiting` are the changes since then."""

    lasting: bytearray = field(default_factory=bytearray)
    waiting: list[Change] = field(default_factory=list)
    mode: int = 0o600


def _change(content: bytearray, change: Change) -> None:
    offset, data = change
    if offset is None:
        assert isinstance(data, int)
        del content[data:]
        content.extend(bytes(data - len(content)))
        return
    assert isinstance(data, bytes)
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(data)] = data


class Platter:
    """Replays the notes of a disk that began as a copy of `before`."""

    def __init__(self, before: Path) -> None:
        self.before = before
        self.files: dict[object, File] = {}
        self.names: dict[str, object] = {}
        for path in before.rglob("*"):
            if path.is_file() and not path.is_symlink():
                name = "/" + str(path.relative_to(before))
                self.files[name] = File(bytearray(path.read_bytes()), mode=path.stat().st_mode)
                self.names[name] = name
        self.lasting_names = dict(self.names)
        self.folders: list[str] = []

    def take(self, note: Note) -> None:
        """One thing more that the disk was asked for."""
        getattr(self, f"_{note[1]}")(*note[2:])

    def _create(self, path: str, number: object, mode: int) -> None:
        self.files[number] = File(mode=mode)
        self.names[path] = number

    def _write(self, number: object, offset: int, data: bytes) -> None:
        self.files[number].waiting.append((offset, data))

    def _truncate(self, number: object, length: int) -> None:
        self.files[number].waiting.append((None, length))

    def _sync(self, number: object) -> None:
        file = self.files[number]
        for change in file.waiting:
            _change(file.lasting, change)
        file.waiting.clear()

    def _sync_folder(self, path: str) -> None:
        for names in (self.names, self.lasting_names):
            for name in [name for name in names if os.path.dirname(name) == path]:
                if name in self.names:
                    self.lasting_names[name] = self.names[name]
                else:
                    del self.lasting_names[name]

    def _rename(self, old: str, new: str, number: object) -> None:
        self.names.pop(old, None)
        self.names[new] = number

    def _link(self, path: str, number: object) -> None:
        self.names[path] = number

    def _unlink(self, path: str) -> None:
        self.names.pop(path, None)

    def _mkdir(self, path: str, mode: int) -> None:
        self.folders.append(path)

    def after_failure(self, folder: Path, by_chance: Callable[[], bool]) -> None:
        """Write what a machine would find there when it comes up again."""
        shutil.copytree(self.before, folder, symlinks=True, ignore=_files)
        for path in self.folders:
            (folder / path.lstrip("/")).mkdir(exist_ok=True, mode=0o700)
        for name, number in self.lasting_names.items():
            file, content = self.files[number], bytearray(self.files[number].lasting)
            for change in file.waiting:
                if by_chance():
                    _change(content, change)
            place = folder / name.lstrip("/")
            place.write_bytes(content)
            place.chmod(file.mode & 0o777)


def _files(folder: str, names: list[str]) -> Iterator[str]:
    """Folders and links are copied, files come from the replay."""
    for name in names:
        path = Path(folder, name)
        if path.is_file() and not path.is_symlink():
            yield name
