"""Disputes on the staff pages: what waits, until when, and what to do; nobody's name."""

from __future__ import annotations

import pytest

from tests.upheld_store.buyer import Buyer
from tests.upheld_store.staff.desk import member
from upheld_store.catalog.models import Plan
from upheld_store.orders.models import Order

pytestmark = pytest.mark.django_db


def test_what_waits_and_what_was_decided(buyer: Buyer, stock: dict[str, Plan]) -> None:
    _, client = member("support")
    assert "No payment is disputed" in client.get("/staff/disputes/").content.decode()
    buyer.buy(stock["licensed"])
    number = Order.objects.get().number
    session = buyer.gateway.book.sessions()[0]
    made = buyer.gateway.api.dispute(session, 1900, "product_not_received", inquiry=False)
    assert buyer.hear().status_code == 200
    page = client.get("/staff/disputes/").content.decode()
    assert number in page and "product not received" in page and "$19.00" in page
    assert "Do not refund here" in page and "ada@example.com" not in page
    assert "1 payment<" in client.get("/staff/").content.decode()
    order = client.get(f"/staff/orders/{number}/").content.decode()
    assert "What to do about a dispute" in order and "or less, by" not in order
    buyer.gateway.api.decide(made, "lost")
    assert buyer.hear().status_code == 200
    page = client.get("/staff/disputes/").content.decode()
    assert "decided for the buyer" in page and "No payment is disputed" in page
