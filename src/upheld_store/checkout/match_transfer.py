"""Act: money has arrived on the bank account under an order's number."""

from __future__ import annotations

from datetime import datetime

from upheld.db import for_purpose
from upheld.policy.errors import ActRefused
from upheld_store.checkout.confirm_payment import settle_payment
from upheld_store.orders.models import Order
from upheld_store.payments.gateway import GatewayPayment
from upheld_store.payments.models import Payment, PaymentState
from upheld_store.payments.transfer import TransferGateway


class TransferRefused(ActRefused):
    """No order waits for this money; the message names the way out."""


@for_purpose("take_payment")
def match_transfer(order_number: str, amount_minor: int, now: datetime) -> Order:
    """Settle the order with what the bank's statement says, as with any gateway's word: the
    exact amount buys it, any other puts it under review. Returns the order as it then stands.
    Raises `TransferRefused`, and nothing has changed."""
    number = order_number.strip().upper()
    if amount_minor < 1:
        raise TransferRefused("Give the amount that arrived, in minor units: 1900 for 19.00.")
    waiting = Payment.objects.filter(
        order__number=number,
        gateway=TransferGateway.name,
        # One that was given up, because the buyer chose another way, can still bring money.
        state__in=(PaymentState.OPEN, PaymentState.FAILED),
    )
    payment = waiting.select_related("order").order_by("-state", "-started_at").first()
    if payment is None:
        raise TransferRefused(
            f"No order {number} waits for a transfer. Compare the reference with the order's "
            "page; what belongs to no order goes back to the account it came from."
        )
    truth = GatewayPayment("paid", amount_minor, payment.currency, number)
    return settle_payment(payment, truth, now)
