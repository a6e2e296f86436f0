"""The mail about money that goes back. Rendered at the moment of sending, never stored."""

from __future__ import annotations

from datetime import datetime

from upheld.db import for_purpose
from upheld.promises.mail import Content
from upheld.vault.age import kept_days
from upheld_store.orders.mails import render
from upheld_store.orders.models import Order
from upheld_store.payments.models import Refund, RefundReason, RefundState


@for_purpose("deliver_order")
def render_refund(key: str, now: datetime) -> Content:
    """What went back of the order with this id, and what that leaves of it."""
    refunds = Refund.objects.of_order(Order.objects.get(pk=key))
    done = [refund for refund in refunds if refund.state == RefundState.DONE]
    missing = any(refund.reason == RefundReason.NOT_DELIVERABLE for refund in done)
    title = "Refund of your order {number}"
    return render("payments/refund", key, title, refunds=done, missing=missing)


@for_purpose("deliver_order")
def render_refund_account(key: str, now: datetime) -> Content:
    """Asks whoever paid the order with this id by transfer where their money shall go."""
    order = Order.objects.get(pk=key)
    waiting = [each for each in Refund.objects.to_send() if each.payment.order_id == order.pk]
    title = "Where shall the money of your order {number} go?"
    return render(
        "payments/refund_account", key, title, refunds=waiting, days=kept_days(now.date())
    )
