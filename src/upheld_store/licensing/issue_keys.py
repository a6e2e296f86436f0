"""Act: give each licensed copy of a paid order its key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from upheld.db import for_purpose
from upheld_store.licensing.models import SEED_BYTES, LicenseKey
from upheld_store.orders.models import Order, OrderLine


@for_purpose("deliver_order")
def issue_keys(lines: Iterable[OrderLine], new_bytes: Callable[[int], bytes], now: datetime) -> int:
    """In the caller's transaction. Returns how many copies have their key. The unique constraint
    on (line, copy) decides: a copy that has a key keeps it, whatever a second call brings."""
    keys = [
        LicenseKey.make(line, copy, new_bytes(SEED_BYTES), now)
        for line in lines
        for copy in range(1, line.quantity + 1)
    ]
    LicenseKey.objects.bulk_create(keys, ignore_conflicts=True)
    return len(keys)


def shown_key(row: str) -> str:
    """The key of one row, for whoever it was sold to. Raises `InvalidTag`."""
    return LicenseKey.objects.select_related("line").get(pk=row).reveal()


@for_purpose("deliver_order")
def keys_of(order: Order) -> list[tuple[str, str]]:
    """(product, key) for each copy, in the order of purchase."""
    return keys_of_all([order])[order.pk]


@for_purpose("deliver_order")
def keys_of_all(orders: Iterable[Order]) -> dict[UUID, list[tuple[str, str]]]:
    """The same for several orders, by their ids, in one look-up."""
    found: dict[UUID, list[tuple[str, str]]] = {order.pk: [] for order in orders}
    keys = LicenseKey.objects.filter(line__order__in=found).select_related("line")
    for key in keys.order_by("line_id", "copy"):
        found[key.line.order_id].append((key.line.product_name, key.reveal()))
    return found
