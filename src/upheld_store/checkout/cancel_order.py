"""Act: the buyer gives up an order that is not paid."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from upheld.db import for_purpose
from upheld_store.checkout.start_payment import leave_page
from upheld_store.licensing.reserve_keys import free_keys_of
from upheld_store.orders.models import Order
from upheld_store.payments.models import Payment


@for_purpose("take_payment")
def cancel_order(order: Order, now: datetime) -> bool:
    """Take the payment page away first, so that nobody pays for what is given up; what was paid
    there meanwhile is settled, and the order stays. Then let go what was set aside. Returns
    whether it is canceled. Raises `GatewayUnavailable`, and nothing has changed. Money that comes
    all the same, such as a transfer that was on its way, still buys the order."""
    payment = Payment.objects.open_of(order)
    if payment is not None and not leave_page(payment, now):
        return False
    with transaction.atomic():
        if not order.cancel():
            return False
        free_keys_of(order, now)
    return True
