"""Double clicks, two tabs, webhook and return at the same moment. Each guard has a control that
shows the race without it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, models
from django.test import Client

from tests.upheld_store.at_once import at_once
from tests.upheld_store.buyer import OWN, Buyer
from upheld.db import entry_point
from upheld.promises.mail.models import OutboxMail
from upheld_store.catalog.models import Plan
from upheld_store.checkout import place_order as placing
from upheld_store.licensing.models import LicenseKey
from upheld_store.orders.models import Order
from upheld_store.payments.models import Payment, PaymentQuerySet, PaymentState

pytestmark = pytest.mark.django_db(transaction=True)

CLICKS = 6


def click_together(buyer: Buyer, count: int = CLICKS) -> list[str]:
    """The same form sent `count` times at once, by one browser's tabs; where each is sent."""
    form = {"email": "ada@example.com", "name": "", "shown": buyer.shown()}

    def click(_: int) -> str:
        tab = Client(**OWN)
        tab.cookies = buyer.client.cookies
        answer = tab.post("/checkout/", form)
        assert answer.status_code == 303, answer.content
        return str(answer["Location"])

    return at_once(count, click)


@contextmanager
def without(model: type[models.Model], name: str) -> Iterator[None]:
    """The table as it would be without one constraint."""
    constraints = list(model._meta.constraints)
    constraint = next(c for c in constraints if c.name == name)
    # The table is made anew from what the model says, so the model must say it first.
    model._meta.constraints = [c for c in constraints if c.name != name]
    with entry_point("command", "migrate"), connection.schema_editor() as editor:
        editor.remove_constraint(model, constraint)
    try:
        yield
    finally:
        model._meta.constraints = constraints
        with entry_point("command", "migrate"):
            Payment.objects.all().delete()
            Order.objects.all().delete()
            with connection.schema_editor() as editor:
                editor.add_constraint(model, constraint)


def test_clicks_together_are_one_order_and_one_page(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.put(stock["plain"])
    places = click_together(buyer)
    assert len(set(places)) == 1 and "/pay/" in places[0]
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)
    assert len(buyer.gateway.book.sessions()) == 1


@pytest.mark.sqlite_only
def test_without_the_constraint_they_are_several(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """The control: the constraint is what decides, and the test above would notice."""
    with without(Order, "store_order_one_per_cart"):
        buyer.put(stock["plain"])
        click_together(buyer)
        assert Order.objects.count() == CLICKS


def test_free_orders_together_are_released_once(buyer: Buyer, stock: dict[str, Plan]) -> None:
    Plan.objects.filter(pk=stock["free"].pk).update(licensed=True)
    buyer.put(stock["free"])
    click_together(buyer)
    assert Order.objects.count() == 1
    assert LicenseKey.objects.count() == 1
    assert OutboxMail.objects.count() == 1


def test_an_old_order_gets_one_page_from_many_tabs(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """Its first page has expired; each tab asks for a new one."""
    buyer.to_page(stock["plain"])
    buyer.gateway.book.expire(buyer.gateway.book.sessions()[0])
    assert len(set(click_together(buyer))) == 1
    assert Payment.objects.filter(state=PaymentState.OPEN).count() == 1
    assert len(buyer.gateway.book.sessions()) == 2


def look_together(monkeypatch: pytest.MonkeyPatch, count: int = CLICKS) -> None:
    """Each tab has looked for an open payment before any of them makes one."""
    looked, look = threading.Barrier(count), PaymentQuerySet.open_of
    first = threading.local()

    def open_of(self: PaymentQuerySet, order: Order) -> Payment | None:
        found = look(self, order)
        if not hasattr(first, "passed"):
            first.passed = True
            looked.wait(20)
        return found

    monkeypatch.setattr(PaymentQuerySet, "open_of", open_of)


def test_tabs_that_all_saw_no_page_get_one(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer.to_page(stock["plain"])
    Payment.objects.update(state=PaymentState.FAILED)
    look_together(monkeypatch)
    assert len(set(click_together(buyer))) == 1
    assert Payment.objects.filter(state=PaymentState.OPEN).count() == 1


@pytest.mark.sqlite_only
def test_without_the_constraint_they_get_several(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without it each tab could be charged."""
    with without(Payment, "store_payment_one_open"):
        buyer.to_page(stock["plain"])
        Payment.objects.update(state=PaymentState.FAILED)
        look_together(monkeypatch)
        assert len(set(click_together(buyer))) == CLICKS


def test_webhooks_and_returns_together_settle_once(buyer: Buyer, stock: dict[str, Plan]) -> None:
    location = buyer.pay(buyer.to_page(stock["licensed"]))
    cookies = buyer.client.cookies

    def arrive(number: int) -> int:
        guest = Buyer(buyer.gateway, Client(**OWN))
        guest.client.cookies = cookies
        answer = guest.hear() if number % 2 else guest.come_back(location)
        return int(answer.status_code)

    assert set(at_once(CLICKS, arrive)) == {200, 303}
    assert Order.objects.get().state == "paid"
    assert Payment.objects.get().state == PaymentState.PAID
    assert LicenseKey.objects.count() == 1
    assert OutboxMail.objects.filter(kind="receipt").count() == 1


def test_without_the_state_in_the_update_it_settles_twice(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: an order that is marked paid whatever its state is released twice."""

    def mark_paid(order: Order, now: object) -> bool:
        return bool(Order.objects.filter(pk=order.pk).update(state="paid", paid_at=now))

    monkeypatch.setattr(Order, "mark_paid", mark_paid)
    monkeypatch.setattr("upheld_store.checkout.confirm_payment._SETTLED", frozenset())
    location = buyer.pay(buyer.to_page(stock["licensed"]))
    assert buyer.hear().status_code == 200
    buyer.come_back(location)
    assert OutboxMail.objects.filter(kind="receipt").count() == 2


def test_killed_between_order_and_gateway(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died after the commit: order and intent are there, and the retry goes on."""

    class Killed(BaseException):
        pass

    def die(*args: object, **options: object) -> None:
        raise Killed

    buyer.put(stock["plain"])
    shown = buyer.shown()
    with monkeypatch.context() as patch:
        patch.setattr("upheld_store.payments.practice.PracticeGateway.start", die)
        with pytest.raises(Killed):
            buyer.send(shown=shown)
    assert (Order.objects.count(), Payment.objects.get().state) == (1, PaymentState.OPEN)
    url = buyer.send(shown=shown).headers["Location"]
    buyer.come_back(buyer.pay(url))
    assert (Order.objects.get().state, Payment.objects.count()) == ("paid", 1)


def test_killed_inside_the_transaction_leaves_nothing(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*args: object, **options: object) -> None:
        raise Killed

    buyer.put(stock["plain"])
    shown = buyer.shown()
    with monkeypatch.context() as patch:
        patch.setattr(placing, "intend_payment", die)
        with pytest.raises(Killed):
            buyer.send(shown=shown)
    assert not Order.objects.exists()
    assert "/pay/" in buyer.send(shown=shown).headers["Location"]


@pytest.mark.parametrize("fault", ["500", "drop"])
def test_gateway_fails_while_starting(buyer: Buyer, stock: dict[str, Plan], fault: str) -> None:
    """`drop`: it opened the page and broke the connection; the retry gets that same page."""
    buyer.put(stock["plain"])
    buyer.gateway.api.troubles = buyer.gateway.api.troubles.changed({"api": fault})
    answer = buyer.send()
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "nothing was charged" in answer.content.decode()
    buyer.gateway.api.troubles = buyer.gateway.api.troubles.changed({"reset": True})
    url = buyer.send().headers["Location"]
    assert len(buyer.gateway.book.sessions()) == 1
    buyer.come_back(buyer.pay(url))
    assert (Order.objects.get().state, Payment.objects.count()) == ("paid", 1)
