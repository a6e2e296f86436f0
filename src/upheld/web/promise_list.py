"""All promises by number: what they say, how they are kept, who proves them."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("promises.toml")


@dataclass(frozen=True, slots=True)
class Promise:
    """One row of the public page. `by` is the folder that proves it; without one, and for parts
    that a folder cannot prove yet, `waits` says in public words what the proof waits for."""

    id: str
    section: str
    says: str
    how: str = ""
    by: str | None = None
    waits: str | None = None
    statement: bool = False


@functools.cache
def all_promises() -> tuple[Promise, ...]:
    """P01 to P50, read once."""
    entries = tomllib.loads(_FILE.read_text("utf-8"))
    return tuple(Promise(name, **entries[name]) for name in sorted(entries))


def provable_promises() -> tuple[Promise, ...]:
    """Those that are more than a statement."""
    return tuple(promise for promise in all_promises() if not promise.statement)
