"""Ways round the roles that were seen or thought of. Each returns what it got hold of: text with
the marker in it, or True where it learned a fact about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connections

from tests.upheld.db import ways as everywhere
from tests.upheld.db.bypass_database import ALIAS, CONTACT, MARK
from tests.upheld.db.ways import contacts, run

Way = Callable[[], Any]
ROLE = "upheld_bypass_p_deliver_order"
READ = f"SELECT email FROM {CONTACT}"

# They read as they are; a superuser's answer shows that each would work.
_ON_SQLITE_ALONE = {
    "quoted and qualified", "bracketed", "group_concat", "json_object", "json_group_array",
    "json_each", "hex and back", "printf", "index", "replace", "explain query plan",
    "update returning", "delete returning", "insert select", "update from", "update subquery",
    "upsert", "other case", "limit oracle",
}  # fmt: skip
READS: dict[str, Way] = {
    name: way
    for name, way in everywhere.WAYS.items()
    if name.startswith(("sql ", "orm ", "repr", "pickle", "model_to_dict", "serializer"))
    and name.removeprefix("sql ") not in _ON_SQLITE_ALONE
    and name not in {"orm update subquery", "executemany"}
}
_READ_SQL = {
    "copy": f"COPY {CONTACT} TO STDOUT",
    "explain analyze": f"EXPLAIN ANALYZE {READ}",
    "table": f"TABLE {CONTACT}",
    "string_agg": f"SELECT string_agg(email, ',') FROM {CONTACT}",
    "row_to_json": f"SELECT row_to_json(c) FROM {CONTACT} AS c",
    "whole row": f"SELECT c::text FROM {CONTACT} AS c",
    "query_to_xml": f"SELECT query_to_xml('{READ}', true, true, '')",
    "lateral": f"SELECT l.email FROM store_orders_order o, LATERAL (SELECT * FROM {CONTACT}) l",
    "parenthesized": f"({READ}) UNION ({READ})",
    "tablesample": f"SELECT email FROM {CONTACT} TABLESAMPLE SYSTEM (100)",
    "update returning": f"UPDATE {CONTACT} SET name = name RETURNING email",
    "on conflict": (
        f"INSERT INTO {CONTACT} (order_id, email, name) SELECT id, 'x', '' FROM store_orders_order "
        "ON CONFLICT (order_id) DO UPDATE SET name = 'x' RETURNING email"
    ),
    "create table as": f"CREATE TABLE taken AS {READ}",
    "select into": f"SELECT email INTO taken2 FROM {CONTACT}",
    "temporary table": f"CREATE TEMPORARY TABLE taken3 AS {READ}",
    "temporary table by select": f"SELECT email INTO TEMPORARY taken4 FROM {CONTACT}",
    "truncate": "TRUNCATE store_orders_orderlink",
    "lock": f"LOCK TABLE {CONTACT}",
    "create view": f"CREATE VIEW mine AS {READ}",
    "create function": f"CREATE FUNCTION f() RETURNS text LANGUAGE sql AS '{READ} LIMIT 1'",
    "do": "DO $$ BEGIN PERFORM 1; END $$",
    "analyze": f"ANALYZE {CONTACT}",
    "grant": f"GRANT SELECT ON {CONTACT} TO PUBLIC",
    "pg_statistic": "SELECT count(*) FROM pg_statistic",
    "large object": "SELECT lo_from_bytea(0, 'x')",
    "large object made": "SELECT lo_create(0)",
    "server file": "SELECT pg_read_file('PG_VERSION')",
    "passwords": "SELECT rolpassword FROM pg_authid",
    "listen": "LISTEN x",
    "declare": f"DECLARE c CURSOR WITH HOLD FOR {READ}",
    "empty": "",
    "comment alone": "/* */",
}


def _read(sql: str) -> Any:
    rows = run(sql)
    return rows if MARK in str(rows) else True


READS |= {f"sql {name}": lambda sql=sql: _read(sql) for name, sql in _READ_SQL.items()}


def _driver() -> Any:
    connections[ALIAS].ensure_connection()
    return connections[ALIAS].connection


def _then_read(*before: str) -> Any:
    for sql in before:
        run(sql)
    return run(READ)


def _raw(*statements: str) -> Any:
    for sql in statements[:-1]:
        _driver().execute(sql)
    return _driver().execute(statements[-1]).fetchall()


def _inside(opened: str) -> Any:
    with getattr(_driver(), opened)():
        return _raw(f"SET ROLE {ROLE}", READ)


# They choose a role; the run login's own, without the guard, shows that each would work.
CHOICES: dict[str, Way] = {
    name: lambda before=before: _then_read(*before)
    for name, before in {
        "set role": [f"SET ROLE {ROLE}"],
        "set session role": [f"SET SESSION ROLE {ROLE}"],
        "set local role": [f"SET role TO {ROLE}"],
        "set_config": [f"SELECT set_config('role', '{ROLE}', false)"],
        "qualified set_config": [f"SELECT pg_catalog.set_config('role', '{ROLE}', false)"],
        "set_config in a cte": [
            f"WITH x AS (SELECT set_config('role', '{ROLE}', false) AS y) SELECT y FROM x"
        ],
        "pg_settings": [f"UPDATE pg_settings SET setting = '{ROLE}' WHERE name = 'role'"],
        "several commands": [f"SELECT 1; SET ROLE {ROLE}"],
        "several commands after a comment": [f"/* x */ SELECT 1; SET ROLE {ROLE}; SELECT 2"],
        "comment first": [f"/* SELECT */ SET ROLE {ROLE}"],
        "nested comment": [f"/* /* */ SELECT */ SET ROLE {ROLE}"],
        "line comment ended by a return": [f"-- x\rSET ROLE {ROLE} -- \nSELECT"],
        "prepared": [f"PREPARE p AS {READ}", f"SET ROLE {ROLE}"],
        "execute immediate": [f"DO $$ BEGIN EXECUTE 'SET ROLE {ROLE}'; END $$"],
    }.items()
}
CHOICES |= {
    "raw execute": lambda: _raw(f"SET ROLE {ROLE}", READ),
    "raw cursor prepared": lambda: [
        _driver().cursor().execute(f"SET ROLE {ROLE}", prepare=True),
        _driver().execute(READ).fetchall(),
    ],
    "raw transaction": lambda: _inside("transaction"),
    "raw pipeline": lambda: _inside("pipeline"),
}
# A copy or a stream passes a guard that looks at execute() alone.
READS |= {
    "raw copy": lambda: b"".join(map(bytes, _copied())),
    "raw stream": lambda: list(_driver().cursor().stream(READ)),
    "iterator": lambda: [row.email for row in contacts.iterator(chunk_size=1)],
}


def _copied() -> Any:
    with _driver().cursor().copy(f"COPY {CONTACT} TO STDOUT") as copy:
        return list(copy)


def _named() -> Any:
    connection = _driver()
    connection.autocommit = False
    try:
        with connection.cursor(name="mine") as cursor:
            cursor.execute(READ)
            return cursor.fetchall()
    finally:
        connection.rollback()
        connection.autocommit = True


READS["raw named cursor"] = _named
