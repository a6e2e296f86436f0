"""A payment that its payer disputes at the bank, which takes the money back until it decides."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models

from upheld_store.orders.models import Order
from upheld_store.payments.gateway import GatewayDispute


class DisputeState(models.TextChoices):
    """An inquiry has not moved money; it may become a dispute. What is decided stays decided."""

    INQUIRY = "inquiry", "the bank asks"
    OPEN = "open", "open"
    WON = "won", "decided for us"
    LOST = "lost", "decided for the buyer"
    CLOSED = "closed", "closed, no money moved"


# While it is open the money is with the bank, and where it is lost it stays there.
TAKEN = (DisputeState.OPEN, DisputeState.LOST)
UNDECIDED = (DisputeState.INQUIRY, DisputeState.OPEN)
# From which states each state may be reached: nothing leads back.
_REACHED_FROM = {
    DisputeState.INQUIRY: (),
    DisputeState.OPEN: (DisputeState.INQUIRY,),
    DisputeState.WON: UNDECIDED,
    DisputeState.LOST: UNDECIDED,
    DisputeState.CLOSED: (DisputeState.INQUIRY,),
}


class DisputeQuerySet(models.QuerySet["Dispute"]):
    def of_order(self, order: Order) -> list[Dispute]:
        """Every dispute of this order, oldest first, each with its payment."""
        found = self.filter(payment__order=order).select_related("payment")
        return list(found.order_by("opened_at", "pk"))

    def undecided(self) -> DisputeQuerySet:
        """Those that the bank has not decided."""
        return self.filter(state__in=UNDECIDED)


class Dispute(models.Model):
    """What the gateway says of one dispute. The id follows from the gateway's name for it, so it
    is taken in once, and that name need not be kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    payment = models.ForeignKey("store_payments.Payment", models.PROTECT, related_name="disputes")
    state = models.CharField(max_length=10, choices=DisputeState.choices)
    # One of the bank's few words, such as "product_not_received".
    reason = models.CharField(max_length=40)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    respond_by = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(db_index=True)
    decided_at = models.DateTimeField(null=True)
    # Whether this dispute is why what was bought is closed; then winning it opens that again.
    suspends = models.BooleanField(default=False)

    objects: ClassVar[models.Manager[Dispute]] = DisputeQuerySet.as_manager()

    class Meta:
        db_table = "store_payments_dispute"

    def __str__(self) -> str:
        return str(self.pk)

    @classmethod
    def hear(cls, payment_id: uuid.UUID, truth: GatewayDispute, now: datetime) -> bool:
        """Take in what the gateway says, in the caller's transaction that holds the payment. An
        older word than the one we have changes nothing. Returns whether this call did something."""
        pk, state = uuid.uuid5(payment_id, truth.reference), DisputeState(truth.state)
        decided = None if state in UNDECIDED else now
        known = cls.objects.filter(pk=pk)
        if not known.exists():
            cls(
                id=pk, payment_id=payment_id, state=state, reason=truth.reason,
                amount_minor=truth.amount_minor, currency=truth.currency,
                respond_by=truth.respond_by, opened_at=now, decided_at=decided,
            ).save(force_insert=True)  # fmt: skip
            return True
        going_on = known.filter(state__in=_REACHED_FROM[state])
        return bool(
            going_on.update(
                state=state,
                amount_minor=truth.amount_minor,
                respond_by=truth.respond_by,
                decided_at=decided,
            )
        )

    @property
    def reason_words(self) -> str:
        """The bank's word as words."""
        return self.reason.replace("_", " ")

    @property
    def is_undecided(self) -> bool:
        """Whether the bank may still decide either way."""
        return self.state in UNDECIDED
