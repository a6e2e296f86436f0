"""Act: what the gateway says about a payment becomes what the order says, once.

Webhook, return page and reconciler all end here, so they may come in any order, twice, or
not at all."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from upheld import jobs
from upheld.db import for_purpose
from upheld.ledger import append
from upheld.ledger.events import OrderWithheld
from upheld.promises import retention
from upheld_store.checkout.intend_refund import intend_refund
from upheld_store.delivery.release_order import NotDeliverable, release_order
from upheld_store.licensing.reserve_keys import free_keys_of
from upheld_store.orders.models import Order
from upheld_store.payments.details import keepable
from upheld_store.payments.gateway import GatewayEvent, GatewayPayment, PaymentGateway
from upheld_store.payments.models import (
    GatewayEventRow,
    Payment,
    PaymentState,
    RefundReason,
)

_log = logging.getLogger("upheld.checkout")
_SETTLED = frozenset({PaymentState.PAID, PaymentState.REVIEW})


@for_purpose("take_payment")
def find_payment(reference: str, gateway: PaymentGateway) -> Payment | None:
    """The payment this gateway knows by `reference`, its order with it; None if it is not ours."""
    return Payment.by_reference(gateway.name, reference)


@for_purpose("take_payment")
def confirm_payment(
    payment: Payment,
    reference: str,
    gateway: PaymentGateway,
    now: datetime,
    event: GatewayEvent | None = None,
) -> Order:
    """Ask the gateway for its truth and settle the order with it; `event` is the webhook that
    asked for it. Returns the order as it then stands. Raises `GatewayUnavailable`, and nothing
    has changed."""
    if payment.state in _SETTLED:
        if event:
            GatewayEventRow.note(payment.gateway, event, now)
        return payment.order
    truth = gateway.retrieve(payment.disclosure, reference)  # network, outside the transaction
    return settle_payment(payment, truth, now, event)


@for_purpose("take_payment")
def settle_payment(
    payment: Payment, truth: GatewayPayment, now: datetime, event: GatewayEvent | None = None
) -> Order:
    """One transaction. Every step is an update that holds only in the state it starts from, so
    whoever comes second changes nothing. Money that cannot be matched is never lost sight of:
    its payment goes under review, where a person finds it to look at and refund."""
    order = payment.order
    with transaction.atomic():
        if event:
            GatewayEventRow.note(payment.gateway, event, now)
        if truth.state in {"expired", "failed"}:
            payment.close(PaymentState.FAILED)
        elif truth.state == "paid" and not _is_ours(payment, truth):
            if payment.close(PaymentState.REVIEW, truth):
                order.put_under_review()
        elif truth.state == "paid" and order.mark_paid(now):
            payment.close(PaymentState.PAID, truth)
            _seal(payment, truth, now)
            if not _release(order, now):
                _send_back(payment, now)
        elif truth.state == "paid":
            # Paid by another payment, or refunded: what this one brought has bought nothing.
            payment.close(PaymentState.REVIEW, truth)
            order.refresh_from_db(fields=["state", "paid_at"])
    return order


def _is_ours(payment: Payment, truth: GatewayPayment) -> bool:
    ours = (payment.amount_minor, payment.currency.upper(), payment.order.number)
    return ours == (truth.amount_minor, truth.currency.upper(), truth.order_number)


def _seal(payment: Payment, truth: GatewayPayment, now: datetime) -> None:
    details, table = keepable(truth.details), "store_payments_payment"
    if not details:
        return
    try:
        retention.seal(details, table=table, row=str(payment.pk), day=now.date(), now=now)
    except retention.VaultShut:
        # It costs a line on a page, and not the buyer what is paid for.
        _log.error("the key folder takes no key: how a payment was made is not kept")


def _release(order: Order, now: datetime) -> bool:
    """Hand over what was bought, or withhold all of it where a part is missing."""
    acts: tuple[str, ...] = settings.UPHELD_AFTER.get("order_paid", ())
    try:
        release_order(order, acts, secrets.token_bytes, now)
    except NotDeliverable as missing:
        _log.error("order %s cannot be delivered: %s", order.number, missing)
        order.withhold()
        free_keys_of(order, now)
        append(OrderWithheld(cause="not_deliverable"), now)
        return False
    return True


def _send_back(payment: Payment, now: datetime) -> None:
    """Money for nothing goes back by itself: the intent here, the gateway after the commit."""
    refund = intend_refund(payment, None, RefundReason.NOT_DELIVERABLE, now)
    jobs.enqueue(
        "carry_out_refund",
        key=f"carry_out_refund:{refund.pk}",
        now=now,
        refund_id=str(refund.pk),
    )


@for_purpose("take_payment")
def settle_free_order(order: Order, now: datetime) -> None:
    """An order of nothing but free products is paid by being placed."""
    with transaction.atomic():
        if order.total_minor == 0 and order.mark_paid(now):
            _release(order, now)
