"""What the tests of whole processes need on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.db import connection


@pytest.fixture
def only_store_here() -> Iterator[None]:
    """The run login is one store's. In the server of the tests others' tests had it before, so
    the roles of their stores are taken from it first."""
    if connection.vendor != "postgresql":
        yield
        return
    psycopg, sql = import_module("psycopg"), import_module("psycopg.sql")
    address = {"host": connection.settings_dict["HOST"], "dbname": "postgres", "user": "upheld"}
    with psycopg.connect(**address, autocommit=True) as server:
        held = server.execute(
            "SELECT role.rolname, giver.rolname FROM pg_auth_members AS held "
            "JOIN pg_roles AS role ON role.oid = held.roleid "
            "JOIN pg_roles AS giver ON giver.oid = held.grantor "
            "WHERE held.member = 'upheld_run'::regrole"
        ).fetchall()
        for names in held:
            role, giver = (sql.Identifier(name) for name in names)
            # From PostgreSQL 16 on a membership is taken back in the name of who gave it.
            words = sql.SQL("REVOKE {} FROM upheld_run GRANTED BY {}").format(role, giver)
            server.execute(words)
    yield
