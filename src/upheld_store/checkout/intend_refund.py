"""Act: write down that money is to go back, before the gateway hears of it."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from upheld.db import for_purpose
from upheld.policy.errors import ActRefused
from upheld.promises import mail
from upheld_store.payments.models import BY_HAND, Payment, Refund, RefundReason


class RefundRefused(ActRefused):
    """This money cannot go back; the message says why and names the way out."""


@for_purpose("take_payment")
def intend_refund(
    payment: Payment,
    amount_minor: int | None,
    reason: str,
    now: datetime,
    *,
    refund_id: uuid.UUID | None = None,
) -> Refund:
    """The refund, and its amount set aside, in one transaction. `amount_minor` None is all that
    is left. Asked again under the same `refund_id`, it is the same refund. Raises
    `RefundRefused`."""
    with transaction.atomic():
        held = Payment.objects.select_for_update().select_related("order").get(pk=payment.pk)
        known = Refund.objects.filter(pk=refund_id, payment=held).first() if refund_id else None
        if known is not None:
            return known
        amount = held.left_minor if amount_minor is None else amount_minor
        if reason not in RefundReason.values:
            raise RefundRefused(f"Choose a reason: {', '.join(RefundReason.values)}.")
        if amount < 1 or not held.reserve_refund(amount):
            raise RefundRefused(
                f"Order {held.order.number}: {held.left_minor} {held.received_currency} (in minor "
                "units) can still go back. Give an amount between 1 and that."
            )
        refund = Refund(
            id=refund_id or uuid.uuid4(),
            payment=held,
            reason=reason,
            amount_minor=amount,
            currency=held.received_currency,
            asked_at=now,
        )
        refund.save(force_insert=True)
        if held.gateway == BY_HAND:
            order = held.order
            ground = mail.Contract("store_orders_order", str(order.pk))
            mail.compose("refund_account", subject=order.subject_id, ground=ground, now=now).queue()
    return refund
