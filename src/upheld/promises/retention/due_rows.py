"""Ordinary personal data at the end of its period: counted, emptied, removed.

What has reached its end is found by the paths that the inventories declare, in batches that a
killed process simply leaves undone: whatever still stands is found again. SQL text is made of
names that `walk.quoted` has checked; every value is a parameter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, models, transaction

from upheld.db import purpose
from upheld.jobs import own_transactions
from upheld.ledger import append
from upheld.ledger.events import DataRemoved
from upheld.policy import Policy, current
from upheld.policy.model import Table
from upheld.promises.retention.models import Hold
from upheld.promises.retention.periods import Periods, periods_of, personal_tables
from upheld.promises.retention.walk import (
    field_of,
    key_column,
    quoted,
    statement,
    walk,
)

PURPOSE = "forget"
_BATCH_ROWS = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """Rows of one table by the age of their period: the FROM and WHERE of a statement. `column`
    is the one that outlived its own period; None where the whole row is meant."""

    table: str
    days: int
    starts: str
    starts_field: models.Field[Any, Any]
    source: str
    condition: str
    parameters: tuple[Any, ...]
    column: str | None = None

    def due(self, now: datetime) -> tuple[str, tuple[Any, ...]]:
        """WHERE and parameters of what is due. An event that has not come is not due: NULL is
        never smaller than a moment."""
        end = _as_column(self.starts_field, now - timedelta(days=self.days))
        return f"{self.condition} AND {self.starts} <= %s", (*self.parameters, end)


@own_transactions
def remove_due(now: datetime) -> dict[str, int]:
    """Remove, or empty, what is due: in batches, no more in one run than the policy's cap, no
    row of a subject under a hold. Returns the rows touched, by table."""
    policy = current()
    left = policy.retention.rows_per_run_max
    touched: dict[str, int] = {}
    with purpose(PURPOSE):
        for table in personal_tables(policy):
            rows = remove_from(table, policy, now, left)
            left -= rows
            if rows:
                touched[table.name] = rows
    if touched:
        reclaim_space()
    return touched


def remove_from(table: Table, policy: Policy, now: datetime, rows_max: int) -> int:
    """The same for one table, under the purpose in force. Returns how many rows."""
    touched = 0
    for selection in selections(table, policy, now):
        while touched < rows_max:
            size = min(_BATCH_ROWS, rows_max - touched)
            rows, found = _remove_batch(selection, now, size)
            touched += rows
            if found < size:
                break
    return touched


def preview(now: datetime) -> dict[str, int]:
    """What `remove_due` would touch, cap aside: rows by table, and by `table.column` where only
    a column is due. Counts, and nothing else."""
    policy = current()
    counts: dict[str, int] = {}
    with purpose(PURPOSE), connection.cursor() as cursor:
        for table in personal_tables(policy):
            for chosen in selections(table, policy, now):
                condition, parameters = chosen.due(now)
                cursor.execute(
                    statement("SELECT count(*) FROM", chosen.source, "WHERE", condition), parameters
                )
                name = f"{chosen.table}.{chosen.column}" if chosen.column else chosen.table
                if count := cursor.fetchone()[0]:
                    counts[name] = count
    return counts


def selections(table: Table, policy: Policy, now: datetime) -> Iterator[Selection]:
    """First the whole rows, then each column whose period is shorter than its row's. Then the
    same for what was collected under each earlier version that promised less."""
    periods = periods_of(table, policy)
    yield from _selected(table, policy, periods, None, now)
    for past in policy.history:
        held = _emptiable(table, periods_of(table, policy, past), periods)
        if held != periods:
            yield from _selected(table, policy, held, past.until, now)


def _emptiable(table: Table, held: Periods, today: Periods) -> Periods:
    """Where an earlier version ends a column before its row and the column cannot be emptied,
    the row goes with it: no promise is broken by removing more."""
    for column, days in held.early.items():
        if column not in today.early and not _can_be_emptied(table, column):
            held = Periods(min(days, held.row_days), {})
    return held


def _can_be_emptied(table: Table, column: str) -> bool:
    try:
        empty_value(field_of(table.name, column))
    except ValueError:
        return False
    return PURPOSE in table.writes


def _selected(
    table: Table, policy: Policy, periods: Periods, before: datetime | None, now: datetime
) -> Iterator[Selection]:
    """`before`: only what was collected earlier than that."""
    starts = walk(table.name, table.starts or "", "s")
    source, condition = f"{quoted(table.name)} t{starts.joins}", f"{starts.column} IS NOT NULL"
    parameters: tuple[Any, ...] = ()
    begins = policy.inventory.tables.get(starts.through[-1])
    if begins and begins.exempt:
        alias = starts.column.partition(".")[0]
        condition = statement(condition, f"AND NOT {alias}.{quoted(begins.exempt)}")
    if table.owner:
        owner = walk(table.name, table.owner, "o")
        source += owner.joins
        condition = statement(
            condition,
            "AND NOT EXISTS (SELECT 1 FROM",
            quoted(Hold._meta.db_table),
            "h WHERE h.subject_id =",
            owner.column,
            "AND h.until >= %s)",
        )
        parameters = (connection.ops.adapt_datefield_value(now.astimezone(UTC).date()),)
    if before is not None:
        collected = walk(table.name, table.collected or table.starts or "", "c")
        source += collected.joins
        condition = f"{condition} AND {collected.column} < %s"
        parameters = (*parameters, _as_column(collected.field, _up_to(collected.field, before)))
    whole = Selection(
        table.name, periods.row_days, starts.column, starts.field, source, condition, parameters
    )
    yield whole
    for column, days in periods.early.items():
        field, name = field_of(table.name, column), quoted(column)
        filled = f"t.{name} IS NOT NULL" if field.null else f"t.{name} <> %s"
        values = () if field.null else (empty_value(field),)
        yield Selection(
            table.name,
            days,
            starts.column,
            starts.field,
            source,
            f"{condition} AND {filled}",
            (*parameters, *values),
            column,
        )


def empty_value(field: models.Field[Any, Any]) -> str | bytes | None:
    """What a column holds once its value is gone. Raises `ValueError` where it can be neither
    NULL nor an empty text."""
    if field.null:
        return None
    if isinstance(field, models.BinaryField):
        return b""
    if isinstance(field, models.CharField | models.TextField) and not field.unique:
        return ""
    raise ValueError(f"{field.column} can be neither NULL nor empty")


def reclaim_space() -> None:
    """SQLite: the write-ahead log still holds the old pages until it is cut. PostgreSQL's space
    is its own vacuum's business; there, only a destroyed key erases."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _remove_batch(chosen: Selection, now: datetime, size: int) -> tuple[int, int]:
    """One batch with its ledger entry in one transaction: rows touched, rows found. Another
    keeper may have been faster with some of those found."""
    key = quoted(key_column(chosen.table))
    condition, parameters = chosen.due(now)
    select = statement(
        f"SELECT t.{key} FROM",
        chosen.source,
        "WHERE",
        condition,
        f"ORDER BY {chosen.starts}, t.{key} LIMIT {int(size)}",
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(select, parameters)
        keys = [row[0] for row in cursor.fetchall()]
        if not keys:
            return 0, 0
        these = f"{key} IN ({', '.join(['%s'] * len(keys))})"
        table = quoted(chosen.table)
        if chosen.column is None:
            cursor.execute(statement("DELETE FROM", table, "WHERE", these), keys)
        else:
            empty = empty_value(field_of(chosen.table, chosen.column))
            change = f"{quoted(chosen.column)} = %s"
            cursor.execute(
                statement("UPDATE", table, "SET", change, "WHERE", these), [empty, *keys]
            )
        rows = int(cursor.rowcount)
        if rows:
            append(DataRemoved(chosen.table, rows), now)
    return rows, len(keys)


def _up_to(field: models.Field[Any, Any], moment: datetime) -> datetime:
    """A column of days tells no hour: the whole day of `moment` belongs to before."""
    return moment if isinstance(field, models.DateTimeField) else moment + timedelta(days=1)


def _as_column(field: models.Field[Any, Any], moment: datetime) -> object:
    """A moment as this column keeps it: a day, or a time in UTC."""
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value(moment)
    return connection.ops.adapt_datefield_value(moment.astimezone(UTC).date())
