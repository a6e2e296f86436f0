"""One prepared database for the whole run; each test gets a connection of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from tests.upheld.db.postgresql import server


@pytest.fixture(scope="session")
def prepared(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    if connection.vendor != "postgresql":
        pytest.skip("holds on PostgreSQL alone")
    with django_db_blocker.unblock():
        server.prepare()
        yield
        server.remove()


@pytest.fixture
def run_login(prepared: None, django_db_blocker: Any) -> Iterator[Any]:
    """Guarded, as the login that the store runs as."""
    with django_db_blocker.unblock(), server.alias() as guarded:
        yield guarded
