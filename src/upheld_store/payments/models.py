"""A payment we asked for, the gateway's name for it beside it, what of it went back or is
disputed, and the events we have seen."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Case, F, Q, Sum, When

from upheld.db.prepared import Asked, Prepared, PreparedChange
from upheld.promises.disclosure import Disclosure
from upheld_store.orders.models import Order
from upheld_store.payments.dispute import TAKEN, Dispute, DisputeState
from upheld_store.payments.event_row import GatewayEventRow
from upheld_store.payments.gateway import GatewayPayment

__all__ = [
    "Dispute",
    "DisputeState",
    "GatewayEventRow",
    "Payment",
    "PaymentReference",
    "PaymentState",
    "Refund",
    "RefundReason",
    "RefundState",
]


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
    def open_of(self, order: Order) -> Payment | None:
        """The one open payment of this order, with its disclosure."""
        return (
            self.filter(order=order, state=PaymentState.OPEN).select_related("disclosure").first()
        )

    def open_with_references(
        self, gateways: Collection[str], most: int
    ) -> list[tuple[Payment, str | None]]:
        """Open payments at these gateways, each with the gateway's name for it: first those that
        the gateway has never been asked about, then the one whose answer is oldest."""
        found = self.filter(state=PaymentState.OPEN, gateway__in=gateways)
        found = found.select_related("order", "disclosure", "named")
        oldest_first = F("answered_at").asc(nulls_first=True)
        return [
            (payment, payment.named.reference if hasattr(payment, "named") else None)
            for payment in found.order_by(oldest_first, "started_at", "pk")[:most]
        ]

    def settled_of(self, order: Order) -> list[Payment]:
        """The payments of this order that brought money: the one that paid it first, then those
        under review, newest first."""
        settled = self.filter(order=order, state__in=(PaymentState.PAID, PaymentState.REVIEW))
        # By name "paid" stands before "review".
        return list(settled.select_related("order", "disclosure").order_by("state", "-started_at"))

    def named_of_subject(self, subject: uuid.UUID) -> list[tuple[Payment, str]]:
        """The payments of this subject's orders that a gateway has a name for, with that name
        and the disclosure that permits to use it."""
        mine = self.filter(order__subject_id=subject, named__isnull=False)
        found = mine.select_related("disclosure", "named").order_by("started_at", "pk")
        return [(payment, payment.named.reference) for payment in found]

    def newest_disclosed(self, gateway: str) -> Payment | None:
        """The newest payment at this gateway, with its disclosure."""
        mine = self.filter(gateway=gateway, disclosure__isnull=False)
        return mine.select_related("disclosure").order_by("-started_at").first()


class Payment(models.Model):
    """One request for money: amount and currency are copies of the order's at that moment. The
    id is also the idempotency key under which the gateway hears of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    gateway = models.CharField(max_length=30)
    # None at a gateway that hears nothing from us, such as a bank transfer.
    disclosure = models.ForeignKey(Disclosure, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=PaymentState.choices, default=PaymentState.OPEN)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    started_at = models.DateTimeField(db_index=True)
    # When the gateway last said that it is still open.
    answered_at = models.DateTimeField(null=True)
    # What came in by the gateway's word; under review it may be other than what we asked for.
    received_minor = models.BigIntegerField(default=0)
    received_currency = models.CharField(max_length=3, blank=True)
    # What went back of that, or is on its way.
    refunded_minor = models.BigIntegerField(default=0)
    # What the payer's bank has taken back of it, for now or for good.
    disputed_minor = models.BigIntegerField(default=0)

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
            # No more goes back than came in.
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("received_minor")),
                name="store_payment_refunded_within",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @classmethod
    def by_reference(cls, gateway: str, reference: str) -> Payment | None:
        """The payment that this gateway knows by `reference`, with its order and disclosure."""
        if not reference.isprintable():
            return None  # PostgreSQL takes no NUL, not even to look for it
        return _BY_REFERENCE.first(gateway=gateway, reference=reference)

    @classmethod
    def newest_of(cls, order: Order) -> Payment | None:
        """The payment that an order's page speaks of: the one that paid it, else the newest."""
        return _NEWEST.first(order=order.pk)

    @property
    def left_minor(self) -> int:
        """What could still go back: what a bank has taken back cannot, or it went back twice."""
        return max(0, self.received_minor - self.refunded_minor - self.disputed_minor)

    def close(self, state: PaymentState, received: GatewayPayment | None = None) -> bool:
        """Go on to `state`, with what came in; a state that has been passed is never returned
        to. Returns whether this call did it."""
        facts: dict[str, Any] = {"state": state}
        if received:
            facts["received_minor"] = received.amount_minor
            facts["received_currency"] = received.currency.upper()[:3]
        changed = _closing(tuple(facts), state).run(pk=self.pk, **facts)
        if changed:
            for name, value in facts.items():
                setattr(self, name, value)
        return bool(changed)

    def reserve_refund(self, amount_minor: int) -> bool:
        """Set `amount_minor` aside to go back. False where less is left: two who refund at once
        cannot both have the last of it, because the condition stands in the update."""
        found = Payment.objects.filter(
            pk=self.pk,
            state__in=(PaymentState.PAID, PaymentState.REVIEW),
            received_minor__gte=F("refunded_minor") + F("disputed_minor") + amount_minor,
        )
        return bool(found.update(refunded_minor=F("refunded_minor") + amount_minor))

    def sum_up_disputes(self) -> None:
        """Count anew what the bank holds. In a transaction that holds this row."""
        taken = self.disputes.filter(state__in=TAKEN)
        self.disputed_minor = taken.aggregate(total=Sum("amount_minor", default=0))["total"]
        Payment.objects.filter(pk=self.pk).update(disputed_minor=self.disputed_minor)

    def reference_or_none(self) -> str | None:
        """The gateway's name for it; None where the gateway has never answered."""
        named = PaymentReference.objects.filter(payment=self)
        return named.values_list("reference", flat=True).first()


@functools.cache
def _closing(columns: tuple[str, ...], state: PaymentState) -> PreparedChange:
    """These columns, set on the way to this state."""
    return PreparedChange(
        lambda: Payment.objects.filter(pk=Asked("pk"), state__in=_REACHED_FROM[state]),
        **{column: Asked(column) for column in columns},
    )


_BY_REFERENCE = Prepared(
    lambda: Payment.objects.filter(
        gateway=Asked("gateway"), named__reference=Asked("reference")
    ).select_related("order", "disclosure")
)
_NEWEST = Prepared(
    lambda: Payment.objects.filter(order=Asked("order")).order_by(
        Case(When(state=PaymentState.PAID, then=0), default=1), "-started_at"
    )[:1]
)


class PaymentReference(models.Model):
    """The gateway's pseudonym of a payment: personal, so in a table of its own."""

    payment = models.OneToOneField(Payment, models.CASCADE, primary_key=True, related_name="named")
    reference = models.CharField(max_length=200, unique=True)

    class Meta:
        db_table = "store_payments_paymentreference"

    def __str__(self) -> str:
        return str(self.payment_id)


class RefundState(models.TextChoices):
    """Asked becomes done or failed, once, by the gateway's word."""

    ASKED = "asked", "on its way"
    DONE = "done", "done"
    FAILED = "failed", "failed"


class RefundReason(models.TextChoices):
    """Why money went back: one of these, so that nothing about a person is written here."""

    REQUESTED = "requested", "the buyer asked for it"
    DUPLICATE = "duplicate", "paid twice"
    MISMATCH = "mismatch", "the payment did not match the order"
    NOT_DELIVERABLE = "not_deliverable", "the order could not be delivered"
    GOODWILL = "goodwill", "goodwill"
    AT_GATEWAY = "at_gateway", "refunded at the gateway"


# The gateway that is a person with a bank account.
BY_HAND = "transfer"


class RefundQuerySet(models.QuerySet["Refund"]):
    def asked(self, most: int) -> list[Refund]:
        """Refunds that a gateway has not settled, oldest first, each with all it needs. One that a
        person sends is none of them."""
        found = self.filter(state=RefundState.ASKED).exclude(payment__gateway=BY_HAND)
        found = found.select_related("payment__order", "payment__disclosure")
        return list(found.order_by("asked_at", "pk")[:most])

    def to_send(self) -> RefundQuerySet:
        """Those that a person has yet to send, oldest first, each with its order."""
        found = self.filter(state=RefundState.ASKED, payment__gateway=BY_HAND)
        return found.select_related("payment__order").order_by("asked_at", "pk")

    def of_order(self, order: Order) -> list[Refund]:
        """Every refund of this order, oldest first, each with its payment."""
        return list(
            self.filter(payment__order=order).select_related("payment").order_by("asked_at", "pk")
        )


class Refund(models.Model):
    """Money that goes back. The row is committed before the gateway is asked, and its id is the
    idempotency key, so a refund that was interrupted anywhere is finished, never repeated."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    state = models.CharField(max_length=10, choices=RefundState.choices, default=RefundState.ASKED)
    reason = models.CharField(max_length=20, choices=RefundReason.choices)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    asked_at = models.DateTimeField(db_index=True)
    settled_at = models.DateTimeField(null=True)
    # The day in whose vault the account lies that a transfer goes to.
    account_sealed_on = models.DateField(null=True)

    objects: ClassVar[models.Manager[Refund]] = RefundQuerySet.as_manager()

    class Meta:
        db_table = "store_payments_refund"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gte=1), name="store_refund_some_amount"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def settle(self, state: RefundState, now: datetime) -> bool:
        """Asked → done or failed, once; what a failed one had set aside is free again. In the
        caller's transaction. Returns whether this call did it."""
        found = Refund.objects.filter(pk=self.pk, state=RefundState.ASKED)
        if not found.update(state=state, settled_at=now):
            return False
        self.state, self.settled_at = state, now
        if state == RefundState.FAILED:
            Payment.objects.filter(pk=self.payment_id).update(
                refunded_minor=F("refunded_minor") - self.amount_minor
            )
        return True

    @property
    def settled(self) -> bool:
        """Whether the gateway has said what became of it."""
        return self.state != RefundState.ASKED
