"""Case 33: the parent of a server is killed and its workers live on, beside a second server."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.weather.buyer import Buyer, Seen
from tests.weather.store import Store

pytestmark = pytest.mark.sqlite_only  # it is about the files of SQLite


def orphan(store: Store) -> None:
    """SIGKILL to the parent alone."""
    assert store.process is not None
    os.kill(store.process.pid, signal.SIGKILL)
    store.process.wait()


def buy_among_orphans(store: Store) -> list[str]:
    """The oracle's verdict after purchases at orphaned workers, with other processes opening and
    closing the database in between."""
    seen = Seen()
    store.start()
    Buyer(store, seen).buy("before@example.com")
    orphan(store)
    Buyer(store, seen).buy("orphan@example.com")
    assert store.verb("check").returncode == 0
    assert store.verb("keep").returncode == 0
    Buyer(store, seen).buy("last@example.com")
    store.kill()
    store.settle()
    return store.violations(seen.evidence(mailed=True))


def test_orphaned_workers_do_no_harm(weather_store: Callable[..., Store]) -> None:
    assert buy_among_orphans(weather_store()) == []


@pytest.mark.deep
def test_with_an_inherited_connection_it_would_show(weather_store: Callable[..., Store]) -> None:
    found = buy_among_orphans(weather_store(sabotage="inherited_connection"))
    assert found


def test_workers_inherit_no_database(weather_store: Callable[..., Store]) -> None:
    """An inherited connection would leave them without locks of their own (see `serve`)."""
    store = weather_store().start()
    assert store.process is not None
    files = [os.readlink(link) for link in Path(f"/proc/{store.process.pid}/fd").iterdir()]
    assert [name for name in files if "store.sqlite3" in name] == []


@pytest.mark.deep
def test_two_servers_on_one_database(weather_store: Callable[..., Store]) -> None:
    """Each with its own keeper; the parent of one is killed."""
    seen = Seen()
    one = weather_store().start()
    two = Store(folder=one.folder, workers=1, database=one.database)
    two.environ |= {name: one.environ[name] for name in ("UPHELD_PRACTICE_URL", "UPHELD_SMTP_URL")}
    try:
        two.gateway.stop()
        two.gateway = one.gateway
        one.gateway.api.store_origin = one.origin
        two.start()
        for number in range(3):
            Buyer(one, seen).buy(f"one{number}@example.com")
            assert two.answers("/products/")
        orphan(one)
        Buyer(one, seen).buy("orphan@example.com")
        two.kill()
        one.kill()
        one.settle()
        assert one.violations(seen.evidence(mailed=True)) == []
    finally:
        two.kill()
