"""Several who refund, hear and reconcile at the same moment. Each guard has its control."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.db.models import F

from tests.upheld_store.at_once import at_once
from tests.upheld_store.buyer import Buyer
from tests.upheld_store.checkout.books import assert_books_agree, reconcile, refund
from upheld.db import entry_point
from upheld.db.purpose import purpose_for_test
from upheld.promises.mail.models import OutboxMail
from upheld_store.catalog.models import Plan
from upheld_store.checkout.intend_refund import RefundRefused
from upheld_store.orders.models import Order
from upheld_store.payments.models import Payment, Refund, RefundState

pytestmark = pytest.mark.django_db(transaction=True)

CLERKS = 6


def refund_together(amount: int | None) -> list[str]:
    """Each clerk refunds the order; what became of it, clerk by clerk."""
    order = Order.objects.get()

    def press(_: int) -> str:
        with purpose_for_test("take_payment"):
            try:
                return refund(order, amount).state
            except RefundRefused:
                return "refused"

    return at_once(CLERKS, press)


def test_only_one_has_the_last_of_it(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["licensed"])
    assert sorted(refund_together(None)) == ["done", *["refused"] * (CLERKS - 1)]
    assert_books_agree(buyer.gateway)
    assert Order.objects.get().state == "refunded"


def test_parts_add_up_to_no_more_than_the_whole(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["licensed"])
    assert refund_together(500).count("done") == 3
    assert Payment.objects.get().left_minor == 400
    assert_books_agree(buyer.gateway)


@pytest.mark.sqlite_only
def test_without_the_condition_the_constraint_is_what_is_left(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with neither of the two, more goes back in our books than came in."""
    buyer.buy(stock["licensed"])

    def reserve(payment: Payment, amount_minor: int) -> bool:
        found = Payment.objects.filter(pk=payment.pk)
        return bool(found.update(refunded_minor=F("refunded_minor") + amount_minor))

    monkeypatch.setattr(Payment, "reserve_refund", reserve)
    constraints = list(Payment._meta.constraints)
    constraint = next(c for c in constraints if c.name == "store_payment_refunded_within")
    Payment._meta.constraints = [c for c in constraints if c is not constraint]
    with entry_point("command", "migrate"), connection.schema_editor() as editor:
        editor.remove_constraint(Payment, constraint)
    try:
        refund_together(500)
        # The gateway itself refuses the fourth and frees it again: it is asked all the same.
        assert Refund.objects.filter(state=RefundState.FAILED).count() == CLERKS - 3
    finally:
        Payment._meta.constraints = constraints
        with entry_point("command", "migrate"), connection.schema_editor() as editor:
            editor.add_constraint(Payment, constraint)


def test_webhooks_and_reconcilers_settle_a_refund_once(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer.buy(stock["licensed"])
    buyer.trouble(refund="pending")
    with purpose_for_test("take_payment"):
        refund(Order.objects.get(), None)
    sent = buyer.gateway.book.refunds()[0]
    sent.status = "succeeded"
    buyer.gateway.api.announce_refund("refund.updated", sent)
    event = buyer.gateway.sender.events[-1]

    def arrive(number: int) -> object:
        return buyer.hear(event).status_code if number % 2 else reconcile()

    at_once(CLERKS, arrive)
    assert_books_agree(buyer.gateway)
    assert OutboxMail.objects.filter(kind="refund").count() == 1
    assert Order.objects.get().state == "refunded"


def test_refunds_made_at_the_gateway_are_taken_in_once(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    buyer.buy(stock["licensed"])
    session = buyer.gateway.book.sessions()[0]
    sent = buyer.gateway.book.refund(session, 700, {}, "succeeded")
    buyer.gateway.api.announce_refund("refund.created", sent)
    event = buyer.gateway.sender.events[-1]
    ready = threading.Barrier(CLERKS)

    def hear(_: int) -> int:
        ready.wait(20)
        return int(buyer.hear(event).status_code)

    assert set(at_once(CLERKS, hear)) == {200}
    assert Refund.objects.count() == 1
    assert_books_agree(buyer.gateway)
