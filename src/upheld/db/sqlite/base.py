"""Django's database wrapper for SQLite, guarded by the purpose monitor from its first statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from django.db import IntegrityError
from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3._functions import (  # type: ignore[import-untyped]  # no stubs
    register as register_functions,
)
from django.db.backends.sqlite3.client import DatabaseClient

from upheld.db.purpose import no_purpose
from upheld.db.sqlite.connection import GuardedConnection
from upheld.db.sqlite.cursor import DjangoCursor
from upheld.db.sqlite.driver import Database
from upheld.db.sqlite.pragmas import PRAGMAS
from upheld.policy.errors import UndeclaredPurpose

BUSY_SECONDS = 20


class NoClient(DatabaseClient):
    """`dbshell` is another program: the monitor would see nothing of it."""

    def runshell(self, parameters: Iterable[str]) -> NoReturn:
        """Always raises `UndeclaredPurpose`."""
        raise UndeclaredPurpose(
            clause="P44",
            field="dbshell",
            problem="passes the purpose monitor by",
            remedy="Use `upheld shell --for PURPOSE --reason TEXT`.",
        )


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes Django's settings; `transaction_mode` is IMMEDIATE, so two writers queue instead of
    failing half-way."""

    Database = Database
    client_class = NoClient

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, with our defaults under what the settings say."""
        options = self.settings_dict["OPTIONS"]
        options.setdefault("transaction_mode", "IMMEDIATE")
        options.setdefault("timeout", BUSY_SECONDS)
        params: dict[str, Any] = super().get_connection_params()
        return params | {"factory": GuardedConnection}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection with Django's functions and our pragmas, guarded."""
        connection = Database.connect(**conn_params)
        register_functions(connection)
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name} = {value}")
        connection.guard()
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that takes Django's placeholders."""
        return self.connection.cursor(factory=DjangoCursor)

    def check_constraints(self, table_names: Iterable[str] | None = None) -> None:
        """Raises `IntegrityError` for a broken foreign key; Django's own would print the values."""
        with self.cursor() as cursor:
            tables = list(table_names) if table_names is not None else [None]
            for table in tables:
                name = f"({self.ops.quote_name(table)})" if table else ""
                row = cursor.execute(f"PRAGMA foreign_key_check{name}").fetchone()
                if row is not None:
                    raise IntegrityError(
                        f"A row of {row[0]} refers to a row of {row[2]} that does not exist."
                    )

    def run_and_clear_commit_hooks(self) -> None:
        """After a commit, with no purpose: a hook would otherwise run in whichever purpose the
        outermost transaction happened to end in."""
        with no_purpose():
            super().run_and_clear_commit_hooks()
