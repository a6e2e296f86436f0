"""New rows for the tables that a purchase fills: the statement is written once for each table.

`save()` builds it anew for each row, which costs three times what storing the row does."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, cast

from django.db import connection, transaction
from django.db.models import AutoField, Field, Model
from django.db.models.constants import OnConflict


@dataclass(frozen=True, slots=True)
class _Insertion:
    """`begin` (…), (…) `end`; `key` is the field that the database fills, if it does."""

    begin: str
    end: str
    fields: tuple[Field[Any, Any], ...]
    key: Field[Any, Any] | None

    def values(self, row: Model) -> tuple[str, list[Any]]:
        """Placeholders and parameters of one row."""
        params = [
            field.get_db_prep_save(field.pre_save(row, add=True), connection)
            for field in self.fields
        ]
        return f"({', '.join(['%s'] * len(params))})", params


def insert(*rows: Model, keep_existing: bool = False, by_its_gate: bool = False) -> int:
    """Store new rows of one table in one statement; keys that the database draws are set on
    them. With `keep_existing` a row that a unique constraint refuses is left out, and no key is
    set. Returns how many were stored. Raises `IntegrityError`, which dooms the transaction, and
    `TypeError` for a table whose `save()` is its own: a closed door is not opened from here,
    except by the gate it belongs to, which says so."""
    if not rows:
        return 0
    if type(rows[0]).save is not Model.save and not by_its_gate:
        raise TypeError(f"{type(rows[0]).__name__} is stored by its own save() alone.")
    words = _insertion(type(rows[0]), keep_existing)
    parts = [words.values(row) for row in rows]
    sql = f"{words.begin} {', '.join(places for places, _ in parts)} {words.end}"
    params = [value for _, values in parts for value in values]
    with transaction.mark_for_rollback_on_error(connection.alias), connection.cursor() as cursor:
        cursor.execute(sql, params)
        keys = cursor.fetchall() if words.key else []
        stored: int = len(keys) if words.key else cursor.rowcount
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    for row, (key,) in zip(rows, keys, strict=False):
        row.pk = key
    return stored


@functools.cache
def _insertion(model: type[Model], keep_existing: bool) -> _Insertion:
    meta, ops = model._meta, cast("Any", connection.ops)  # the stubs miss what both have
    own_key = meta.pk if isinstance(meta.pk, AutoField) else None
    fields = tuple(field for field in meta.local_concrete_fields if field is not own_key)
    on_conflict = OnConflict.IGNORE if keep_existing else None
    columns = ", ".join(ops.quote_name(field.column) for field in fields)
    begin = f"{ops.insert_statement(on_conflict=on_conflict)} {ops.quote_name(meta.db_table)}"
    key = None if keep_existing else own_key
    returned, _ = ops.return_insert_columns([key] if key else [])
    dropped = ops.on_conflict_suffix_sql(fields, on_conflict, [], [])
    return _Insertion(f"{begin} ({columns}) VALUES", f"{dropped} {returned}", fields, key)
