"""Act: ask the gateways of one subject's payments to erase who paid."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings

from upheld.db import for_purpose
from upheld_store.payments.gateway import RedactionTruth
from upheld_store.payments.gateways import gateway_named
from upheld_store.payments.models import Payment

# The word that leaves most to do counts for all of a subject's payments.
_WORST_FIRST: tuple[RedactionTruth, ...] = ("refused", "by_hand", "asked", "confirmed")


@for_purpose("take_payment")
def ask_redaction(redaction_id: UUID, subject: UUID, now: datetime) -> RedactionTruth:
    """What the gateways say, all taken together; harmless when repeated. A gateway that this
    store no longer uses is asked by hand. Raises `GatewayUnavailable`."""
    answers: set[RedactionTruth] = set()
    for payment, reference in Payment.objects.named_of_subject(subject):
        if payment.gateway not in settings.UPHELD_GATEWAYS:
            answers.add("by_hand")
        else:
            door = gateway_named(payment.gateway)
            answers.add(door.request_redaction(payment.disclosure, reference))
    return next((word for word in _WORST_FIRST if word in answers), "confirmed")
