"""Act: send an order's money back, all of it or a part, once.

Three steps, so that a process may die between any two of them: the intent is committed, the
gateway is asked under the refund's id, what it says is settled. Whoever is interrupted is
followed by the reconciler, which goes on where the rows stand."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime

from upheld.db import for_purpose
from upheld.jobs import own_transactions
from upheld_store.checkout.intend_refund import RefundRefused, intend_refund
from upheld_store.checkout.settle_refunds import settle_refunds
from upheld_store.orders.models import Order
from upheld_store.payments.gateway import GatewayUnavailable, RefundRequest
from upheld_store.payments.gateways import gateway_named
from upheld_store.payments.models import Payment, Refund, RefundState

_log = logging.getLogger("upheld.checkout")


@for_purpose("take_payment")
def refund_order(
    order: Order,
    amount_minor: int | None,
    reason: str,
    now: datetime,
    *,
    refund_id: uuid.UUID | None = None,
) -> Refund:
    """Refund the payment of this order; None is all that is left. A form passes the `refund_id`
    it was shown with, so that pressing its button twice is one refund. Returns the refund as it
    then stands: done, refused by the gateway, or asked where the gateway does not answer and
    the reconciler goes on. Raises `RefundRefused`, and nothing has changed."""
    payments = Payment.objects.settled_of(order)
    if not payments:
        raise RefundRefused(f"Order {order.number} has no payment that could go back.")
    payment = next((each for each in payments if each.left_minor), payments[0])
    return refund_payment(payment, amount_minor, reason, now, refund_id=refund_id)


@for_purpose("take_payment")
def refund_payment(
    payment: Payment,
    amount_minor: int | None,
    reason: str,
    now: datetime,
    *,
    refund_id: uuid.UUID | None = None,
) -> Refund:
    """The same for one payment of an order that has several, such as one that was paid twice."""
    door = gateway_named(payment.gateway)
    if door.has_page and payment.reference_or_none() is None:
        raise RefundRefused(
            f"Order {payment.order.number}: the gateway's reference is past its period, so this "
            "store cannot name the payment any more. Refund it at the gateway itself."
        )
    refund = intend_refund(payment, amount_minor, reason, now, refund_id=refund_id)
    try:
        ask_for_refund(refund, now)
    except GatewayUnavailable:
        _log.warning("gateway %s does not answer: refund %s waits", payment.gateway, refund.pk)
    refund.refresh_from_db(fields=["state", "settled_at"])
    return refund


@own_transactions
@for_purpose("take_payment")
def carry_out_refund(refund_id: str, now: datetime) -> None:
    """The job: finish a refund that was intended elsewhere. Raises `GatewayUnavailable`."""
    refund = Refund.objects.select_related("payment__order", "payment__disclosure")
    ask_for_refund(refund.get(pk=refund_id), now)


@for_purpose("take_payment")
def ask_for_refund(refund: Refund, now: datetime) -> None:
    """Ask the gateway and settle with its answer; harmless when repeated. Raises
    `GatewayUnavailable`."""
    if refund.state != RefundState.ASKED:
        return
    payment = refund.payment
    request = RefundRequest(
        str(refund.pk), payment.order.number, refund.amount_minor, refund.currency
    )
    reference = payment.reference_or_none() or ""
    truths = gateway_named(payment.gateway).refund(payment.disclosure, reference, request)
    settle_refunds(payment, truths, now, asked=refund)
