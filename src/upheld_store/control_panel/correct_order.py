"""Act: correct what an order holds of its customer."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from upheld.db import for_purpose
from upheld.policy.errors import Expired
from upheld.vault import SealedRef, VaultKeyLost, open_sealed, seal
from upheld_store.orders.models import Order, OrderContact
from upheld_store.payments.models import Payment

PAYER = {"payer_name": "payment.payer_name", "street": "payment.street"}
_TABLE = "store_payments_payment"


@for_purpose("deliver_order")
def correct_contact(order: Order, name: str, email: str | None) -> None:
    """The order's name, and its address where one is given: the account's own, which is shown to
    be the customer's."""
    changes = {"name": name} | ({"email": email} if email else {})
    OrderContact.objects.filter(order=order).update(**changes)


@for_purpose("deliver_order")
def contact_of(order: Order) -> OrderContact:
    """Where the order goes, and to whom."""
    return OrderContact.objects.get(order=order)


@for_purpose("take_payment")
def payer_of(order: Order, now: datetime) -> dict[str, str]:
    """Input → the payer's sealed value; empty once its vault is gone."""
    ref = _sealed_at(order)
    if ref is None:
        return {}
    try:
        opened = open_sealed(ref, now, tuple(PAYER.values()))
    except (Expired, VaultKeyLost):
        return {}
    return {name: opened[field] for name, field in PAYER.items() if field in opened}


@for_purpose("take_payment")
def correct_payer(order: Order, values: dict[str, str], now: datetime) -> None:
    """Seal the values into the vault of their original day, so that a correction lives no longer
    than what it corrects. Raises `UnsealedField` for one that no vault takes."""
    ref = _sealed_at(order)
    if ref is None or not values:
        return
    sealed = {PAYER[name]: value for name, value in values.items()}
    with transaction.atomic():
        seal(sealed, table=ref.table, row=ref.row, day=ref.day, now=now)


def _sealed_at(order: Order) -> SealedRef | None:
    paid = Payment.newest_of(order)
    if paid is None or order.paid_at is None:
        return None
    return SealedRef(_TABLE, str(paid.pk), order.paid_at.astimezone(UTC).date())
