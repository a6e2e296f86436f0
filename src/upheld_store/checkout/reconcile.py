"""Act: settle payments whose webhook never came and whose buyer never came back."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.http import Http404

from upheld.db import for_purpose
from upheld_store.checkout.confirm_payment import confirm_payment
from upheld_store.payments.gateway import GatewayUnavailable
from upheld_store.payments.gateways import gateway_named
from upheld_store.payments.models import Payment, PaymentState

PAYMENTS_PER_RUN = 200
# Where the gateway has never answered there is no page to pay on; after a day it has also
# forgotten the idempotency key, so the next try begins anew.
UNANSWERED_FOR = timedelta(days=1)
_log = logging.getLogger("upheld.reconcile")


@for_purpose("take_payment")
def reconcile_open_payments(now: datetime) -> int:
    """Ask the gateways about open payments, oldest first; give up those they never answered.
    Returns how many were settled. A gateway that does not answer is asked no more in this run,
    and does not stop the others."""
    settled, silent = 0, set[str]()
    for payment, reference in Payment.objects.open_with_references(PAYMENTS_PER_RUN):
        if reference is None:
            if payment.started_at < now - UNANSWERED_FOR:
                payment.close(PaymentState.FAILED)
            continue
        if payment.gateway in silent:
            continue
        try:
            confirm_payment(payment, reference, gateway_named(payment.gateway), now)
        except (GatewayUnavailable, Http404):
            silent.add(payment.gateway)
            _log.warning("gateway %s does not answer", payment.gateway)
            continue
        settled += payment.state != PaymentState.OPEN
    return settled
