"""A database as deploy/postgresql.sql makes it, used by the login that the store runs as."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db import connections

from tests.upheld.db.bypass_database import ALIAS, MARK, plant
from upheld.db import entry_point
from upheld.policy import current

NAME, RUN, OWNER, SUPERUSER = "upheld_bypass", "upheld_run", "upheld_owner", "upheld"


@contextmanager
def alias(login: str = RUN, **more: Any) -> Iterator[Any]:
    """The alias `bypass`, logged in so; `more` goes over the settings."""
    here = {name: connections.settings["default"][name] for name in ("HOST", "PORT", "PASSWORD")}
    settings = connections.settings["default"] | {"NAME": NAME, "USER": login, "SCHEMA_ROLE": None}
    settings |= {"OWNER": {"NAME": NAME, "USER": OWNER, **here}, "OPTIONS": {}}
    outer = connections.settings.get(ALIAS)
    if outer is not None:
        connections[ALIAS].close()
        del connections[ALIAS]
    connections.settings[ALIAS] = settings | more
    try:
        yield connections[ALIAS]
    finally:
        connections[ALIAS].close()
        del connections[ALIAS]
        del connections.settings[ALIAS]
        if outer is not None:
            connections.settings[ALIAS] = outer


@contextmanager
def stock(login: str) -> Iterator[Any]:
    """The same through Django's own back end: what the guard is there against."""
    options = {"options": "-c TimeZone=UTC"}
    engine = "django.db.backends.postgresql"
    with alias(login, ENGINE=engine, OPTIONS=options) as connection:
        yield connection


def superuser(sql: str) -> None:
    """Once, past everything."""
    with stock(SUPERUSER) as connection, connection.cursor() as cursor:
        cursor.execute(sql)


def prepare() -> None:
    """Tables, roles, grants and one order of MARK."""
    from upheld.db.postgresql.owner import as_owner, settle

    remove()
    with alias() as connection, entry_point("command", "migrate"), as_owner(connection):
        call_command("migrate", database=ALIAS, interactive=False, verbosity=0)
        settle(connection, current(), RUN)
    with alias():
        plant(MARK)


def remove() -> None:
    """Whatever a run before this one left."""
    from upheld.db.postgresql.owner import as_owner

    with (
        alias() as connection,
        entry_point("command", "migrate"),
        as_owner(connection),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'DROP TABLE IF EXISTS "{table}" CASCADE')
