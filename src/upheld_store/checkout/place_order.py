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
    OrderState,
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
    `seed` is ten random bytes. A unique constraint decides a race between two tabs."""
    shown = quote.digest(details.policy_version)
    found = Order.objects.of_cart(cart.digest, shown)
    if found is None:
        order = Order(
            number=order_number(seed),
            subject_id=uuid.uuid4(),
            cart_digest=cart.digest,
            quote_digest=shown,
            total_minor=quote.total_minor,
            currency=quote.currency,
            policy_version=details.policy_version,
            placed_at=now,
        )
        try:
            _store(order, quote, details, now)
            return PlacedOrder(order, is_new=True)
        except IntegrityError:  # another tab was first
            found = Order.objects.of_cart(cart.digest, shown)
            if found is None:
                raise
    _correct_contact(found, details)
    return PlacedOrder(found, is_new=False)


def _store(order: Order, quote: Quote, details: OrderDetails, now: datetime) -> None:
    with transaction.atomic():
        order.save(force_insert=True)
        OrderLine.objects.bulk_create(lines_of(order, quote))
        contact = OrderContact(order=order, email=details.email, name=details.name)
        contact.save(force_insert=True)
        OrderLink.make(order, 1, now)


def _correct_contact(order: Order, details: OrderDetails) -> None:
    """Whoever comes back from the gateway to mend a mistyped address means the new one. Once
    the order is paid its contact is not changed by a form that was left open."""
    awaiting = OrderContact.objects.filter(order=order, order__state=OrderState.AWAITING_PAYMENT)
    awaiting.update(email=details.email, name=details.name)
