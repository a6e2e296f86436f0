"""Act: a cart becomes an order, once, however often it is submitted."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from upheld.db import for_purpose
from upheld.db.insertion import insert
from upheld_store.cart.cart import Cart
from upheld_store.cart.quote import Quote
from upheld_store.checkout.intend_payment import intend_payment
from upheld_store.customers.models import Customer
from upheld_store.licensing.reserve_keys import reserve_keys
from upheld_store.orders.models import (
    FIRST_SERIAL,
    Order,
    OrderContact,
    OrderLine,
    OrderLink,
    OrderState,
    lines_of,
    order_number,
)
from upheld_store.payments.gateway import PaymentGateway
from upheld_store.payments.models import Payment


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """What the buyer filled in, which policy they were shown, and who they are, if signed in."""

    email: str
    name: str
    policy_version: int
    customer: Customer | None = None


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """The order of this cart. `payment` is the intent placed with it; None where nothing is to
    be paid, and where an earlier submit had placed the order."""

    order: Order
    payment: Payment | None


@for_purpose("deliver_order")
def place_order(
    cart: Cart,
    quote: Quote,
    details: OrderDetails,
    seed: bytes,
    *,
    gateway: PaymentGateway,
    now: datetime,
) -> PlacedOrder:
    """Store the order, its lines, the buyer's contact, the first link and the intended payment
    in one transaction. `seed` is ten random bytes. Which of two tabs places the order is decided
    by a unique constraint and by nothing else, so the insert comes first and the look-up after.
    Raises `SoldOut` where a pool has too few license keys; then there is no order."""
    shown = quote.digest(details.policy_version)
    order = Order(
        number=order_number(seed),
        subject_id=uuid.uuid4(),
        customer=details.customer,
        cart_digest=cart.digest,
        quote_digest=shown,
        total_minor=quote.total_minor,
        currency=quote.currency,
        policy_version=details.policy_version,
        placed_at=now,
    )
    try:
        with transaction.atomic():
            lines = _store(order, quote, details, now)
            reserve_keys(lines, now + gateway.patience, now)
            payment = intend_payment(order, gateway, now) if order.total_minor else None
        return PlacedOrder(order, payment)
    except IntegrityError:
        found = Order.objects.of_cart(cart.digest, shown)
        if found is None:
            raise
    _correct_contact(found, details)
    return PlacedOrder(found, None)


def _store(order: Order, quote: Quote, details: OrderDetails, now: datetime) -> list[OrderLine]:
    insert(order)
    lines = list(lines_of(order, quote))
    insert(*lines)
    insert(OrderContact(order=order, email=details.email, name=details.name))
    OrderLink.make(order, FIRST_SERIAL, now)
    return lines


def _correct_contact(order: Order, details: OrderDetails) -> None:
    """Whoever comes back from the gateway to mend a mistyped address means the new one. Once
    the order is paid its contact is not changed by a form that was left open."""
    awaiting = OrderContact.objects.filter(order=order, order__state=OrderState.AWAITING_PAYMENT)
    awaiting.update(email=details.email, name=details.name)
