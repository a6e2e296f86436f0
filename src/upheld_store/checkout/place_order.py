"""Act: a cart becomes an order, once, however often it is submitted."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from upheld.db import for_purpose
from upheld_store.cart.cart import Cart
from upheld_store.cart.quote import Quote
from upheld_store.orders.models import (
    Order,
    OrderContact,
    OrderLine,
    OrderLink,
    lines_of,
    order_number,
)


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """What the buyer filled in, and which policy they were shown."""

    email: str
    name: str
    policy_version: int


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """The order of this cart; `is_new` is False where an earlier submit had placed it."""

    order: Order
    is_new: bool


@for_purpose("deliver_order")
def place_order(
    cart: Cart, quote: Quote, details: OrderDetails, seed: bytes, now: datetime
) -> PlacedOrder:
    """Store the order, its lines, the buyer's contact and the first link in one transaction.
    `seed` is ten random bytes. The cart's unique digest decides a race between two tabs."""
    found = Order.objects.filter(cart_digest=cart.digest).first()
    if found:
        return PlacedOrder(found, is_new=False)
    order = Order(
        number=order_number(seed),
        subject_id=uuid.uuid4(),
        cart_digest=cart.digest,
        total_minor=quote.total_minor,
        currency=quote.currency,
        policy_version=details.policy_version,
        placed_at=now,
    )
    try:
        with transaction.atomic():
            order.save(force_insert=True)
            OrderLine.objects.bulk_create(lines_of(order, quote))
            OrderContact(order=order, email=details.email, name=details.name).save(
                force_insert=True
            )
            OrderLink.make(order, 1, now)
    except IntegrityError:
        return PlacedOrder(Order.objects.get(cart_digest=cart.digest), is_new=False)
    return PlacedOrder(order, is_new=True)
