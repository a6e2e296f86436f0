"""Read: money whose fate the gateway has not told for too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from upheld_store.payments.gateways import gateways_with_page
from upheld_store.payments.models import BY_HAND, Payment, PaymentState, Refund, RefundState

OVERDUE_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many payments and refunds. A page that a buyer left open is none of them: the gateway
    says that it is open whenever it is asked."""

    payments: int
    refunds: int

    @property
    def any(self) -> bool:
        """Whether somebody should look."""
        return bool(self.payments or self.refunds)

    def __str__(self) -> str:
        return f"{self.payments} payments, {self.refunds} refunds"


def count_overdue(now: datetime) -> Overdue:
    """What has been open for over an hour without the gateway's word within that hour."""
    since = now - OVERDUE_AFTER
    silent = Q(answered_at=None) | Q(answered_at__lt=since)
    payments = Payment.objects.filter(
        silent,
        state=PaymentState.OPEN,
        started_at__lt=since,
        gateway__in=[door.name for door in gateways_with_page()],
    )
    refunds = Refund.objects.filter(state=RefundState.ASKED, asked_at__lt=since)
    refunds = refunds.exclude(payment__gateway=BY_HAND)
    return Overdue(payments.count(), refunds.count())
