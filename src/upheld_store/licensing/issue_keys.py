"""Act: give each licensed copy of a paid order its key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from upheld.db import for_purpose
from upheld.db.insertion import insert
from upheld.db.prepared import Asked, Prepared
from upheld_store.licensing.models import NONCE_BYTES, SEED_BYTES, LicenseKey
from upheld_store.licensing.reserve_keys import (
    SoldOut,
    copies_of,
    keys_for,
    lock_pools,
    show_what_is_left,
)
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
    on (line, copy) decides: a copy that has a key keeps it, whatever a second call brings. Raises
    `SoldOut` before it has written anything, where a pool has no key left for one of them."""
    named = list(lines)
    _sell_from_pools([line for line in named if line.pool_id is not None], new_bytes, now)
    keys = [
        LicenseKey.make(line, copy, new_bytes(SEED_BYTES), now)
        for line, copy in copies_of(line for line in named if line.pool_id is None)
    ]
    insert(*keys, keep_existing=True)
    return len(copies_of(named))


def _sell_from_pools(
    lines: Sequence[OrderLine], new_bytes: Callable[[int], bytes], now: datetime
) -> None:
    if not lines:
        return
    pools = lock_pools(lines)
    held = LicenseKey.objects.filter(line__in=lines).values_list("line_id", "copy")
    done = set(held)
    waiting = [(line, copy) for line, copy in copies_of(lines) if (line.pk, copy) not in done]
    sold = []
    for (line, copy), key in keys_for(waiting, now):
        plain = key.reveal()
        if not key.sell(now):  # the lock on the pool makes this impossible
            raise SoldOut(line, 0)
        nonce = new_bytes(NONCE_BYTES)
        sold.append(LicenseKey.of(line, copy, plain, nonce=nonce, now=now))
    # Not ignoring conflicts: a key that somebody has already must never be handed out.
    LicenseKey.objects.bulk_create(sold)
    show_what_is_left(pools, now)


def shown_key(row: str) -> str:
    """The key of one row, for whoever it was sold to. Raises `InvalidTag`."""
    return LicenseKey.objects.select_related("line").get(pk=row).reveal()


@for_purpose("deliver_order")
def keys_of(order: Order) -> list[tuple[str, str]]:
    """(product, key) for each copy, in the order of purchase."""
    return [(key.line.product_name, key.reveal()) for key in _KEYS.all(order=order.pk)]


@for_purpose("deliver_order")
def keys_of_all(orders: Iterable[Order]) -> dict[UUID, list[tuple[str, str]]]:
    """The same for several orders, by their ids, in one look-up."""
    found: dict[UUID, list[tuple[str, str]]] = {order.pk: [] for order in orders}
    keys = LicenseKey.objects.filter(line__order__in=found).select_related("line")
    for key in keys.order_by("line_id", "copy"):
        found[key.line.order_id].append((key.line.product_name, key.reveal()))
    return found
