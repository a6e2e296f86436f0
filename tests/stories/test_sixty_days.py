"""P20 on the real server: on day 59 the card's last digits can be read, on day 60 they cannot,
before and after a restart, and the promises page says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from threading import Event
from time import monotonic

import pytest
from playwright.sync_api import Page

from tests.stories import buyer
from tests.stories.running_store import RunningStore

pytestmark = [pytest.mark.browser, pytest.mark.faketime]


def restart(store: RunningStore, clock: str | None) -> None:
    store.stop()
    store.clock = clock
    store.start()


def day_keys(store: RunningStore) -> list[str]:
    return sorted(path.name for path in (store.keys / "days").iterdir())


def test_day_59_and_day_60(own_store: Callable[..., RunningStore], page: Page) -> None:
    store = own_store()
    sold_on = datetime.now(UTC).date()
    order = buyer.buy(page, store, "sixty@example.com").removeprefix(store.origin)
    assert "ending in 4242" in store.get(order)
    assert f"{sold_on}.key" in day_keys(store)

    restart(store, "+59d")
    assert "ending in 4242" in store.get(order)
    assert f"{sold_on}.key" in day_keys(store)

    restart(store, "+60d")
    assert f"{sold_on}.key" not in day_keys(store)
    text = store.get(order)
    assert "4242" not in text and "no longer" in text
    proven = store.run("prove")
    assert [line for line in proven.stdout.splitlines() if " broken " in line] == []
    assert proven.returncode == 0
    assert store.promises()["P20"]["state"] == "kept"

    # Turning the clock back opens nothing: the key is gone.
    restart(store, "+1d")
    assert "4242" not in store.get(order)


def test_midnight_comes_while_it_runs(own_store: Callable[..., RunningStore], page: Page) -> None:
    """The server is started on day 59 and not again: its keeper does it at 00:00 UTC."""
    store = own_store()
    sold_on = datetime.now(UTC).date()
    order = buyer.buy(page, store, "midnight@example.com").removeprefix(store.origin)
    midnight = datetime.combine(sold_on + timedelta(days=60), time.min, UTC)
    ahead = midnight - timedelta(seconds=15) - datetime.now(UTC)
    restart(store, f"+{int(ahead.total_seconds())}")
    assert "ending in 4242" in store.get(order)
    deadline = monotonic() + 40
    while f"{sold_on}.key" in day_keys(store) and monotonic() < deadline:
        Event().wait(0.2)
    assert f"{sold_on}.key" not in day_keys(store)
    assert "4242" not in store.get(order)


def test_without_destruction_it_would_show(
    own_store: Callable[..., RunningStore], page: Page
) -> None:
    """A key that someone copied back while nothing ran is found, and the public row says so."""
    store = own_store()
    buyer.buy(page, store, "late@example.com")
    name = day_keys(store)[0]
    copy = (store.keys / "days" / name).read_bytes()
    restart(store, "+60d")
    store.stop()
    (store.keys / "days" / name).write_bytes(copy)
    (store.keys / "days" / name).chmod(0o600)
    assert store.run("prove").returncode == 1
    store.start()
    assert store.promises()["P20"]["state"] == "broken"
    assert name not in day_keys(store)
