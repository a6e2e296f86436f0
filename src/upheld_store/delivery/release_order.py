"""Act: hand over what a paid order bought."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from upheld import jobs
from upheld.promises import mail
from upheld_store.licensing.issue_keys import issue_keys
from upheld_store.orders.models import Order


def release_order(
    order: Order, acts_after: tuple[str, ...], new_bytes: Callable[[int], bytes], now: datetime
) -> None:
    """In the caller's transaction: license keys, the receipt in the outbox, the owner's own
    acts as durable jobs. Each is harmless when repeated."""
    issue_keys(order, new_bytes, now)
    mail.compose(
        "receipt",
        subject=order.subject_id,
        ground=mail.Contract("store_orders_order", str(order.pk)),
        now=now,
    ).queue()
    for act in acts_after:
        jobs.enqueue(act, key=f"order_paid:{act}:{order.pk}", now=now, order_id=str(order.pk))
