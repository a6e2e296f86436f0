"""Act: keep an order's data beyond its period, for a reason and until a day; or let it go."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from upheld.db import for_purpose
from upheld.policy.errors import ActRefused
from upheld.promises.retention.models import Hold
from upheld_store.orders.models import Order


class HoldRefused(ActRefused):
    """The hold cannot be placed or lifted; the message names the way out."""


def hold_order(number: str, reason: str, until: date, now: datetime) -> Hold:
    """Nothing of the order's buyer is removed before `until`. Raises `HoldRefused`."""
    if not reason.strip():
        raise HoldRefused("A hold needs a reason. Say it with --reason.")
    if until <= now.date():
        raise HoldRefused(f"{until} is not in the future. Give a later day with --until.")
    with transaction.atomic():
        return Hold.objects.create(
            subject_id=_order(number).subject_id, reason=reason.strip(), until=until, made_at=now
        )


def unhold_order(number: str) -> int:
    """Lift every hold on the order's buyer. Returns how many there were. Raises `HoldRefused`."""
    with transaction.atomic():
        lifted, _ = Hold.objects.filter(subject_id=_order(number).subject_id).delete()
    if not lifted:
        raise HoldRefused(f"Order {number} is not on hold.")
    return lifted


@for_purpose("oversee")
def lift_hold(hold_id: int) -> None:
    """Lift one hold; nothing happens where it is lifted already."""
    Hold.objects.filter(pk=hold_id).delete()


def _order(number: str) -> Order:
    order = Order.objects.filter(number=number.strip().upper()).first()
    if order is None:
        raise HoldRefused(f"There is no order {number}. Look at the number in the receipt.")
    return order
