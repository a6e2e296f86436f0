"""The sealed values' table has a partition a day, and the login of the store owns none of them. Two
functions of the owner make and drop partitions for it, and refuse any day that is not due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from upheld.db.postgresql.roles import quoted

TABLE = "upheld_sealed_value"
_PREFIX = f"{TABLE}_"
MAKE, DROP = "upheld_make_vault", "upheld_drop_vault"
# Taken from the table, not from who asks: no name of the caller's is ever looked up.
_CONFIG = ["search_path=pg_catalog, pg_temp", "lock_timeout=2s"]
# By the server's own clock, in UTC. A time of the transaction's begin only makes it stricter.
_TODAY = "today constant date := (now() AT TIME ZONE 'UTC')::date"
_PART = f"part constant text := '{_PREFIX}' || to_char(vault, 'YYYYMMDD')"
_ALONE = f"PERFORM pg_advisory_xact_lock(hashtext('{TABLE}'))"
_MAKE_BODY = """
DECLARE
    {today};
    {part};
    col name;
BEGIN
    IF vault IS NULL OR vault < today - 1 OR vault > today + 2 THEN
        RAISE EXCEPTION 'no vault of that day is due to be made' USING ERRCODE = '22023';
    END IF;
    {alone};
    IF to_regclass(format('%I.%I', {schema}, part)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I.%I (LIKE %I.{table} INCLUDING DEFAULTS)',
                   {schema}, part, {schema});
    FOR col IN SELECT attname FROM pg_attribute
               WHERE attrelid = format('%I.%I', {schema}, part)::regclass AND attnum > 0 LOOP
        EXECUTE format('ALTER TABLE %I.%I ALTER COLUMN %I SET STATISTICS 0', {schema}, part, col);
    END LOOP;
    EXECUTE format('ALTER TABLE %I.{table} ATTACH PARTITION %I.%I FOR VALUES IN (%L)',
                   {schema}, {schema}, part, vault);
    RETURN true;
END
"""
_DROP_BODY = """
DECLARE
    {today};
    {part};
    gone boolean;
BEGIN
    IF vault IS NULL OR vault > today - {days} THEN
        RAISE EXCEPTION 'no vault of that day is due to be dropped' USING ERRCODE = '22023';
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I.upheld_vault_day '
                   'WHERE day = $1 AND destroyed_at IS NOT NULL)', {schema}) INTO gone USING vault;
    IF NOT gone THEN
        RAISE EXCEPTION 'the key of that vault is not recorded as destroyed'
            USING ERRCODE = '22023';
    END IF;
    {alone};
    IF to_regclass(format('%I.%I', {schema}, part)) IS NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP TABLE %I.%I', {schema}, part);
    RETURN true;
END
"""
_THERE = """
    SELECT current_schema(), rel.relowner FROM pg_catalog.pg_class AS rel
    WHERE rel.relnamespace = current_schema()::regnamespace AND rel.relname = %s
      AND rel.relkind = 'p'
"""
_FUNCTIONS = """
    SELECT fun.proname, fun.prosrc, fun.prosecdef, fun.proconfig, fun.proowner,
           ARRAY(SELECT coalesce(role.rolname, 'public')::text
                 FROM aclexplode(coalesce(fun.proacl, acldefault('f', fun.proowner))) AS acl
                 LEFT JOIN pg_catalog.pg_roles AS role ON role.oid = acl.grantee
                 WHERE acl.grantee <> fun.proowner)
    FROM pg_catalog.pg_proc AS fun
    WHERE fun.proname = ANY(%s)
"""
_PARTITIONS = """
    SELECT part.relname FROM pg_catalog.pg_inherits AS link
    JOIN pg_catalog.pg_class AS part ON part.oid = link.inhrelid
    JOIN pg_catalog.pg_class AS whole ON whole.oid = link.inhparent
    WHERE whole.relnamespace = current_schema()::regnamespace AND whole.relname = %s
"""


def partition_statements(days: Iterable[date]) -> Iterator[str]:
    """What the owner runs to make the partition of each day, whichever day it is: for a table
    that already has rows, or is about to get those of another database."""
    for day in days:
        name = quoted(f"{_PREFIX}{day:%Y%m%d}")
        yield f"CREATE TABLE {name} PARTITION OF {TABLE} FOR VALUES IN ('{day.isoformat()}')"
        for column in ("id", "table_name", "row_key", "field", "day", "key_fingerprint"):
            yield f"ALTER TABLE {name} ALTER COLUMN {column} SET STATISTICS 0"
        yield f"ALTER TABLE {name} ALTER COLUMN ciphertext SET STATISTICS 0"


def days_with_partition(cursor: Any) -> list[date]:
    """The days that have a partition of their own, oldest first."""
    cursor.execute(_PARTITIONS, [TABLE])
    tails = (name.removeprefix(_PREFIX) for (name,) in cursor.fetchall())
    return sorted(date.fromisoformat(tail) for tail in tails if tail.isdigit())


def function_statements(cursor: Any, days: int, role: str) -> list[str]:
    """What the owner runs so that both functions are what they must be, and `role` alone may
    call them. `days` is the policy's period."""
    schema, _ = _table(cursor)
    if schema is None or not faults(cursor, days, role):
        return []
    found = []
    for name, body in _bodies(schema, days).items():
        config = " ".join(f"SET {each.replace('=', ' = ', 1)}" for each in _CONFIG)
        config = config.replace("2s", "'2s'")
        found += [
            f"CREATE OR REPLACE FUNCTION {name}(vault date) RETURNS boolean LANGUAGE plpgsql "
            f"SECURITY DEFINER {config} AS $upheld${body}$upheld$",
            f"REVOKE ALL ON FUNCTION {name}(date) FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {name}(date) TO {quoted(role)}",
        ]
    return found


def faults(cursor: Any, days: int, role: str) -> list[str]:
    """The functions of these names that are not the owner's own, or may be called by others than
    `role`, and those that are not there."""
    schema, owner = _table(cursor)
    if schema is None:
        return []
    bodies = _bodies(schema, days)
    cursor.execute(_FUNCTIONS, [list(bodies)])
    rows = cursor.fetchall()
    wrong = {
        name
        for name, *told in rows
        if told != [bodies[name], True, _CONFIG, owner, [role]]
    }  # fmt: skip
    named = [name for name, *_ in rows]
    return sorted(wrong | {name for name in bodies if named.count(name) != 1})


def _table(cursor: Any) -> tuple[str | None, int]:
    cursor.execute(_THERE, [TABLE])
    row = cursor.fetchone()
    return (str(row[0]), row[1]) if row else (None, 0)


def _bodies(schema: str, days: int) -> dict[str, str]:
    words = {
        "today": _TODAY, "part": _PART, "alone": _ALONE, "table": TABLE, "days": days,
        "schema": "'" + schema.replace("'", "''") + "'",
    }  # fmt: skip
    return {MAKE: _MAKE_BODY.format(**words), DROP: _DROP_BODY.format(**words)}
