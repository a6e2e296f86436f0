"""Which line of whose code asked: what a refusal points to."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import django

_SKIPPED = (
    str(Path(django.__file__).parent),
    str(Path(django.__file__).parent.with_name("psycopg")),
    str(Path(__file__).parent),
    str(Path(sys.modules["contextlib"].__file__ or "")),
)


def _caller() -> FrameType | None:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_SKIPPED):
        frame = frame.f_back
    return frame


def calling_line() -> str:
    """`file:line` of the innermost frame outside Django and `upheld.db`."""
    frame = _caller()
    if frame is None:
        return "unknown"
    return f"{_short(Path(frame.f_code.co_filename))}:{frame.f_lineno}"


def nearest_inventory() -> str:
    """The inventory of the app whose code asked, as a path to open."""
    frame = _caller()
    start = Path(frame.f_code.co_filename) if frame else Path()
    for folder in start.parents:
        if (folder / "inventory.toml").is_file():
            return _short(folder / "inventory.toml")
    return "the inventory.toml beside the app"


def _short(path: Path) -> str:
    """Relative to where the process runs, or to the folder that packages are installed in."""
    for base in (Path.cwd(), *map(Path, sys.path)):
        if base != Path() and path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return path.as_posix()
