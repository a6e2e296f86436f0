"""What the promises page says of the log itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from upheld.ledger import LedgerEntry, newest_checkpoint
from upheld.ledger.events import LogContinued


@dataclass(frozen=True, slots=True)
class Continued:
    """The log got another name: at `kept` entries, when a checkpoint of `known` was the newest
    that anybody here knew of."""

    at: datetime
    index: int
    known: int
    kept: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class LogSection:
    """Name and size of the log, and each time that it went on under another name."""

    origin: str
    size: int
    continued: list[Continued]


def log_section() -> LogSection | None:
    """None before the first entry."""
    newest = newest_checkpoint()
    if newest is None:
        return None
    entries = LedgerEntry.objects.filter(event=LogContinued.__name__).order_by("index")
    return LogSection(newest.origin, newest.size, [_continued(entry) for entry in entries])


def _continued(entry: LedgerEntry) -> Continued:
    facts = entry.read_facts()
    known: int = facts["size"]
    before = LedgerEntry.objects.filter(index=known - 1).values_list("root", flat=True).first()
    is_whole = known == entry.index and before == facts["root"]
    return Continued(entry.at, entry.index, known, entry.index, is_whole)
