"""Act: send the buyer of an unpaid order to the gateway's page."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from upheld.db import for_purpose
from upheld.promises.disclosure import Disclosure, disclose
from upheld_store.orders.models import Order
from upheld_store.payments.gateway import GatewayCheckout, PaymentGateway
from upheld_store.payments.models import Payment, PaymentReference


@for_purpose("take_payment")
def start_payment(order: Order, gateway: PaymentGateway, now: datetime) -> str:
    """The address of the gateway's page for this order. The intent and the disclosure are
    committed before the gateway hears of it; asked again, the same session answers, because
    the payment's id is the gateway's idempotency key."""
    payment, disclosure = _intend(order, gateway, now)
    session = gateway.start(disclosure, _checkout(order, payment, gateway))
    PaymentReference.objects.update_or_create(
        payment=payment, defaults={"reference": session.reference}
    )
    return session.url


def _intend(
    order: Order, gateway: PaymentGateway, now: datetime
) -> tuple[Payment, Disclosure]:
    try:
        with transaction.atomic():
            open_payment = Payment.objects.open_of(order)
            if open_payment:
                return open_payment, open_payment.disclosure
            disclosure = disclose(
                gateway.recipient,
                subject=order.subject_id,
                fields=("payment.reference",),
                purpose="take_payment",
                now=now,
            )
            payment = Payment.objects.create(
                id=uuid.uuid4(),
                order=order,
                gateway=gateway.name,
                disclosure=disclosure,
                amount_minor=order.total_minor,
                currency=order.currency,
                started_at=now,
            )
            return payment, disclosure
    except IntegrityError:  # another tab was first
        payment = Payment.objects.open_of(order)
        if payment is None:
            raise
        return payment, payment.disclosure


def _checkout(order: Order, payment: Payment, gateway: PaymentGateway) -> GatewayCheckout:
    back = settings.UPHELD_ORIGIN + reverse("checkout:return", args=[gateway.name])
    return GatewayCheckout(
        order_number=order.number,
        amount_minor=order.total_minor,
        currency=order.currency,
        description=f"Order {order.number}",
        success_url=f"{back}?order={order.number}&session={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{settings.UPHELD_ORIGIN}{reverse('cart:cart')}",
        idempotency_key=str(payment.id),
    )
