"""The schema as the database itself tells it: every table, view and column, whoever made them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.apps import apps
from django.db import connection, models

# Of the database's own, the one that holds counters only. Its statistics hold copies of values,
# so those are not left out.
_SYSTEM = frozenset({"sqlite_sequence"})
_JSON_CHECK = re.compile(r"\bjson_valid\(\s*\"?(\w+)\"?", re.IGNORECASE)

_SQLITE = """
    SELECT relation.name, relation.type, coalesce(relation.sql, ''), col.name, col.type
    FROM sqlite_master AS relation, pragma_table_xinfo(relation.name) AS col
    WHERE relation.type IN ('table', 'view')
"""
_POSTGRESQL = """
    SELECT CASE WHEN space.nspname = current_schema() THEN relation.relname
                ELSE space.nspname || '.' || relation.relname END,
           CASE WHEN relation.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END,
           '', col.attname, format_type(col.atttypid, NULL)
    FROM pg_catalog.pg_class AS relation
    JOIN pg_catalog.pg_namespace AS space ON space.oid = relation.relnamespace
    JOIN pg_catalog.pg_attribute AS col ON col.attrelid = relation.oid
    WHERE relation.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT relation.relispartition
      AND col.attnum > 0 AND NOT col.attisdropped
      AND space.nspname NOT IN ('pg_catalog', 'information_schema')
      AND space.nspname NOT LIKE 'pg\\_%'
"""


@dataclass(slots=True)
class Relation:
    """One table or view that exists."""

    name: str
    is_view: bool = False
    columns: list[str] = field(default_factory=list)
    json: set[str] = field(default_factory=set)


def read_schema() -> dict[str, Relation]:
    """Name → relation, for every table (virtual and shadow ones too) and view of the database.
    Raises `DatabaseError` where a view no longer fits its tables."""
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE if connection.vendor == "sqlite" else _POSTGRESQL)
        rows = cursor.fetchall()
    schema = _gathered(rows)
    for table, column in json_columns_of_models():
        if table in schema:
            schema[table].json.add(column)
    return schema


def _gathered(rows: Iterable[tuple[str, str, str, str, str]]) -> dict[str, Relation]:
    schema: dict[str, Relation] = {}
    for name, kind, sql, column, column_type in rows:
        if name in _SYSTEM:
            continue
        relation = schema.get(name)
        if relation is None:
            relation = schema[name] = Relation(name, kind == "view")
            # SQLite has no type of its own for JSON; a check constraint gives it away.
            relation.json.update(_JSON_CHECK.findall(sql))
        relation.columns.append(column)
        if column_type.lower() in {"json", "jsonb"}:
            relation.json.add(column)
    return schema


def json_columns_of_models() -> set[tuple[str, str]]:
    """(table, column) of every JSON field of every model, many-to-many tables included."""
    return {
        (model._meta.db_table, built.column)
        for model in apps.get_models(include_auto_created=True)
        for built in model._meta.local_concrete_fields
        if isinstance(built, models.JSONField) and built.column
    }
