"""Questions along declared paths, and values as columns and as Python hold them.

SQL text is made of names that `walk.quoted` has checked; every value is a parameter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection, models
from django.utils.dateparse import parse_date, parse_datetime

from upheld.promises.retention.walk import quoted, statement


def select(chosen: Sequence[str], table: str, joins: str, condition: str) -> str:
    """SELECT over the rows `t` of a table. `chosen` and `condition` are columns of a `Walk`."""
    source = statement("FROM", quoted(table), "t", joins, "WHERE", condition)
    return statement("SELECT DISTINCT", ", ".join(chosen), source)


def ask(statement: str, parameters: Sequence[Any]) -> list[Any]:
    """Every row of the answer."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def as_column(field: models.Field[Any, Any], value: object) -> Any:
    """A value as this column holds it."""
    if isinstance(field, models.ForeignKey):
        return as_column(field.target_field, value)
    return field.get_db_prep_value(value, connection)


def as_python(field: models.Field[Any, Any], value: Any) -> Any:
    """What a driver gave, as the model would have it: SQLite gives text for times and numbers."""
    if value is None:
        return None
    if isinstance(field, models.ForeignKey):
        return as_python(field.target_field, value)
    if isinstance(field, models.DateField):  # a DateTimeField is one too
        return as_moment(value) if isinstance(field, models.DateTimeField) else as_day(value)
    if isinstance(field, models.BinaryField):
        return bytes(value)
    if isinstance(field, models.JSONField):
        return json.loads(value) if isinstance(value, str) else value
    return field.to_python(value)


def as_moment(value: str | date) -> datetime:
    """A time, or the beginning of a day, in UTC."""
    given = (parse_datetime(value) or parse_date(value)) if isinstance(value, str) else value
    if isinstance(given, datetime):
        return given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
    if given is None:
        raise ValueError("What is neither a day nor a time starts no period.")
    return datetime(given.year, given.month, given.day, tzinfo=UTC)


def as_day(value: str | date) -> date:
    """A day."""
    return as_moment(value).date()
