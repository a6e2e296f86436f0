"""The list of erasures beside the archives: written with each backup, applied by each restore."""

from __future__ import annotations

import importlib
import importlib.util
from datetime import datetime
from pathlib import Path
from typing import Any

from upheld_store.site.whole_file import write_whole

NAME = "erasures.list"
_MODULE = "upheld.promises.erasure"


def erasure_is_built() -> bool:
    """Without it nobody was ever erased, and there is no list to miss."""
    return importlib.util.find_spec(_MODULE) is not None


def write_tombstones(folder: Path) -> None:
    """The newest list, in the place of the one that was there."""
    if erasure_is_built():
        write_whole(folder / NAME, _tombstones().newest_list())


def apply_tombstones(data: bytes, now: datetime) -> int:
    """Erase again whoever came back. Returns how many."""
    applied: int = _tombstones().apply_list(data, now)
    return applied


def _tombstones() -> Any:
    return importlib.import_module(f"{_MODULE}.tombstones")
