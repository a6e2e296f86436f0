"""B4: fifty submits of one cart at the same moment are one order and one payment page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.upheld_store.at_once import at_once
from tests.weather.buyer import Buyer, Seen
from tests.weather.store import Store

pytestmark = pytest.mark.own_servers

SUBMITS = 50


def race(store: Store, rounds: int) -> tuple[Seen, list[set[str]]]:
    """So many carts, each submitted fifty times at once; the places each cart was sent to."""
    seen, places = Seen(), []
    for number in range(rounds):
        buyer = Buyer(store, seen, timeout=60)
        buyer.fill_cart()
        form = buyer.form(f"race{number}@example.com")
        jar = dict(buyer.jar)

        def submit(_: int, form: dict[str, str] = form, jar: dict[str, str] = jar) -> str:
            one = Buyer(store, seen, jar=dict(jar), timeout=60)
            return one.until((303,), "POST", "/checkout/", **form).location

        places.append(set(at_once(SUBMITS, submit)))
        for url in places[-1]:
            buyer.note_placed(url)
    return seen, places


@pytest.mark.parametrize(
    "rounds",
    [2, pytest.param(20, marks=pytest.mark.deep), pytest.param(200, marks=pytest.mark.deep)],
)
def test_one_order_each(weather_store: Callable[..., Store], rounds: int) -> None:
    store = weather_store().start()
    seen, places = race(store, rounds)
    assert [len(found) for found in places] == [1] * rounds
    assert len(store.gateway.book.sessions()) == rounds
    store.kill()
    assert store.violations(seen.evidence(carts=rounds)) == []


def test_without_the_constraint_it_would_show(weather_store: Callable[..., Store]) -> None:
    store = weather_store(sabotage="every_submit_a_cart").start()
    seen, places = race(store, 1)
    store.kill()
    assert len(places[0]) > 1
    assert any("carts became" in text for text in store.violations(seen.evidence(carts=1)))
