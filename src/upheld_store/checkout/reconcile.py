"""Act: settle payments whose webhook never came and whose buyer never came back."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from upheld.db import for_purpose
from upheld_store.checkout.confirm_payment import confirm_payment
from upheld_store.payments.gateway import GatewayUnavailable
from upheld_store.payments.gateways import gateway_named
from upheld_store.payments.models import Payment, PaymentState

OPEN_FOR = timedelta(days=2)
_log = logging.getLogger("upheld.reconcile")


@for_purpose("take_payment")
def reconcile_open_payments(now: datetime) -> int:
    """Ask the gateway about each open payment of the last two days; close older ones.
    Returns how many were settled. One that fails does not stop the rest."""
    settled = 0
    open_payments = Payment.objects.filter(state=PaymentState.OPEN)
    for payment in list(open_payments.filter(started_at__gte=now - OPEN_FOR)):
        reference = payment.reference_or_none()
        if reference is None:
            continue
        try:
            confirm_payment(reference, gateway_named(payment.gateway), now)
        except GatewayUnavailable:
            _log.warning("gateway %s does not answer", payment.gateway)
            continue
        payment.refresh_from_db(fields=["state"])
        settled += payment.state != PaymentState.OPEN
    open_payments.filter(started_at__lt=now - OPEN_FOR).update(state=PaymentState.FAILED)
    return settled
