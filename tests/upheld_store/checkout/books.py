"""What a test of money does to orders, and the oracle: the store's books and the gateway's."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone

from practice_gateway.practice import Practice
from upheld.db import entry_point
from upheld_store.checkout.reconcile import reconcile_open_payments
from upheld_store.checkout.refund_order import refund_order
from upheld_store.orders.models import Order
from upheld_store.payments.dispute import TAKEN
from upheld_store.payments.models import Payment, PaymentState, Refund, RefundState


def refund(
    order: Order, amount: int | None, reason: str = "requested", refund_id: uuid.UUID | None = None
) -> Refund:
    """As staff does it."""
    return refund_order(order, amount, reason, timezone.now(), refund_id=refund_id)


def reconcile(days: float = 0) -> int:
    """As the command does it, so many days from now."""
    with entry_point("command", "reconcile"):
        return reconcile_open_payments(timezone.now() + timedelta(days=days))


def assert_books_agree(gateway: Practice) -> None:
    """Σ payments − refunds − disputes is the gateway's: no success without its payment, none
    counted twice, and no more went back than came in."""
    brought = Payment.objects.filter(state__in=(PaymentState.PAID, PaymentState.REVIEW))
    assert brought.count() <= sum(1 for s in gateway.book.sessions() if s.paid_by)
    per_order = Counter(brought.filter(state=PaymentState.PAID).values_list("order", flat=True))
    assert all(count == 1 for count in per_order.values())
    done = Refund.objects.filter(state=RefundState.DONE)
    back = done.aggregate(total=Sum("amount_minor", default=0))["total"]
    gone = sum(r.amount for r in gateway.book.refunds() if r.status == "succeeded")
    assert back == gone
    taken = Payment.objects.aggregate(total=Sum("disputed_minor", default=0))["total"]
    assert taken == sum(d.amount for d in gateway.book.disputes() if d.holds)
    for payment in Payment.objects.all():
        disputed = payment.disputes.filter(state__in=TAKEN)
        assert payment.disputed_minor == disputed.aggregate(t=Sum("amount_minor", default=0))["t"]
        held = payment.refunds.exclude(state=RefundState.FAILED)
        assert payment.refunded_minor == held.aggregate(t=Sum("amount_minor", default=0))["t"]
        assert 0 <= payment.refunded_minor <= payment.received_minor
