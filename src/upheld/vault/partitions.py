"""A day's vault as a partition, where the database has them. Its owner's functions make and drop
them, by the server's own clock: what it will not do is left to the default partition and to
ordinary deletes, so that no sale and no removal ever waits for a partition."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from upheld.db.purpose import no_purpose

# Not due by the server's clock; its rows are in the default partition; the table is busy.
_NOT_NOW = (DataError, IntegrityError, OperationalError)


def days_with_partition() -> list[date]:
    """Oldest first; none where the database has no partitions."""
    if connection.vendor != "postgresql":
        return []
    with no_purpose(), connection.cursor() as cursor:
        days: list[date] = _vaults().days_with_partition(cursor)
    return days


def make_partitions(days: Iterable[date]) -> list[date]:
    """A partition for each of these days that has none yet. Returns the days that got one."""
    if connection.vendor != "postgresql":
        return []
    there = set(days_with_partition())
    return [day for day in days if day not in there and _called("MAKE", day)]


def drop_partitions(days: Iterable[date]) -> list[date]:
    """Drop these days' partitions with all that is in them. Returns the days that lost one."""
    if connection.vendor != "postgresql":
        return []
    there = set(days_with_partition())
    return [day for day in days if day in there and _called("DROP", day)]


def _called(which: str, day: date) -> bool:
    name = getattr(_vaults(), which)
    try:
        with no_purpose(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {name}(%s)", [day])
            return bool(cursor.fetchone()[0])
    except _NOT_NOW:
        return False


def _vaults() -> Any:
    # PostgreSQL's driver is not installed everywhere.
    return importlib.import_module("upheld.db.postgresql.vaults")
