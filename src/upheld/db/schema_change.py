"""Changing the schema: as the owner where the database has one, and with grants that fit after."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from upheld.policy import current


@contextmanager
def schema_change() -> Iterator[None]:
    """Around `migrate`, at an entry point that may change the schema. On PostgreSQL the roles and
    grants of the policy in force follow, and personal columns get no planner statistics."""
    if connection.vendor != "postgresql":
        yield
        return
    # PostgreSQL's driver is not installed everywhere.
    owner = importlib.import_module("upheld.db.postgresql.owner")
    login = connection.settings_dict["USER"]
    with owner.as_owner(connection):
        yield
        owner.settle(connection, current(), login)
