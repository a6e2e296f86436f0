"""Django's database wrapper for PostgreSQL, guarded by the purpose monitor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient
from django.db.backends.postgresql.psycopg_any import register_tzloader

from upheld.db.postgresql import driver
from upheld.db.postgresql.connection import GuardedConnection
from upheld.db.postgresql.cursor import GuardedCursor, GuardedServerCursor
from upheld.db.postgresql.roles import OWN
from upheld.db.purpose import no_purpose
from upheld.policy.errors import UndeclaredPurpose


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
    """Takes Django's settings, and `OWNER`: what the login of the tables' owner has otherwise."""

    Database = driver
    client_class = NoClient

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = self.settings_dict["OPTIONS"]
        if pool := options.get("pool"):
            given = pool if isinstance(pool, dict) else {}
            options["pool"] = {**given, "connection_class": GuardedConnection}

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, with our cursors; a session begins in UTC, because asking for it later would
        take `set_config`, which is revoked."""
        options = self.settings_dict["OPTIONS"]
        if options.get("assume_role"):
            raise ImproperlyConfigured("assume_role would pass the purpose roles by. Take it out.")
        params: dict[str, Any] = super().get_connection_params()
        params["cursor_factory"] = GuardedCursor
        params["options"] = f"{params.get('options', '')} -c TimeZone=UTC".strip()
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A guarded connection, its role unknown: a pool's still has its last borrower's."""
        connection = super().get_new_connection(conn_params)
        connection.forget_role()
        connection.server_cursor_factory = GuardedServerCursor
        connection.schema_role = self.settings_dict.get("SCHEMA_ROLE", OWN)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """Django's; a named one is guarded too."""
        if not name:
            return super().create_cursor()
        cursor = GuardedServerCursor(  # type: ignore[call-arg]  # the mixin hides the driver's
            self.connection, name=name, scrollable=False, withhold=self.connection.autocommit
        )
        register_tzloader(self.timezone, cursor)
        return cursor

    def run_and_clear_commit_hooks(self) -> None:
        """After a commit, with no purpose: a hook would otherwise run in whichever purpose the
        outermost transaction happened to end in."""
        with no_purpose():
            super().run_and_clear_commit_hooks()
