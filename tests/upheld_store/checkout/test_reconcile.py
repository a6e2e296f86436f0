"""Payments that nobody reported: the reconciler asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.upheld_store.buyer import Buyer
from upheld.db import entry_point
from upheld_store.catalog.models import Plan
from upheld_store.checkout.reconcile import reconcile_open_payments
from upheld_store.orders.models import Order
from upheld_store.payments.models import Payment, PaymentState

pytestmark = pytest.mark.django_db


def reconcile(days: float = 0) -> int:
    with entry_point("command", "reconcile"):
        return reconcile_open_payments(timezone.now() + timedelta(days=days))


def test_webhook_lost_and_browser_closed(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.pay(buyer.to_page(stock["licensed"]))
    assert reconcile() == 1
    assert Order.objects.get().state == "paid"
    assert reconcile() == 0


def test_an_open_page_stays_open(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.to_page(stock["plain"])
    assert reconcile() == 0
    assert Payment.objects.get().state == PaymentState.OPEN


def test_an_expired_page_is_closed(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.to_page(stock["plain"])
    buyer.gateway.book.expire(buyer.gateway.book.sessions()[0])
    assert reconcile() == 1
    assert Payment.objects.get().state == PaymentState.FAILED


def test_money_is_found_however_late(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """The store slept for a week: an open payment is asked about, not given up by its age."""
    buyer.pay(buyer.to_page(stock["plain"]))
    assert reconcile(days=7) == 1
    assert Order.objects.get().state == "paid"


def test_a_silent_gateway_is_asked_once_a_run(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.pay(buyer.to_page(stock["plain"]))
    other = Buyer(buyer.gateway)
    other.pay(other.to_page(stock["plain"], "other@example.com"))
    buyer.gateway.api.troubles = buyer.gateway.api.troubles.changed({"api": "500", "api_times": 1})
    assert reconcile() == 0
    assert buyer.gateway.api.troubles.api == ""
    assert reconcile() == 2


def test_a_payment_the_gateway_never_answered_is_given_up(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    buyer.put(stock["plain"])
    buyer.gateway.api.troubles = buyer.gateway.api.troubles.changed({"api": "500"})
    assert buyer.send().status_code == 503
    assert reconcile(days=0.9) == 0
    assert Payment.objects.get().state == PaymentState.OPEN
    reconcile(days=1.1)
    assert Payment.objects.get().state == PaymentState.FAILED
    buyer.gateway.api.troubles = buyer.gateway.api.troubles.changed({"reset": True})
    buyer.come_back(buyer.pay(buyer.send().headers["Location"]))
    assert Order.objects.get().state == "paid"


def test_paid_after_the_payment_was_given_up(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """Money that turns up for a failed payment still buys the order."""
    location = buyer.pay(buyer.to_page(stock["plain"]))
    Payment.objects.update(state=PaymentState.FAILED)
    buyer.come_back(location)
    assert (Order.objects.get().state, Payment.objects.get().state) == ("paid", PaymentState.PAID)


def test_a_second_payment_of_a_paid_order_goes_under_review(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    first = buyer.pay(buyer.to_page(stock["plain"]))
    Payment.objects.update(state=PaymentState.FAILED)
    second = buyer.pay(buyer.send().headers["Location"])
    buyer.come_back(second)
    buyer.come_back(first)
    assert Order.objects.get().state == "paid"
    states = sorted(Payment.objects.values_list("state", flat=True))
    assert states == [PaymentState.PAID, PaymentState.REVIEW]
