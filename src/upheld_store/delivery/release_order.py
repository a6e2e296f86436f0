"""Act: hand over what a paid order bought."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef

from upheld import jobs
from upheld.db.prepared import Asked, Prepared
from upheld.promises import mail
from upheld_store.catalog.models import ReleaseFile
from upheld_store.licensing.issue_keys import issue_keys
from upheld_store.licensing.reserve_keys import SoldOut
from upheld_store.orders.models import Order, OrderLine


class NotDeliverable(Exception):
    """Something that was paid for is not there to be handed over; the message names it."""


def release_order(
    order: Order, acts_after: tuple[str, ...], new_bytes: Callable[[int], bytes], now: datetime
) -> None:
    """In the caller's transaction: license keys, the receipt in the outbox, the owner's own
    acts as durable jobs. Each is harmless when repeated. Raises `NotDeliverable` before it has
    done anything where a line has neither a file nor a key to it, or its pool is empty."""
    lines = _lines(order)
    for line in lines:
        if not line.licensed and not line.has_files:
            raise NotDeliverable(line.product_name)
    try:
        issue_keys([line for line in lines if line.licensed], new_bytes, now)
    except SoldOut as empty:
        raise NotDeliverable(f"no key left of {empty.what}") from empty
    mail.compose(
        "receipt",
        subject=order.subject_id,
        ground=mail.Contract("store_orders_order", str(order.pk)),
        now=now,
    ).queue()
    for act in acts_after:
        jobs.enqueue(act, key=f"order_paid:{act}:{order.pk}", now=now, order_id=str(order.pk))


def _lines(order: Order) -> list[Any]:
    """The order's lines, each with whether its product has a file: in one statement."""
    return _LINES.all(order=order.pk)


_LINES: Prepared[Any] = Prepared(
    lambda: OrderLine.objects.filter(order=Asked("order")).annotate(
        has_files=Exists(ReleaseFile.objects.filter(release__product=OuterRef("plan__product")))
    )
)
