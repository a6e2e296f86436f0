"""Act: a person has sent a refund from the bank account, and says so."""

from __future__ import annotations

from datetime import datetime

from upheld.db import for_purpose
from upheld.policy.errors import ActRefused
from upheld_store.checkout.settle_refunds import settle_refunds
from upheld_store.payments.bank_account import waits_for_account
from upheld_store.payments.gateway import GatewayRefund
from upheld_store.payments.models import Refund


class NotSent(ActRefused):
    """There is nothing to send; the message says why."""


@for_purpose("take_payment")
def mark_sent(refund: Refund, now: datetime) -> None:
    """Settle the refund as a gateway's word would: once, with the mail to the buyer. Raises
    `NotSent` for one that a gateway sends, or that is done."""
    if not waits_for_account(refund):
        raise NotSent("This refund does not wait for a transfer. Open the order anew.")
    sent = GatewayRefund(
        reference=f"transfer-{refund.pk}",
        refund_id=str(refund.pk),
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        state="done",
    )
    settle_refunds(refund.payment, [sent], now)
