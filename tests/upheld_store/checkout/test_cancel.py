"""An order that is not paid is given up by its buyer: its page goes, what was set aside is free."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tests.upheld_store.buyer import Buyer
from tests.upheld_store.checkout.books import assert_books_agree, reconcile
from tests.upheld_store.pool import pooled
from upheld_store.catalog.models import Plan
from upheld_store.checkout import cancel_order as canceling
from upheld_store.checkout.match_transfer import match_transfer
from upheld_store.licensing.models import PooledKey
from upheld_store.orders.models import Order
from upheld_store.payments.models import Payment

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("take_payment")]


def page_of(order: Order) -> str:
    return order.page_path(order.first_token())


def cancel(buyer: Buyer) -> Any:
    return buyer.client.post(f"{page_of(Order.objects.get())}cancel/")


def test_the_page_goes_and_the_keys_are_free(buyer: Buyer, stock: dict[str, Plan]) -> None:
    pooled(stock["licensed"], "NW-only")
    buyer.to_page(stock["licensed"])
    assert "Cancel this order" in buyer.client.get(page_of(Order.objects.get())).content.decode()
    answer = cancel(buyer)
    assert answer.status_code == 303
    assert buyer.facts(answer["Location"])["state"] == "canceled"
    assert "nothing was charged" in buyer.client.get(answer["Location"]).content.decode()
    assert [session.status for session in buyer.gateway.book.sessions()] == ["expired"]
    assert not PooledKey.objects.exclude(line=None).exists()
    page = Buyer(buyer.gateway).buy(stock["licensed"], "grace@example.com")
    assert buyer.facts(page)["state"] == "paid"
    assert reconcile() == 0


def test_the_cart_stays_and_can_become_another_order(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.to_page(stock["licensed"])
    cancel(buyer)
    assert "Licensed thing" in buyer.client.get("/cart/").content.decode()
    page = buyer.come_back(buyer.pay(buyer.send()["Location"]))["Location"]
    assert buyer.facts(page)["state"] == "paid"
    assert sorted(Order.objects.values_list("state", flat=True)) == ["canceled", "paid"]


def test_paid_meanwhile_it_stays(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.pay(buyer.to_page(stock["licensed"]))
    page = cancel(buyer)["Location"]
    assert buyer.facts(page)["state"] == "paid"
    assert cancel(buyer).status_code == 303
    assert buyer.facts(page)["state"] == "paid"
    assert_books_agree(buyer.gateway)


def test_the_gateway_does_not_answer(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """The page could still be paid on, so the order waits."""
    buyer.to_page(stock["licensed"])
    buyer.trouble(api="500")
    assert cancel(buyer).status_code == 503
    assert Order.objects.get().state == "awaiting_payment"


def test_a_transfer_that_comes_all_the_same_buys_it(
    buyer: Buyer, stock: dict[str, Plan], settings: Any
) -> None:
    settings.UPHELD_GATEWAYS = ("transfer",)
    buyer.put(stock["licensed"])
    page = buyer.send()["Location"]
    cancel(buyer)
    assert buyer.facts(page)["state"] == "canceled"
    match_transfer(Order.objects.get().number, 1900, timezone.now())
    assert buyer.facts(page)["state"] == "paid"


def test_only_by_its_link(buyer: Buyer) -> None:
    assert buyer.client.post(f"/orders/{'A' * 43}/cancel/").status_code == 404


def test_without_taking_the_page_away_it_could_be_paid(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(canceling, "leave_page", lambda *_: True)
    buyer.to_page(stock["licensed"])
    cancel(buyer)
    assert [session.status for session in buyer.gateway.book.sessions()] == ["open"]
    assert Payment.objects.get().state == "open"
