"""Act: write down that a gateway will be asked for money, before it hears of it."""

from __future__ import annotations

import uuid
from datetime import datetime

from upheld.db import for_purpose
from upheld.db.insertion import insert
from upheld.promises.disclosure import disclose
from upheld_store.orders.models import Order
from upheld_store.payments.gateway import PaymentGateway
from upheld_store.payments.models import Payment


@for_purpose("take_payment")
def intend_payment(order: Order, gateway: PaymentGateway, now: datetime) -> Payment:
    """The disclosure and the open payment, in the caller's transaction. Raises `IntegrityError`
    where the order has an open payment already."""
    disclosure = None
    if gateway.recipient:
        disclosure = disclose(
            gateway.recipient,
            subject=order.subject_id,
            fields=("payment.reference",),
            purpose="take_payment",
            now=now,
        )
    payment = Payment(
        id=uuid.uuid4(),
        order=order,
        gateway=gateway.name,
        disclosure=disclosure,
        amount_minor=order.total_minor,
        currency=order.currency,
        started_at=now,
    )
    insert(payment)
    return payment
