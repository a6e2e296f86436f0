"""Free orders mail a receipt to whoever is named, so there are few of them an hour."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.upheld_store.buyer import OWN, Buyer
from upheld.promises.mail.models import OutboxMail
from upheld_store.catalog.models import Plan
from upheld_store.customers.models import RateCount, RateKey
from upheld_store.orders.models import Order

pytestmark = pytest.mark.django_db

MOST = 6


def order_free(buyer: Buyer, plan: Plan, email: str) -> Buyer:
    """A new browser sends one more; the browser."""
    browser = Buyer(buyer.gateway, Client(**OWN))
    browser.put(plan)
    assert browser.send(email).status_code == 303
    return browser


def test_one_mailbox_is_not_filled(buyer: Buyer, stock: dict[str, Plan]) -> None:
    for number in range(MOST):
        order_free(buyer, stock["free"], f"Ada+{number}@example.com")
    buyer.put(stock["free"])
    answer = buyer.send("ada@EXAMPLE.com")
    page = answer.content.decode()
    assert answer.status_code == 429 and "we mail no more receipts" in page
    assert 'value="ada@EXAMPLE.com"' in page
    assert Order.objects.count() == OutboxMail.objects.count() == MOST
    order_free(buyer, stock["free"], "grace@example.com")


def test_neither_paid_orders_nor_repeated_clicks_count(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    browsers = [order_free(buyer, stock["free"], "ada@example.com") for _ in range(MOST - 1)]
    assert [order_free(buyer, stock["free"], "x@example.com")] and browsers
    buyer.put(stock["free"])
    shown = buyer.shown()
    cookies = buyer.client.cookies.output()
    for _ in range(3):  # the same cart, sent again before the answer came
        buyer.client.cookies.load(cookies.replace("Set-Cookie: ", ""))
        assert buyer.send(shown=shown).status_code == 303
    assert "/pay/" in Buyer(buyer.gateway, Client(**OWN)).to_page(stock["plain"])
    assert Order.objects.filter(total_minor=0).count() == MOST + 1


def test_no_address_is_kept_for_it(buyer: Buyer, stock: dict[str, Plan]) -> None:
    order_free(buyer, stock["free"], "zephyrine@example.com")
    kept = [*RateCount.objects.values_list("digest", "value"), *RateKey.objects.values_list("key")]
    assert RateCount.objects.exists() and "zephyrine" not in str(kept)


def test_without_the_brake_it_is_filled(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr("upheld_store.checkout.brake_free_orders.may_try", lambda *_: True)
    for _ in range(MOST + 1):
        order_free(buyer, stock["free"], "ada@example.com")
    assert OutboxMail.objects.count() == MOST + 1
