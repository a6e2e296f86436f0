"""Act: what the gateway says about disputes becomes what payment and order say."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from upheld.db import for_purpose
from upheld_store.checkout.confirm_payment import confirm_payment, find_payment
from upheld_store.checkout.net_state import follow_money
from upheld_store.payments.gateway import GatewayDispute, GatewayEvent, PaymentGateway
from upheld_store.payments.models import Dispute, GatewayEventRow, Payment

_log = logging.getLogger("upheld.checkout")


@for_purpose("take_payment")
def read_disputes(
    disputed_payment: str,
    gateway: PaymentGateway,
    now: datetime,
    event: GatewayEvent | None = None,
) -> None:
    """Ask the gateway which page the payment was made on, and for every dispute of it. An event
    is only the reason to ask: they come late, doubled and out of order, and name no order of ours.
    Raises `GatewayUnavailable`; the event is then not noted."""
    # The question names a payment by the gateway's own word, and nobody: any disclosure permits it.
    newest = Payment.objects.newest_disclosed(gateway.name)
    reference = gateway.page_of(newest.disclosure, disputed_payment) if newest else ""
    payment = find_payment(reference, gateway) if reference else None
    if payment is not None:
        confirm_payment(payment, reference, gateway, now)
        if payment.received_minor:
            settle_disputes(payment, gateway.disputes(payment.disclosure, reference), now)
    if event:
        GatewayEventRow.note(gateway.name, event, now)


@for_purpose("take_payment")
def settle_disputes(payment: Payment, truths: Sequence[GatewayDispute], now: datetime) -> None:
    """One transaction. Nothing that is known already is done twice."""
    with transaction.atomic():
        # Two who settle disputes or refunds of one payment at once come one after the other.
        held = Payment.objects.select_for_update().select_related("order").get(pk=payment.pk)
        news = [truth for truth in truths if Dispute.hear(held.pk, truth, now)]
        if not news:
            return
        held.sum_up_disputes()
        follow_money(held.order)
    for truth in news:
        _log.warning("dispute of order %s: %s", held.order.number, truth.state)
