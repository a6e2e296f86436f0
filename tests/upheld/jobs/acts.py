"""Acts that jobs of these tests run: each leaves a trace in the ledger, in its transaction."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from django.db import connection

from upheld.db import in_force
from upheld.jobs import own_transactions
from upheld.ledger import append
from upheld.ledger.events import PromiseProven

SEEN: list[object] = []


def trace(now: datetime, number: int) -> int:
    """Effect in the job's own transaction."""
    append(PromiseProven("traced", number), now)
    return number


def trace_and_fail(now: datetime, number: int) -> NoReturn:
    """Its effect must vanish with it."""
    append(PromiseProven("traced", number), now)
    raise ConnectionRefusedError("to jane@example.com")


@own_transactions
def look_around(now: datetime, **ids: object) -> None:
    """Notes what it finds around itself."""
    SEEN.append((connection.in_atomic_block, in_force(), ids))


def look_around_inside(now: datetime) -> None:
    """The same, in the job's transaction."""
    SEEN.append((connection.in_atomic_block, in_force(), {}))
