"""Everything that is held of a person, row by row, as the inventories lead to it.

`held_rows` reads under whatever purpose is in force at each step, so it is streamed through
`stream()` and never keeps more than a few hundred rows."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from upheld.policy import current
from upheld.policy.errors import Expired
from upheld.policy.model import Table
from upheld.promises.access.people import Person
from upheld.promises.access.questions import as_column, as_moment, as_python, ask, select
from upheld.promises.retention.periods import fields_by_column
from upheld.promises.retention.walk import key_column, model_of, quoted, walk
from upheld.vault import SealedRef, VaultKeyLost, open_sealed
from upheld.vault.cipher import SealBroken
from upheld.vault.models import SealedValue

_PAGE_ROWS = 200
_SIGNS_IN = "user.authorization"
NOT_COPIED = "held, and not copied: whoever found this file could use it to sign in"
NOT_READABLE = "sealed, and its key is gone: nobody can read it any more"


@dataclass(frozen=True, slots=True)
class Value:
    """One column of one row. `fields` are the declared fields in it; none in a table that is not
    personal. `why_not` says why the value itself is not shown."""

    column: str
    fields: tuple[str, ...]
    value: Any
    kept_until: date | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One row that is somebody's."""

    table: Table
    key: str
    values: tuple[Value, ...]


def held_rows(person: Person, now: datetime) -> Iterator[Record]:
    """Every row of the person's, table by table, what the vault holds of it included."""
    tables = current().inventory.tables
    for name in sorted(tables):
        if tables[name].owner or tables[name].subject:
            for subject in sorted(person.subjects):
                yield from _rows(tables[name], subject, now)


def _rows(table: Table, subject: UUID, now: datetime) -> Iterator[Record]:
    model, key = model_of(table.name), f"t.{quoted(key_column(table.name))}"
    owner = walk(table.name, table.owner or table.subject or "", "o")
    starts = walk(table.name, table.starts, "s") if table.starts else None
    fields = [(field, str(field.column)) for field in model._meta.concrete_fields]
    chosen = [key, *(f"t.{quoted(column)}" for _, column in fields)]
    chosen.append(starts.column if starts else "NULL")
    joins = owner.joins + (starts.joins if starts else "")
    given, last = [as_column(owner.field, subject)], None
    while True:
        more = f"{owner.column} = %s" + ("" if last is None else f" AND {key} > %s")
        page = ask(
            f"{select(chosen, table.name, joins, more)} ORDER BY {key} LIMIT {_PAGE_ROWS}",
            given if last is None else [*given, last],
        )
        for row in page:
            pairs = zip(fields, row[1:-1], strict=True)
            values = {column: as_python(field, value) for (field, column), value in pairs}
            yield _record(table, str(as_python(model._meta.pk, row[0])), values, row[-1], now)
        if len(page) < _PAGE_ROWS:
            return
        last = page[-1][0]


def _record(
    table: Table, key: str, values: Mapping[str, Any], starts: Any, now: datetime
) -> Record:
    named, row = fields_by_column(table), (table, key)
    shown = [
        _value(row, column, tuple(sorted(named.get(column, ()))), value, starts)
        for column, value in values.items()
    ]
    return Record(table, key, (*shown, *_sealed(table.name, key, now)))


def _value(
    row: tuple[Table, str], column: str, fields: tuple[str, ...], value: Any, starts: Any
) -> Value:
    policy, (table, key) = current(), row
    declared = [policy.fields[name] for name in fields]
    days = min((field.kept_days for field in declared if field.kept_days), default=None)
    until = (as_moment(starts) + timedelta(days=days)).date() if starts and days else None
    if any(field.category.startswith(_SIGNS_IN) for field in declared):
        return Value(column, fields, None, until, NOT_COPIED if value else "")
    if column in table.shown:
        module, _, function = table.shown[column].partition(":")
        value = getattr(importlib.import_module(module), function)(key)
    return Value(column, fields, value, until)


def _sealed(table: str, key: str, now: datetime) -> list[Value]:
    rows = SealedValue.objects.filter(table_name=table, row_key=key).order_by("field")
    days = timedelta(days=current().retention.private_financial_days)
    found = []
    for field, day in rows.values_list("field", "day"):
        value, why_not = None, ""
        try:
            value = open_sealed(SealedRef(table, key, day), now, [field]).get(field)
        except (Expired, VaultKeyLost, SealBroken):
            why_not = NOT_READABLE
        found.append(Value("sealed", (field,), value, day + days, why_not))
    return found
