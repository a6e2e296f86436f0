"""Payments that nobody reported: the reconciler asks."""

from __future__ import annotations

import argparse
import json
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from tests.upheld_store.buyer import Buyer
from upheld.db import entry_point
from upheld_store.catalog.models import Plan
from upheld_store.checkout.reconcile import reconcile_open_payments
from upheld_store.orders.models import Order
from upheld_store.payments.models import GatewayEventRow, Payment, PaymentState
from upheld_store.payments.overdue import count_overdue
from upheld_store.site.verbs import status

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


def test_events_that_no_webhook_brought_are_read(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """Its payment was given up, so nobody would ask about it; the gateway's list still tells."""
    buyer.trouble(lose=True)
    buyer.pay(buyer.to_page(stock["licensed"]))
    Payment.objects.update(state=PaymentState.FAILED)
    reconcile()
    assert Order.objects.get().state == "paid"
    event = GatewayEventRow.objects.get()
    assert event.kind == "checkout.session.completed"
    reconcile()
    assert GatewayEventRow.objects.get().at == event.at


def test_refunds_that_no_webhook_brought_are_read(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["licensed"])
    buyer.trouble(lose=True)
    sent = buyer.gateway.book.refund(buyer.gateway.book.sessions()[0], 1900, {}, "succeeded")
    buyer.gateway.api.announce_refund("refund.created", sent)
    reconcile()
    assert buyer.facts(page)["state"] == "refunded"


def test_the_longest_unasked_comes_first(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that buyers left open do not keep a paid one waiting for ever."""
    monkeypatch.setattr("upheld_store.checkout.reconcile.PAYMENTS_PER_RUN", 1)
    buyer.to_page(stock["plain"])
    other = Buyer(buyer.gateway)
    other.pay(other.to_page(stock["licensed"], "other@example.com"))
    # Until its webhook is taken, the list of undelivered events would tell of it.
    assert buyer.gateway.sender.events[-1].taken.wait(10)
    assert [reconcile(), reconcile()] == [0, 1]


def overdue(days: float) -> int:
    return count_overdue(timezone.now() + timedelta(days=days)).payments


def test_silence_for_an_hour_is_said_aloud(
    buyer: Buyer, stock: dict[str, Plan], caplog: pytest.LogCaptureFixture
) -> None:
    buyer.pay(buyer.to_page(stock["plain"]))
    buyer.trouble(api="500")
    reconcile(0.9 / 24)
    assert "over an hour" not in caplog.text and overdue(0.9 / 24) == 0
    reconcile(1.1 / 24)
    assert "over an hour: 1 payments, 0 refunds" in caplog.text
    buyer.trouble(reset=True)
    reconcile(1.2 / 24)
    assert overdue(2) == 0


def test_a_page_left_open_is_not_overdue(
    buyer: Buyer, stock: dict[str, Plan], caplog: pytest.LogCaptureFixture
) -> None:
    """The gateway says that it is open whenever it is asked. Nobody asking is another matter."""
    buyer.to_page(stock["plain"])
    for hours in range(1, 6):
        reconcile(hours / 24)
    assert "over an hour" not in caplog.text
    assert (overdue(5.9 / 24), overdue(6.1 / 24)) == (0, 1)


def test_an_operator_sees_what_is_overdue(
    buyer: Buyer, stock: dict[str, Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    assert buyer.client.get("/readyz").content == b"ready\n"
    buyer.to_page(stock["plain"])
    Payment.objects.update(started_at=timezone.now() - timedelta(hours=2))
    answer = buyer.client.get("/readyz")
    assert answer.status_code == 200
    assert b"overdue at the gateway: 1 payments, 0 refunds" in answer.content
    status(argparse.Namespace(json=True))
    assert json.loads(capsys.readouterr().out)["overdue"] == "1 payments, 0 refunds"


def test_status_answers_without_a_database(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], client: Client
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr("upheld_store.site.verbs.count_overdue", fail)
    monkeypatch.setattr("upheld_store.site.health.count_overdue", fail)
    assert status(argparse.Namespace(json=False)) == 0
    assert "unknown, because" in capsys.readouterr().out
    assert client.get("/readyz").status_code == 503
