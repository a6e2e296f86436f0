"""Refunds by staff: looked at twice, sent once, for those whose role it is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from tests.upheld_store.buyer import Buyer
from tests.upheld_store.staff.desk import member
from upheld_store.catalog.models import Plan
from upheld_store.orders.models import Order
from upheld_store.payments.models import Refund

pytestmark = pytest.mark.django_db


def form_of(page: bytes) -> dict[str, str]:
    """The hidden inputs of the first form that names a payment."""
    found = re.findall(r'name="(payment|refund_id)" value="([0-9a-f-]{36})"', page.decode())
    return dict(found[:2])


@pytest.fixture
def order(buyer: Buyer, stock: dict[str, Plan]) -> Order:
    buyer.buy(stock["licensed"])
    return Order.objects.get()


def send(client: Client, order: Order, **said: Any) -> Any:
    form = form_of(client.get(f"/staff/orders/{order}/").content)
    return client.post(f"/staff/orders/{order}/refund/", {**form, "reason": "requested", **said})


def test_it_is_shown_before_it_is_sent_and_sent_once(buyer: Buyer, order: Order) -> None:
    _, client = member("sales")
    page = send(client, order, amount="5.00")
    assert page.status_code == 200 and "Send $5.00 back?" in page.content.decode()
    assert not Refund.objects.exists()
    sure = {**form_of(page.content), "reason": "requested", "amount": "5.00", "sure": "on"}
    for _ in range(2):
        assert client.post(f"/staff/orders/{order}/refund/", sure).status_code == 303
    assert [row.amount_minor for row in Refund.objects.all()] == [500]
    assert [row.amount for row in buyer.gateway.book.refunds()] == [500]
    after = client.get(f"/staff/orders/{order}/").content.decode()
    assert "Went back" in after and 'value="14.00"' in after


def test_all_of_it_ends_the_order(order: Order) -> None:
    _, client = member("owner")
    assert send(client, order, amount="19", sure="on").status_code == 303
    order.refresh_from_db()
    assert order.state == "refunded"
    assert b"or less, by" not in client.get(f"/staff/orders/{order}/").content


@pytest.mark.parametrize("amount", ["19.01", "0", "-1", "0.001", "x", ""])
@pytest.mark.parametrize("sure", ["", "on"])
def test_what_cannot_go_back_does_not(order: Order, amount: str, sure: str) -> None:
    _, client = member("owner")
    page = send(client, order, amount=amount, sure=sure)
    assert page.status_code == 400 and b'role="alert"' in page.content
    assert not Refund.objects.exists()


def test_another_orders_payment_is_no_payment_of_this_one(order: Order) -> None:
    _, client = member("owner")
    page = send(client, order, amount="1", sure="on", payment=str(order.pk))
    assert page.status_code == 400 and not Refund.objects.exists()


def test_support_sees_no_form_and_sends_nothing(order: Order) -> None:
    _, owner = member("owner")
    form = form_of(owner.get(f"/staff/orders/{order}/").content)
    _, client = member("support")
    assert form_of(client.get(f"/staff/orders/{order}/").content) == {}
    said = {**form, "amount": "1", "reason": "requested", "sure": "on"}
    assert client.post(f"/staff/orders/{order}/refund/", said).status_code == 403
    assert not Refund.objects.exists()
