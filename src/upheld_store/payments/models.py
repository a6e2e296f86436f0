"""A payment we asked for, the gateway's name for it beside it, and the events we have seen."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from upheld.promises.disclosure import Disclosure
from upheld_store.orders.models import Order
from upheld_store.payments.gateway import GatewayEvent


class PaymentState(models.TextChoices):
    """Open may become any other; failed may still become paid or review when money turns up."""

    OPEN = "open", "open"
    PAID = "paid", "paid"
    FAILED = "failed", "failed"
    REVIEW = "review", "being looked at"


# From which states each state may be reached: nothing leads back.
_REACHED_FROM = {
    PaymentState.PAID: (PaymentState.OPEN, PaymentState.FAILED),
    PaymentState.REVIEW: (PaymentState.OPEN, PaymentState.FAILED),
    PaymentState.FAILED: (PaymentState.OPEN,),
}


class PaymentQuerySet(models.QuerySet["Payment"]):
    def by_reference(self, gateway: str, reference: str) -> Payment | None:
        """The payment that this gateway knows by `reference`, with its order and disclosure."""
        if not reference.isprintable():
            return None  # PostgreSQL takes no NUL, not even to look for it
        mine = self.filter(gateway=gateway, named__reference=reference)
        return mine.select_related("order", "disclosure").first()

    def open_of(self, order: Order) -> Payment | None:
        """The one open payment of this order, with its disclosure."""
        return (
            self.filter(order=order, state=PaymentState.OPEN).select_related("disclosure").first()
        )

    def open_with_references(self, most: int) -> list[tuple[Payment, str | None]]:
        """Open payments, oldest first, each with the gateway's name for it."""
        found = self.filter(state=PaymentState.OPEN).select_related("order", "disclosure", "named")
        return [
            (payment, payment.named.reference if hasattr(payment, "named") else None)
            for payment in found.order_by("started_at", "pk")[:most]
        ]


class Payment(models.Model):
    """One request for money: amount and currency are copies of the order's at that moment. The
    id is also the idempotency key under which the gateway hears of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=30)
    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=PaymentState.choices, default=PaymentState.OPEN)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    started_at = models.DateTimeField(db_index=True)

    objects: ClassVar[models.Manager[Payment]] = PaymentQuerySet.as_manager()

    class Meta:
        db_table = "store_payments_payment"
        constraints = [
            # The guard against double charges: an order has one page on which it can be paid ...
            models.UniqueConstraint(
                fields=["order"], condition=Q(state="open"), name="store_payment_one_open"
            ),
            # ... and is paid once.
            models.UniqueConstraint(
                fields=["order"], condition=Q(state="paid"), name="store_payment_one_paid"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def close(self, state: PaymentState) -> bool:
        """Go on to `state`; a state that has been passed is never returned to. Returns whether
        this call did it."""
        found = Payment.objects.filter(pk=self.pk, state__in=_REACHED_FROM[state])
        changed = found.update(state=state)
        if changed:
            self.state = state
        return bool(changed)

    def reference_or_none(self) -> str | None:
        """The gateway's name for it; None where the gateway has never answered."""
        named = PaymentReference.objects.filter(payment=self)
        return named.values_list("reference", flat=True).first()


class PaymentReference(models.Model):
    """The gateway's pseudonym of a payment: personal, so in a table of its own."""

    payment = models.OneToOneField(Payment, models.CASCADE, primary_key=True, related_name="named")
    reference = models.CharField(max_length=200, unique=True)

    class Meta:
        db_table = "store_payments_paymentreference"

    def __str__(self) -> str:
        return str(self.payment_id)


class GatewayEventRow(models.Model):
    """An event that has been dealt with: what the gateway said, and when, once."""

    gateway = models.CharField(max_length=30)
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        db_table = "store_payments_gatewayevent"
        constraints = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="store_gatewayevent_once")
        ]

    def __str__(self) -> str:
        return self.kind

    @staticmethod
    def note(gateway: str, event: GatewayEvent, now: datetime) -> None:
        """Remember an event, in the transaction of what followed from it; twice is once."""
        row = GatewayEventRow(gateway=gateway, event_id=event.id, kind=event.kind, at=now)
        GatewayEventRow.objects.bulk_create([row], ignore_conflicts=True)
