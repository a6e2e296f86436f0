"""Trying what is forbidden, for the proofs: only the fact of the refusal comes out, or the names
of stored keys, never a value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from upheld.db.purpose import probing
from upheld.db.rights import Rights
from upheld.policy import Policy
from upheld.policy.errors import UndeclaredPurpose

_KEYS_SQLITE = """
    SELECT DISTINCT node.key FROM {table} AS item, json_tree(item.{column}) AS node
    WHERE item.{column} IS NOT NULL AND typeof(node.key) = 'text'
"""
_KEYS_POSTGRESQL = """
    SELECT DISTINCT pair ->> 'key' FROM {table} AS item, jsonb_path_query(
        item.{column}::jsonb, 'strict $.** ? (@.type() == "object").keyvalue()') AS pair
"""

_SAMPLES_SQLITE = "SELECT name FROM sqlite_master WHERE name IN ('sqlite_stat3', 'sqlite_stat4')"
_SAMPLES_POSTGRESQL = """
    SELECT coalesce(whole.relname, rel.relname), stat.attname
    FROM pg_catalog.pg_stats AS stat
    JOIN pg_catalog.pg_class AS rel ON rel.relname = stat.tablename
     AND rel.relnamespace = stat.schemaname::regnamespace
    LEFT JOIN pg_catalog.pg_class AS whole ON whole.oid = pg_partition_root(rel.oid)
    WHERE stat.schemaname = current_schema()
      AND (stat.most_common_vals IS NOT NULL OR stat.histogram_bounds IS NOT NULL)
"""


def is_refused(table: str, column: str, purpose: str | None) -> bool:
    """Whether the real database refuses to read this column under this purpose (None: under
    none), by its name and in the way that SQLite does not announce. The value of a read that
    passes is dropped unseen."""
    plain = "SELECT {column} FROM {table} LIMIT 1"
    silent = (
        "SELECT {column} FROM {table} FULL JOIN (SELECT NULL AS {column}) AS nobody "
        "USING ({column}) LIMIT 1"
    )
    ways = (plain, silent) if connection.vendor == "sqlite" else (plain,)
    return all(_is_refused(sql, table, column, purpose) for sql in ways)


def is_write_refused(table: str, column: str, purpose: str | None) -> bool:
    """Whether the real database refuses to add a row to this table, and to change this column,
    under this purpose. Neither statement has a row to write."""
    insert = "INSERT INTO {table} ({column}) SELECT NULL WHERE 1 = 0"
    update = "UPDATE {table} SET {column} = NULL WHERE 1 = 0"
    return all(_is_refused(sql, table, column, purpose) for sql in (insert, update))


def stored_keys(table: str, column: str, purpose: str | None) -> set[str]:
    """The names of the keys, at any depth, that stored rows of a JSON column hold."""
    sql = _KEYS_SQLITE if connection.vendor == "sqlite" else _KEYS_POSTGRESQL
    with probing(purpose), connection.cursor() as cursor:
        cursor.execute(_named(sql, table, column))
        return {key for (key,) in cursor.fetchall()}


def columns_sampled(policy: Policy) -> list[str]:
    """`table.column` of each personal column whose values the database's planner has copied: they
    outlive the rows, and no purpose guards them. Who may read a column may see its samples too,
    so they are looked for under each purpose; SQLite keeps them in a table of its own."""
    if connection.vendor == "sqlite":
        with probing(None), connection.cursor() as cursor:
            cursor.execute(_SAMPLES_SQLITE)
            return [str(name) for (name,) in cursor.fetchall()]
    found = set()
    for purpose in policy.purposes:
        with probing(purpose), connection.cursor() as cursor:
            cursor.execute(_SAMPLES_POSTGRESQL)
            found |= {tuple(row) for row in cursor.fetchall()}
    personal = set(Rights(policy).personal_columns())
    return [f"{table}.{column}" for table, column in sorted(found & personal)]


def _is_refused(sql: str, table: str, column: str, purpose: str | None) -> bool:
    with probing(purpose), _transaction_unharmed():
        try:
            with _tried(), connection.cursor() as cursor:
                cursor.execute(_named(sql, table, column))
        except UndeclaredPurpose:
            return True
    return False


@contextmanager
def _tried() -> Iterator[None]:
    """PostgreSQL refuses by ending the transaction, so the attempt has one of its own."""
    if connection.vendor == "sqlite":
        yield
        return
    with transaction.atomic():
        yield


def _named(sql: str, table: str, column: str) -> str:
    quote = connection.ops.quote_name
    return sql.format(table=quote(table), column=quote(column))  # the policy's own names


@contextmanager
def _transaction_unharmed() -> Iterator[None]:
    """A refusal that was asked for dooms nothing: the statement never began."""
    before = connection.needs_rollback
    try:
        yield
    finally:
        connection.needs_rollback = before
