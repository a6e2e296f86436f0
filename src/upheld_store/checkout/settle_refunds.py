"""Act: what the gateway says about money that went back becomes what the order says, once."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from django.db import transaction

from upheld.db import for_purpose
from upheld.promises import mail
from upheld_store.checkout.confirm_payment import confirm_payment
from upheld_store.checkout.net_state import follow_money
from upheld_store.payments.gateway import GatewayEvent, GatewayRefund, PaymentGateway
from upheld_store.payments.models import (
    GatewayEventRow,
    Payment,
    Refund,
    RefundReason,
    RefundState,
)

_SETTLED: dict[str, RefundState] = {"done": RefundState.DONE, "failed": RefundState.FAILED}
_log = logging.getLogger("upheld.checkout")


@for_purpose("take_payment")
def read_refunds(
    order_number: str, gateway: PaymentGateway, now: datetime, event: GatewayEvent | None = None
) -> None:
    """Ask the gateway for every refund of this order and settle with what it says. An event is
    only the reason to ask: they come late, doubled and out of order, so a payment that we do not
    know as paid is asked about first. Raises `GatewayUnavailable`; the event is then not noted."""
    asked = Payment.objects.filter(order__number=order_number, gateway=gateway.name)
    for payment in list(asked.select_related("order", "disclosure")):
        reference = payment.reference_or_none()
        if reference is None:
            continue
        confirm_payment(payment, reference, gateway, now)
        if payment.received_minor:
            settle_refunds(payment, gateway.refunds(payment.disclosure, reference), now)
    if event:
        GatewayEventRow.note(gateway.name, event, now)


@for_purpose("take_payment")
def settle_refunds(
    payment: Payment, truths: Sequence[GatewayRefund], now: datetime, asked: Refund | None = None
) -> None:
    """One transaction. `asked` is the refund that the gateway was just asked for: where its list
    lacks that one, it has refused it. A refund that was made at the gateway itself is taken into
    the books, so that they agree with its account."""
    order = payment.order
    with transaction.atomic():
        # Two who settle refunds of one payment at once come one after the other.
        held = Payment.objects.select_for_update().get(pk=payment.pk)
        known = {truth.refund_id for truth in truths}
        if asked and str(asked.pk) not in known and asked.settle(RefundState.FAILED, now):
            _log.error("the gateway refused refund %s of order %s", asked.pk, order.number)
        done = sum(_settle_one(held, truth, now) for truth in truths)
        if not done:
            return
        follow_money(order)
        ground = mail.Contract("store_orders_order", str(order.pk))
        mail.compose("refund", subject=order.subject_id, ground=ground, now=now).queue()


def _settle_one(payment: Payment, truth: GatewayRefund, now: datetime) -> bool:
    """Whether this call has seen the money gone."""
    state = _SETTLED.get(truth.state)
    refund = _known(payment, truth)
    if refund is None:
        refund = _adopt(payment, truth, now)
    if refund is None or state is None:
        return False
    settled = refund.settle(state, now)
    if settled and state == RefundState.FAILED:
        _log.error("refund %s of order %s has failed", refund.pk, payment.order.number)
    return settled and state == RefundState.DONE


def _known(payment: Payment, truth: GatewayRefund) -> Refund | None:
    names = [uuid.uuid5(payment.pk, truth.reference)]
    with suppress(ValueError):
        names.append(uuid.UUID(truth.refund_id))
    return Refund.objects.filter(pk__in=names, payment=payment).first()


def _adopt(payment: Payment, truth: GatewayRefund, now: datetime) -> Refund | None:
    """The refund that somebody made at the gateway itself. Its id follows from the gateway's
    name for it, so it is taken in once."""
    if truth.state == "failed":
        return None
    fits = truth.currency == payment.received_currency
    if not fits or not payment.reserve_refund(truth.amount_minor):
        _log.error("a refund of order %s does not fit its payment", payment.order.number)
        return None
    refund = Refund(
        id=uuid.uuid5(payment.pk, truth.reference),
        payment=payment,
        reason=RefundReason.AT_GATEWAY,
        amount_minor=truth.amount_minor,
        currency=truth.currency,
        asked_at=now,
    )
    refund.save(force_insert=True)
    return refund
