"""Act: give each licensed copy of a paid order its key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from upheld.db import for_purpose
from upheld.db.insertion import insert
from upheld.db.prepared import Asked, Prepared
from upheld_store.licensing.models import SEED_BYTES, LicenseKey
from upheld_store.orders.models import Order, OrderLine

_KEYS = Prepared(
    lambda: (
        LicenseKey.objects.filter(line__order=Asked("order"))
        .select_related("line")
        .order_by("line_id", "copy")
    )
)


@for_purpose("deliver_order")
def issue_keys(lines: Iterable[OrderLine], new_bytes: Callable[[int], bytes], now: datetime) -> int:
    """In the caller's transaction. Returns how many copies have their key. The unique constraint
    on (line, copy) decides: a copy that has a key keeps it, whatever a second call brings."""
    keys = [
        LicenseKey.make(line, copy, new_bytes(SEED_BYTES), now)
        for line in lines
        for copy in range(1, line.quantity + 1)
    ]
    insert(*keys, keep_existing=True)
    return len(keys)


@for_purpose("deliver_order")
def keys_of(order: Order) -> list[tuple[str, str]]:
    """(product, key) for each copy, in the order of purchase."""
    return [(key.line.product_name, key.reveal()) for key in _KEYS.all(order=order.pk)]
