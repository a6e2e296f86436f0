"""Django's database wrapper for SQLite, with our driver and the pragmas the promises need."""

from __future__ import annotations

from typing import Any

from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3._functions import register as register_functions

from upheld.db.sqlite.cursor import DjangoCursor
from upheld.db.sqlite.driver import Database

# What a connection must have, each with the reason; `check_database` reads them back.
PRAGMAS = {
    "auto_vacuum": "INCREMENTAL",  # freed pages go back in small steps; only a new file takes it
    "journal_mode": "WAL",  # readers do not wait for the writer
    "synchronous": "FULL",  # an acknowledged order survives a power cut
    "secure_delete": "ON",  # what was removed is overwritten, not only unlinked
    "foreign_keys": "ON",
    "temp_store": "MEMORY",  # a sort of personal rows never reaches the disk
    "legacy_alter_table": "OFF",
}
BUSY_SECONDS = 20


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes Django's settings; `transaction_mode` is IMMEDIATE, so two writers queue instead of
    failing half-way."""

    Database = Database

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, with our defaults under what the settings say."""
        options = self.settings_dict["OPTIONS"]
        options.setdefault("transaction_mode", "IMMEDIATE")
        options.setdefault("timeout", BUSY_SECONDS)
        params: dict[str, Any] = super().get_connection_params()
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection with Django's functions and our pragmas."""
        connection = Database.connect(**conn_params)
        register_functions(connection)
        for name, value in PRAGMAS.items():
            connection.execute(f"PRAGMA {name} = {value}")
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that takes Django's placeholders."""
        return self.connection.cursor(factory=DjangoCursor)
