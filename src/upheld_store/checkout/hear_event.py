"""Act: an event of a gateway, brought by its webhook or found in its list."""

from __future__ import annotations

from datetime import datetime

from upheld_store.checkout.confirm_payment import confirm_payment, find_payment
from upheld_store.checkout.settle_disputes import read_disputes
from upheld_store.checkout.settle_refunds import read_refunds
from upheld_store.payments.gateway import GatewayEvent, PaymentGateway
from upheld_store.payments.models import GatewayEventRow


def hear_event(event: GatewayEvent, gateway: PaymentGateway, now: datetime) -> None:
    """Read the truth about what the event names, settle with it, note the event. Nothing an
    event says is believed beyond that. Raises `GatewayUnavailable`; the event is then not noted,
    so that it is heard again."""
    payment = find_payment(event.reference, gateway) if event.reference else None
    if payment is not None:
        confirm_payment(payment, event.reference, gateway, now, event)
    elif event.refunded_order:
        read_refunds(event.refunded_order, gateway, now, event)
    elif event.disputed_payment:
        read_disputes(event.disputed_payment, gateway, now, event)
    else:
        GatewayEventRow.note(gateway.name, event, now)
