"""What is charged is what the last page showed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.upheld_store.buyer import Buyer
from upheld.policy import current, install
from upheld_store.catalog.models import Plan
from upheld_store.orders.models import Order

pytestmark = pytest.mark.django_db


def test_a_changed_price_is_asked_again(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.put(stock["plain"])
    shown = buyer.shown()
    Plan.objects.filter(pk=stock["plain"].pk).update(price_minor=900)
    answer = buyer.send(shown=shown)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "9.00" in page and "ada@example.com" in page and "Something changed" in page
    assert not Order.objects.exists()
    buyer.send()
    assert Order.objects.get().total_minor == 900


def test_a_changed_policy_is_asked_again(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.put(stock["plain"])
    shown, policy = buyer.shown(), current()
    try:
        install(replace(policy, version=policy.version + 1))
        assert buyer.send(shown=shown).status_code == 409
        buyer.send()
    finally:
        install(policy)
    assert Order.objects.get().policy_version == policy.version + 1


@pytest.mark.parametrize("shown", ["", "0" * 64, "x" * 65, "²" * 64])
def test_a_skipped_step_is_asked_again(buyer: Buyer, stock: dict[str, Plan], shown: str) -> None:
    buyer.put(stock["plain"])
    form = {"email": "ada@example.com", "name": "", "shown": shown}
    assert buyer.client.post("/checkout/", form).status_code in {400, 409}
    assert not Order.objects.exists()


def test_an_unpaid_order_at_another_price_is_not_charged(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    """The same cart, come back to after the price rose: the page shows the new total, and that
    is what the gateway is asked for; the old page still asks for what it showed."""
    old = buyer.to_page(stock["plain"])
    Plan.objects.filter(pk=stock["plain"].pk).update(price_minor=900)
    new = buyer.send().headers["Location"]
    assert new != old
    assert [session.amount for session in buyer.gateway.book.sessions()] == [700, 900]
    page = buyer.come_back(buyer.pay(new)).headers["Location"]
    assert buyer.facts(page)["total_minor"] == 900


def test_a_changed_cart_is_another_order(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.to_page(stock["plain"])
    buyer.put(stock["plain"], 2)
    buyer.send()
    assert sorted(Order.objects.values_list("total_minor", flat=True)) == [700, 1400]


def test_hidden_facts_in_the_form_are_ignored(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.put(stock["plain"])
    form = {
        "email": "ada@example.com",
        "name": "",
        "shown": buyer.shown(),
        "price": "1",
        "total_minor": "1",
        "currency": "JPY",
        "state": "paid",
    }
    buyer.client.post("/checkout/", form)
    order = Order.objects.get()
    assert (order.total_minor, order.currency, order.state) == (700, "USD", "awaiting_payment")


def test_a_withdrawn_plan_drops_out(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.put(stock["plain"])
    buyer.put(stock["licensed"])
    shown = buyer.shown()
    Plan.objects.filter(pk=stock["plain"].pk).update(active=False)
    answer = buyer.send(shown=shown)
    assert answer.status_code == 409 and "19.00" in answer.content.decode()
    Plan.objects.filter(pk=stock["licensed"].pk).update(active=False)
    assert buyer.send(shown=shown).status_code == 409
    assert not Order.objects.exists()


def test_a_filled_in_form_comes_back_filled(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.put(stock["plain"])
    form = {"email": "no address", "name": "Ada", "shown": buyer.shown()}
    answer = buyer.client.post("/checkout/", form)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "no address" in page and "looks like name@example.com" in page


def test_an_empty_cart_checks_nothing_out(buyer: Buyer, stock: dict[str, Plan]) -> None:
    answer = buyer.client.get("/checkout/")
    assert answer.status_code == 200 and "Nothing to check out" in answer.content.decode()
    assert buyer.client.post("/checkout/", {"email": "a@example.com"}).status_code == 200
