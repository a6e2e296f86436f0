"""A recipient that joined the policy later gets nothing of what was collected before."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.db import connection, models

from upheld.policy import Policy
from upheld.promises.retention.periods import fields_by_column, personal_tables
from upheld.promises.retention.walk import quoted, statement, walk


def collected_before(
    policy: Policy, subject: UUID, fields: Collection[str], since: date
) -> str | None:
    """One of `fields` that is held of `subject` from before 00:00 UTC of `since`, or None. Reads
    only to whom a row belongs and when its period began."""
    for table in personal_tables(policy):
        held = frozenset[str]().union(*fields_by_column(table).values()) & set(fields)
        if not held or not table.owner or not table.starts:
            continue
        owner, starts = walk(table.name, table.owner, "o"), walk(table.name, table.starts, "s")
        sql = statement(
            "SELECT 1 FROM",
            f"{quoted(table.name)} t{owner.joins}{starts.joins}",
            "WHERE",
            f"{owner.column} = %s AND {starts.column} < %s LIMIT 1",
        )
        asked = owner.field.get_db_prep_value(subject, connection)
        with connection.cursor() as cursor:
            cursor.execute(sql, [asked, _as_column(starts.field, since)])
            if cursor.fetchone():
                return min(held)
    return None


def _as_column(field: models.Field[Any, Any], since: date) -> Any:
    if isinstance(field, models.DateTimeField):
        midnight = datetime.combine(since, time(), UTC)
        return connection.ops.adapt_datetimefield_value(midnight)
    return connection.ops.adapt_datefield_value(since)
