"""Read: the card an order was paid with, while its day's vault can still be opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from upheld.db import for_purpose
from upheld.policy.errors import Expired
from upheld.promises.retention.keep import destroyed_entry
from upheld.vault import SealedRef, VaultKeyLost, open_sealed
from upheld.vault.age import destroyed_from, kept_days
from upheld_store.orders.models import Order
from upheld_store.payments.models import Payment

FIELDS = ("payment.card_brand", "payment.card_last4")


@dataclass(frozen=True, slots=True)
class SealedCard:
    """What an order's page says of the card. `last4` is empty once nobody can read it any more;
    `until` is the first day on which that is so."""

    brand: str
    last4: str
    until: date
    # Of the log's entry that the day's key was destroyed.
    entry_index: int | None = None


@for_purpose("take_payment")
def sealed_card(order: Order, paid: Payment | None, now: datetime) -> SealedCard | None:
    """The card of the order's payment; None for an order that no card paid for."""
    if paid is None or order.paid_at is None:
        return None
    day = order.paid_at.astimezone(UTC).date()
    until = destroyed_from(day, kept_days(day)).date()
    try:
        opened = open_sealed(SealedRef("store_payments_payment", str(paid.pk), day), now, FIELDS)
    except (Expired, VaultKeyLost):
        return SealedCard("", "", until, destroyed_entry(day))
    if not opened:
        return None
    brand = opened.get("payment.card_brand", "").replace("_", " ").title()
    return SealedCard(brand, opened.get("payment.card_last4", ""), until)
