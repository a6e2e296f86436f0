"""A folder in HOME for what is tried out and thrown away: a database restored to be checked."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from upheld.policy.errors import ActRefused

_PREFIX = ".scratch-"
_LOCK = ".scratch.lock"


class Busy(ActRefused):
    """Another backup, restore or proof is at work with its scratch folder."""


@contextmanager
def scratch_folder(home: Path) -> Iterator[Path]:
    """An empty folder that nobody else may open, removed at the end. What a killed process left
    behind goes first. Raises `Busy`."""
    home.mkdir(parents=True, exist_ok=True)
    with _alone(home):
        _remove_all(home)
        folder = home / f"{_PREFIX}{secrets.token_hex(8)}"
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            _remove_all(home)


def sweep(home: Path) -> None:
    """Remove what a killed process left, unless one is at work."""
    if not any(home.glob(f"{_PREFIX}*")):
        return
    try:
        with _alone(home):
            _remove_all(home)
    except Busy:
        return


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    handle = os.open(home / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                "Another backup, restore or proof is at work on this store. Wait for it to end, "
                "then run this again."
            ) from None
        yield
    finally:
        os.close(handle)


def _remove_all(home: Path) -> None:
    for left in home.glob(f"{_PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
