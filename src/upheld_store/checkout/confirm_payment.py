"""Act: what the gateway says about a payment becomes what the order says, once.

Webhook, return page and reconciler all end here, so they may come in any order, twice, or
not at all."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction

from upheld.db import for_purpose
from upheld.promises import retention
from upheld_store.delivery.release_order import release_order
from upheld_store.orders.models import Order, OrderState
from upheld_store.payments.gateway import GatewayPayment, PaymentGateway
from upheld_store.payments.models import Payment, PaymentState


@for_purpose("take_payment")
def confirm_payment(reference: str, gateway: PaymentGateway, now: datetime) -> OrderState | None:
    """Read the gateway's truth about `reference` and settle the order with it. Returns the
    order's state afterwards, or None where the reference is none of ours."""
    payment = Payment.objects.by_reference(gateway.name, reference)
    if payment is None:
        return None
    if payment.state == PaymentState.PAID:
        return OrderState(payment.order.state)
    truth = gateway.retrieve(payment.disclosure, reference)  # network, outside the transaction
    with transaction.atomic():
        payment = Payment.objects.select_for_update().select_related("order").get(pk=payment.pk)
        if payment.state == PaymentState.OPEN:
            _settle(payment, truth, now)
    return OrderState(payment.order.state)


def _settle(payment: Payment, truth: GatewayPayment, now: datetime) -> None:
    order = payment.order
    if truth.state in {"expired", "failed"}:
        payment.close(PaymentState.FAILED)
        return
    if truth.state != "paid":
        return
    ours = (payment.amount_minor, payment.currency.upper(), order.number)
    theirs = (truth.amount_minor, truth.currency.upper(), truth.order_number)
    if ours != theirs:
        # Money that is not what we asked for buys nothing until a person has looked.
        payment.close(PaymentState.REVIEW)
        order.put_under_review()
        return
    payment.close(PaymentState.PAID)
    _seal(payment, truth.details, now)
    if order.mark_paid(now):
        acts = settings.UPHELD_AFTER.get("order_paid", ())
        release_order(order, acts, secrets.token_bytes, now)


def _seal(payment: Payment, details: Mapping[str, str], now: datetime) -> None:
    if details:
        retention.seal(
            details, table="store_payments_payment", row=str(payment.pk), day=now.date(), now=now
        )


@for_purpose("take_payment")
def settle_free_order(order: Order, now: datetime) -> None:
    """An order of nothing but free products is paid by being placed."""
    with transaction.atomic():
        if order.total_minor == 0 and order.mark_paid(now):
            acts: tuple[str, ...] = settings.UPHELD_AFTER.get("order_paid", ())
            release_order(order, acts, secrets.token_bytes, now)
