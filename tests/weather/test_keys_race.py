"""B5: buyers race for license keys while each webhook comes five times at once; every copy gets
one key, no key goes out twice, and no cart holds more than the catalog sells at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.upheld_store.at_once import at_once
from tests.weather.buyer import Buyer, Reply, Seen
from tests.weather.store import Store, run_python
from upheld_store.cart.cart import QUANTITY_MAX

pytestmark = pytest.mark.own_servers


def race(store: Store, buyers: int, copies: int) -> Seen:
    """Everyone is at the till first; then all pay at once and all come back at once."""
    seen = Seen()
    crowd = [Buyer(store, seen, timeout=60) for _ in range(buyers)]
    store.trouble(copies=5)
    tills = []
    for number, buyer in enumerate(crowd):
        buyer.fill_cart(quantity=copies)
        tills.append(buyer.place(f"racer{number}@example.com"))
    at_once(buyers, lambda n: crowd[n].look(crowd[n].pay(tills[n])))
    return seen


@pytest.mark.parametrize(
    ("buyers", "copies"), [(10, 3), pytest.param(40, 5, marks=pytest.mark.deep)]
)
def test_a_key_each(weather_store: Callable[..., Store], buyers: int, copies: int) -> None:
    store = weather_store().start()
    seen = race(store, buyers, copies)
    assert len(set(seen.paid)) == buyers
    store.kill()
    store.settle()
    assert store.violations(seen.evidence(carts=buyers, mailed=True)) == []


def test_from_one_pool_it_would_show(weather_store: Callable[..., Store]) -> None:
    """With keys drawn from 256 at most, some order lacks a key or shares one."""
    store = weather_store(sabotage="no_keys_of_their_own").start()
    seen = Seen()
    for number in range(2):
        Buyer(store, seen).buy(f"pool{number}@example.com", quantity=QUANTITY_MAX)
    store.kill()
    assert any(text.startswith("I3") for text in store.violations(seen.evidence()))


def pool_race(store: Store, seen: Seen, buyers: int, number: int) -> list[int]:
    """Everyone has it in the cart, then all press the button; those let through pay at once."""
    crowd = [Buyer(store, seen, timeout=300) for _ in range(buyers)]
    crowd[0].fill_cart()
    form = crowd[0].form("")
    page = crowd[0].once("GET", "/cart/").text
    plan = page.split('name="plan" value="')[1].split('"')[0]

    def fill(first: int) -> None:
        for buyer in crowd[first::16]:
            buyer.until((303,), "POST", "/cart/items/", plan=plan, quantity=1)

    at_once(16, fill)

    def press(n: int) -> Reply:
        said = form | {"email": f"racer{number}-{n}@example.com"}
        return crowd[n].until((303, 409), "POST", "/checkout/", **said)

    replies = at_once(buyers, press)
    tills = [(crowd[n], reply.location) for n, reply in enumerate(replies) if reply.status == 303]
    for buyer, url in tills:
        buyer.note_placed(url)
    at_once(len(tills), lambda n: tills[n][0].look(tills[n][0].pay(tills[n][1])))
    return [reply.status for reply in replies]


@pytest.mark.parametrize(
    ("rounds", "buyers", "keys"), [pytest.param(20, 500, 100, marks=pytest.mark.deep)]
)
def test_a_pool_is_sold_to_its_last_key_and_no_further(
    weather_store: Callable[..., Store],
    monkeypatch: pytest.MonkeyPatch,
    rounds: int,
    buyers: int,
    keys: int,
) -> None:
    """Everyone who is let through gets a key; the others hear it before they pay."""
    # So many at one till wait for their turn, and their patience is not what is tried here.
    monkeypatch.setattr("tests.weather.buyer.PATIENCE_SECONDS", 900)
    store, seen = weather_store().start(), Seen()
    store.trouble(copies=2)
    for number in range(rounds):
        filled = run_python(store.environ, "-m", "tests.weather.pool", str(keys), str(number))
        assert filled.stdout.strip() == str(keys), filled.stderr
        statuses = pool_race(store, seen, buyers, number)
        assert statuses.count(303) == keys, f"round {number}: {statuses.count(303)}"
    store.kill()
    store.settle()
    # The caught mail is not counted: the practice gateway keeps the newest thousand.
    assert store.violations(seen.evidence(carts=rounds * keys)) == []


def test_not_more_than_the_most(weather_store: Callable[..., Store]) -> None:
    """Case 10: repeated, many at once, or in other digits."""
    store, seen = weather_store(workers=1).start(), Seen()
    buyer = Buyer(store, seen)
    buyer.fill_cart(quantity=QUANTITY_MAX)
    page = buyer.once("GET", "/cart/").text
    plan = page.split('name="plan" value="')[1].split('"')[0]
    for quantity in (QUANTITY_MAX + 1, -1, "0.5", "٣", "1e3", 10**30, "", "+2 "):
        form = {"plan": plan, "quantity": quantity}
        assert buyer.once("POST", "/cart/items/", form).status == 400, quantity
    at_once(8, lambda _: buyer.once("POST", "/cart/items/", {"plan": plan, "quantity": 20}))
    assert f'value="{QUANTITY_MAX}"' in buyer.once("GET", "/cart/").text
