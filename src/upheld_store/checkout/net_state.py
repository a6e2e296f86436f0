"""Act: what was bought follows the money. It stays the buyer's while anything of what paid for it
is with us; when nothing is, it is closed; where a bank has only taken it until it decides, it
rests, and opens again when the bank decides for us."""

from __future__ import annotations

from django.db.models import Q, Sum

from upheld_store.orders.models import Order, OrderState
from upheld_store.payments.models import Dispute, DisputeState, Payment, RefundState


def follow_money(order: Order) -> None:
    """In the caller's transaction, after money went back or came again. Never leads from refunded
    to anything."""
    order.refresh_from_db(fields=["state", "paid_at"])
    disputes = Dispute.objects.filter(payment__order=order)
    if is_money_left(order):
        if disputes.filter(suspends=True).update(suspends=False):
            order.restore()
        return
    open_ones = disputes.filter(state=DisputeState.OPEN)
    if not open_ones.exists():
        order.mark_refunded()
        disputes.filter(suspends=True).update(suspends=False)
    elif order.withhold():
        open_ones.update(suspends=True)


def is_money_left(order: Order) -> bool:
    """Whether the order's net state still entitles to what was bought. A payment that goes back
    leaves the order alone while another one, made twice by mistake, still pays for it."""
    done = Sum("refunds__amount_minor", filter=Q(refunds__state=RefundState.DONE), default=0)
    payments = Payment.objects.filter(order=order, received_minor__gt=0).annotate(back=done)
    return any(
        received > back + taken
        for received, currency, back, taken in payments.values_list(
            "received_minor", "received_currency", "back", "disputed_minor"
        )
        if order.state != OrderState.PAID
        or (currency == order.currency and received >= order.total_minor)
    )
