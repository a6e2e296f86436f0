"""A file system over a folder, which notes each change in the order in which it came, so that the
moment of a power failure can be chosen afterwards (see power_loss.py).

`/usr/bin/python3 forgetful_disk.py FOLDER MOUNT NOTES`: Debian's Python with python3-fusepy, and
nothing else of this repository."""

from __future__ import annotations

import errno
import os
import pickle
import sys
import time
from typing import Any

import fusepy  # type: ignore[import-not-found]


class Disk(fusepy.Operations):  # type: ignore[misc]
    """Passes everything through. A file keeps its number from its creation to its end, whatever
    its name is; one that was there before has its first path for a number."""

    def __init__(self, folder: str, notes: str) -> None:
        self.folder = os.path.realpath(folder)
        self.notes = os.open(notes, os.O_WRONLY | os.O_CREAT)
        self.numbers: dict[int, object] = {}
        self.made = 0

    def _real(self, path: str) -> str:
        return os.path.join(self.folder, path.lstrip("/"))

    def _note(self, what: str, *facts: object) -> None:
        os.write(self.notes, pickle.dumps((time.monotonic(), what, *facts)))

    def _number(self, path: str) -> object:
        inode = os.lstat(self._real(path)).st_ino
        return self.numbers.setdefault(inode, path)

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
        found = os.lstat(self._real(path))
        names = ("atime", "ctime", "gid", "mode", "mtime", "nlink", "size", "uid", "blocks")
        return {f"st_{name}": getattr(found, f"st_{name}") for name in names}

    def access(self, path: str, mode: int) -> None:
        if not os.access(self._real(path), mode):
            raise fusepy.FuseOSError(errno.EACCES)

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *os.listdir(self._real(path))]

    def readlink(self, path: str) -> str:
        return os.readlink(self._real(path))

    def statfs(self, path: str) -> dict[str, int]:
        found = os.statvfs(self._real(path))
        names = ("bavail", "bfree", "blocks", "bsize", "favail", "ffree", "files", "flag", "frsize")
        return {f"f_{name}": getattr(found, f"f_{name}") for name in (*names, "namemax")}

    def chmod(self, path: str, mode: int) -> None:
        os.chmod(self._real(path), mode)

    def utimens(self, path: str, times: tuple[float, float] | None = None) -> None:
        os.utime(self._real(path), times)

    def create(self, path: str, mode: int, fi: object = None) -> int:
        handle = os.open(self._real(path), os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode)
        self.made += 1
        self.numbers[os.fstat(handle).st_ino] = self.made
        self._note("create", path, self.made, mode)
        return handle

    def open(self, path: str, flags: int) -> int:
        number = self._number(path)
        # The kernel gives the place of each write itself.
        handle = os.open(self._real(path), flags & ~(os.O_CREAT | os.O_EXCL | os.O_APPEND))
        if flags & os.O_TRUNC:
            self._note("truncate", number, 0)
        return handle

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return os.pread(fh, size, offset)

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        self._note("write", self._of(fh), offset, data)
        return os.pwrite(fh, data, offset)

    def truncate(self, path: str, length: int, fh: int | None = None) -> None:
        self._note("truncate", self._number(path) if fh is None else self._of(fh), length)
        os.truncate(self._real(path) if fh is None else fh, length)

    def _of(self, fh: int) -> object:
        return self.numbers[os.fstat(fh).st_ino]

    def fsync(self, path: str, datasync: int, fh: int) -> None:
        self._note("sync", self._of(fh))

    def fsyncdir(self, path: str, datasync: int, fh: int) -> None:
        self._note("sync_folder", path)

    def flush(self, path: str, fh: int) -> None:
        """A close: it makes nothing durable."""

    def release(self, path: str, fh: int) -> None:
        os.close(fh)

    def rename(self, old: str, new: str) -> None:
        number = self._number(old)
        os.rename(self._real(old), self._real(new))
        self._note("rename", old, new, number)

    def link(self, target: str, source: str) -> None:
        number = self._number(source)
        os.link(self._real(source), self._real(target))
        self._note("link", target, number)

    def unlink(self, path: str) -> None:
        os.unlink(self._real(path))
        self._note("unlink", path)

    def mkdir(self, path: str, mode: int) -> None:
        os.mkdir(self._real(path), mode)
        self._note("mkdir", path, mode)

    def rmdir(self, path: str) -> None:
        os.rmdir(self._real(path))


if __name__ == "__main__":
    folder, mount, notes = sys.argv[1:]
    fusepy.FUSE(Disk(folder, notes), mount, foreground=True, nothreads=True)
