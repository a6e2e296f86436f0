"""Whether the wall clock can be believed: destroying a key cannot be undone."""

from __future__ import annotations

from datetime import datetime, timedelta

_MOVED_MAX = timedelta(hours=48)
# Processes read the clock before they write: an entry may be a breath ahead of another's `now`.
_BEHIND_MAX = timedelta(minutes=5)


class Clock:
    """The wall clock against the time since boot, over the life of one process. A gap across a
    restart is sleep and is not judged; a jump while the process ran is."""

    __slots__ = ("_boot", "_boot_first", "_wall", "_wall_first")

    def __init__(self, wall: datetime, boot_seconds: float) -> None:
        """The first reading of this process; `boot_seconds` is CLOCK_BOOTTIME's."""
        self._wall_first = self._wall = wall
        self._boot_first = self._boot = boot_seconds

    def read(self, wall: datetime, boot_seconds: float) -> None:
        """A later reading of both."""
        self._wall, self._boot = wall, boot_seconds

    @property
    def expected(self) -> datetime:
        """What the wall would show had nobody moved it since the first reading."""
        return self._wall_first + timedelta(seconds=self._boot - self._boot_first)

    def why_implausible(self, now: datetime, newest: datetime | None) -> str | None:
        """`before_newest_entry`, `moved` or None. `newest` is the newest ledger entry's time."""
        if abs(now - self.expected) > _MOVED_MAX:
            return "moved"
        if newest is not None and newest - now > _BEHIND_MAX:
            return "before_newest_entry"
        return None
