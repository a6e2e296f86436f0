"""Every known way round the purpose monitor is refused; without the monitor each one works."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.upheld.db.bypass_database import MARK, bypass_database
from tests.upheld.db.ways_by_connection import WAYS
from upheld.db import entry_point
from upheld.db.sqlite.connection import GuardedConnection
from upheld.policy.errors import UndeclaredPurpose

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def database(tmp_path: Path, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), bypass_database(tmp_path / "bypass.sqlite3"):
        yield


@pytest.fixture
def unguarded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, django_db_blocker: Any
) -> Iterator[None]:
    """The same database with every connection left as the driver makes it."""
    monkeypatch.setattr(GuardedConnection, "guard", lambda self: None)
    with django_db_blocker.unblock(), bypass_database(tmp_path / "bypass.sqlite3"):
        yield


def test_there_are_enough_ways() -> None:
    assert len(WAYS) >= 100


@pytest.mark.parametrize("name", sorted(WAYS))
def test_is_refused(name: str, database: None) -> None:
    with entry_point("route", "catalog:home"), pytest.raises(UndeclaredPurpose) as caught:
        WAYS[name]()
    told = "".join(traceback.format_exception(caught.value, chain=True))
    assert MARK not in told
    assert "Remedy: " in str(caught.value)
    assert "DatabaseError" not in told


@pytest.mark.parametrize("name", sorted(WAYS))
def test_works_without_the_monitor(name: str, unguarded: None) -> None:
    with entry_point("route", "catalog:home"):
        found = WAYS[name]()
    assert found is True or MARK in str(found)
