"""The connections that were made, as the hook of this and of every other process noted them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings

KEPT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Connection:
    """One line. `disclosure_id` is None where the connection was refused: other code asked."""

    host: str
    disclosure_id: int | None


def folder() -> Path:
    """Where the lines stand: names of hosts and numbers of disclosures, nothing of anyone."""
    return Path(settings.UPHELD_HOME) / "egress"


def connections() -> Iterator[Connection]:
    """All that is kept, the oldest first. Half a line, of a process that was killed, is none."""
    for file in sorted(folder().glob("*.txt")):
        for line in file.read_text("utf-8", errors="replace").splitlines():
            try:
                words = json.loads(line)
                yield Connection(str(words["host"]), words["disclosure"])
            except (ValueError, KeyError, TypeError):
                continue


def prune_connections(now: datetime) -> int:
    """The act of that name: removes the days that are over. Returns how many."""
    gone = 0
    for file in folder().glob("*.txt"):
        if _day_of(file) < now.date() - timedelta(days=KEPT_DAYS):
            file.unlink(missing_ok=True)
            gone += 1
    return gone


def _day_of(file: Path) -> date:
    try:
        return date.fromisoformat(file.stem)
    except ValueError:
        return date.min
