"""B1: the whole process group is killed at random moments, while four people buy, some of their
money goes back and a day's key is due for destruction; they go on where they were, and nothing is
lost, doubled or half there."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.weather.buyer import Buyer, Gone, Seen
from tests.weather.old_vault import plant
from tests.weather.sabotage import HALF_DONE
from tests.weather.store import Store

pytestmark = pytest.mark.own_servers

BUYERS = 4
RESTART_SECONDS_MAX = 15.0  # two workers on a machine that has other work to do


@dataclass
class Crowd:
    """Four buyers who buy again and again until they are told to go home."""

    store: Store
    seen: Seen = field(default_factory=Seen)
    closing: threading.Event = field(default_factory=threading.Event)
    failures: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.threads = [threading.Thread(target=self._shop, args=(n,)) for n in range(BUYERS)]
        for thread in self.threads:
            thread.start()

    def _shop(self, number: int) -> None:
        bought = 0
        while not self.closing.is_set():
            try:
                Buyer(self.store, self.seen, timeout=8).buy(f"b{number}.{bought}@example.com")
                bought += 1
                if bought % 3 == 0:
                    self.send_back()
            except BaseException as error:  # shown by the test, whatever it is
                self.failures.append(error)
                return

    def send_back(self) -> None:
        """Somebody's money, from the gateway's own pages: the store hears of it, or asks."""
        api = self.store.gateway.api
        held = [s for s in api.book.sessions() if s.paid_by and not api.book.refunded(s)]
        if held:
            api.book.refund(held[0], held[0].amount, {}, "succeeded")
            api._announce_new_refunds()

    def go_home(self) -> None:
        """Each finishes the purchase that is begun."""
        self.closing.set()
        for thread in self.threads:
            thread.join(timeout=120)


def kill_often(store: Store, kills: int) -> tuple[Crowd, list[str]]:
    """The crowd, and the days whose keys were planted."""
    days = [plant(store, 60)]
    store.start()
    crowd = Crowd(store)
    for number in range(kills):
        if number % 4 == 3:
            # While it starts: this is when a key that is due is destroyed.
            time.sleep(0.3 + secrets.randbelow(900) / 1000)
        else:
            time.sleep(0.01 + secrets.randbelow(340) / 1000)
        store.kill()
        days.append(plant(store, 61 + number))
        if number % 4 == 2:
            store.begin()
        else:
            store.start()
    store.kill()
    store.start()
    crowd.go_home()
    return crowd, [day.isoformat() for day in days]


def verdict(store: Store, crowd: Crowd, days: list[str]) -> list[str]:
    """The oracle's, after the keeper has had its turn."""
    store.kill()
    store.settle()
    return store.violations(crowd.seen.evidence(planted_days=days, mailed=False))


@pytest.mark.parametrize(
    "kills",
    [2, pytest.param(60, marks=pytest.mark.deep), pytest.param(1000, marks=pytest.mark.deep)],
)
def test_nothing_is_lost(weather_store: Callable[..., Store], kills: int) -> None:
    store = weather_store()
    crowd, days = kill_often(store, kills)
    assert crowd.failures == []
    assert len(crowd.seen.paid) >= BUYERS
    assert verdict(store, crowd, days) == []
    slow = sorted(store.started_seconds)[len(store.started_seconds) // 2]
    assert slow < RESTART_SECONDS_MAX


def test_without_transactions_it_would_show(weather_store: Callable[..., Store]) -> None:
    """The control is killed where it is weak, for a random moment might not find that."""
    store = weather_store(sabotage="no_transactions")
    crowd = Crowd(store.start())
    half_done, deadline = store.folder / "home" / HALF_DONE, time.monotonic() + 60
    while not half_done.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    store.kill()
    store.start()
    crowd.go_home()
    found = verdict(store, crowd, [])
    assert any(text.startswith(("half", "I2", "I3", "I1")) for text in found), found
    assert all(isinstance(failure, AssertionError | Gone) for failure in crowd.failures)
