"""The planner keeps samples of a column's values and never forgets them with the rows. So personal
columns have none, from before their first row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from upheld.db.postgresql.roles import quoted
from upheld.db.postgresql.vaults import TABLE as VAULT

_TARGETS = """
    SELECT rel.relname, coalesce(whole.relname, rel.relname), att.attname,
           coalesce(att.attstattarget, -1),
           format_type(att.atttypid, att.atttypmod),
           EXISTS (SELECT 1 FROM pg_catalog.pg_stats AS stat
                   WHERE stat.schemaname = current_schema() AND stat.tablename = rel.relname
                     AND stat.attname = att.attname)
    FROM pg_catalog.pg_class AS rel
    JOIN pg_catalog.pg_attribute AS att ON att.attrelid = rel.oid
    LEFT JOIN pg_catalog.pg_class AS whole ON whole.oid = pg_partition_root(rel.oid)
    WHERE rel.relnamespace = current_schema()::regnamespace AND rel.relkind IN ('r', 'p')
      AND att.attnum > 0 AND NOT att.attisdropped
"""
_EXPRESSIONS = """
    SELECT rel.relname, item.relname, att.attnum, coalesce(att.attstattarget, -1)
    FROM pg_catalog.pg_index AS index
    JOIN pg_catalog.pg_class AS rel ON rel.oid = index.indrelid
    JOIN pg_catalog.pg_class AS item ON item.oid = index.indexrelid
    JOIN pg_catalog.pg_attribute AS att ON att.attrelid = item.oid
    WHERE rel.relnamespace = current_schema()::regnamespace
      AND index.indexprs IS NOT NULL AND index.indkey[att.attnum - 1] = 0
"""
_EXTENDED = """
    SELECT rel.relname FROM pg_catalog.pg_statistic_ext AS kept
    JOIN pg_catalog.pg_class AS rel ON rel.oid = kept.stxrelid
"""


def stop_statements(cursor: Any, personal: Iterable[tuple[str, str]]) -> list[str]:
    """What the owner runs so that no personal column has samples, old ones included: giving a
    column the type it has removes them."""
    columns = set(personal)
    cursor.execute(_TARGETS)
    found = []
    for table, whole, column, target, kind, sampled in cursor.fetchall():
        if not _is_kept_out(whole, column, columns):
            continue
        alter = f"ALTER TABLE {quoted(table)} ALTER COLUMN {quoted(column)}"
        if target != 0:
            found.append(f"{alter} SET STATISTICS 0")
        if sampled:
            found.append(f"{alter} TYPE {kind}")
    cursor.execute(_EXPRESSIONS)
    tables = {table for table, _ in columns}
    found += [
        f"ALTER INDEX {quoted(index)} ALTER COLUMN {number} SET STATISTICS 0"
        for table, index, number, target in cursor.fetchall()
        if table in tables and target != 0
    ]
    return found


def sampled_columns(cursor: Any, personal: Iterable[tuple[str, str]]) -> list[str]:
    """`table.column` of each personal column that may get samples, or whose samples this role
    can see."""
    columns = set(personal)
    tables = {table for table, _ in columns}
    cursor.execute(_TARGETS)
    found = {
        f"{table}.{column}"
        for table, whole, column, target, _, sampled in cursor.fetchall()
        if _is_kept_out(whole, column, columns) and (target != 0 or sampled)
    }
    cursor.execute(_EXPRESSIONS)
    found |= {row[1] for row in cursor.fetchall() if row[0] in tables and row[3] != 0}
    cursor.execute(_EXTENDED)
    found |= {row[0] for row in cursor.fetchall() if row[0] in tables}
    return sorted(found)


def _is_kept_out(whole: str, column: str, personal: set[tuple[str, str]]) -> bool:
    """Whether the planner may not know this column of a table, or of the table that it is a
    partition of. Of the vaults it may know none."""
    return whole == VAULT or (whole, column) in personal
