"""Act: set keys of a pool aside for an order before it is paid, and let them go again.

Whoever takes keys locks their pool first, pools in one order, so that of two buyers the second
sees what the first has taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from upheld.policy.errors import ActRefused
from upheld_store.catalog.models import KeyPool
from upheld_store.licensing.models import PooledKey
from upheld_store.orders.models import Order, OrderLine

Copy = tuple[OrderLine, int]


class SoldOut(ActRefused):
    """Fewer keys are left than an order needs; the message says of what, and how many are."""

    def __init__(self, line: OrderLine, left: int) -> None:
        self.what = f"{line.product_name} ({line.plan_name})"
        words = (
            f"Of {self.what} only {left} can be had at the moment. Take fewer"
            if left
            else f"{self.what} is sold out. Take it out of your cart"
        )
        super().__init__(f"{words}; nothing was charged.")


def reserve_keys(lines: Iterable[OrderLine], until: datetime, now: datetime) -> None:
    """A key for each copy of each line that sells from a pool, or none at all; asked again, the
    same keys until later. In the caller's transaction. Raises `SoldOut` before it has written."""
    pooled = [line for line in lines if line.pool_id is not None]
    if not pooled:
        return
    pools = lock_pools(pooled)
    found = keys_for(copies_of(pooled), now)
    for (line, copy), key in found:
        if not key.set_aside(line, copy, until, now):
            raise SoldOut(line, 0)  # the lock on the pool makes this impossible
    show_what_is_left(pools, now)


def lock_pools(lines: Iterable[OrderLine]) -> list[KeyPool]:
    """The pools of these lines, each locked until the caller's transaction ends."""
    return locked_pools({line.pool_id for line in lines})


def locked_pools(keys: Iterable[int | None]) -> list[KeyPool]:
    """These pools, each locked until the caller's transaction ends. Not against the mere mention
    of a pool by the lines of another order: two who place at once would wait for each other."""
    found = KeyPool.objects.select_for_update(no_key=True).filter(pk__in=list(keys))
    return list(found.order_by("pk"))


def copies_of(lines: Iterable[OrderLine]) -> list[Copy]:
    """Every copy of these lines, counted from 1."""
    return [(line, copy) for line in lines for copy in range(1, line.quantity + 1)]


def keys_for(copies: Sequence[Copy], now: datetime) -> list[tuple[Copy, PooledKey]]:
    """A key for each copy: the one set aside for it, even where its time is over, else a free
    one. Writes nothing. Raises `SoldOut`."""
    aside = PooledKey.objects.filter(line__in={line.pk for line, _ in copies}, sold_at=None)
    mine = {(key.line_id, key.copy): key for key in aside}
    found: list[tuple[Copy, PooledKey]] = []
    missing: dict[OrderLine, list[int]] = {}
    for line, copy in copies:
        key = mine.get((line.pk, copy))
        if key is not None:
            found.append(((line, copy), key))
        else:
            missing.setdefault(line, []).append(copy)
    taken = {key.pk for _, key in found}
    for line, wanted in missing.items():
        free = PooledKey.objects.free(now).filter(pool=line.pool_id).exclude(pk__in=taken)
        keys = list(free.order_by("pk")[: len(wanted)])
        if len(keys) < len(wanted):
            raise SoldOut(line, line.quantity - len(wanted) + len(keys))
        found += [((line, copy), key) for copy, key in zip(wanted, keys, strict=True)]
        taken |= {key.pk for key in keys}
    return found


def free_keys_of(order: Order, now: datetime) -> int:
    """Let the order's keys go: it is canceled, or its money goes back. In the caller's
    transaction. Returns how many they were."""
    lines = [line for line in order.lines.all() if line.pool_id is not None]
    if not lines:
        return 0
    pools = lock_pools(lines)
    freed = PooledKey.objects.reserved_for(order).update(line=None, copy=None, reserved_until=None)
    show_what_is_left(pools, now)
    return freed


def set_aside_until(order: Order) -> datetime | None:
    """Until when the order's keys wait for its payment; None where none does."""
    until = PooledKey.objects.reserved_for(order).order_by("reserved_until")
    return until.values_list("reserved_until", flat=True).first()


def release_reservations(now: datetime) -> int:
    """The periodic act: keys whose orders were not paid in time are free. Returns how many."""
    with transaction.atomic():
        over = PooledKey.objects.filter(sold_at=None, reserved_until__lte=now)
        named = set(over.values_list("pool", flat=True))
        if not named:
            return 0
        pools = locked_pools(named)
        freed = over.update(line=None, copy=None, reserved_until=None)
        show_what_is_left(pools, now)
    return freed


def show_what_is_left(pools: Iterable[KeyPool], now: datetime) -> None:
    """Let the shop window say whether a key is left. Pages are made anew only where that has
    changed, so a pool that sells well costs no page but at its end."""
    for pool in pools:
        sold_out = not PooledKey.objects.free(now).filter(pool=pool).exists()
        if pool.sold_out != sold_out:
            KeyPool.objects.filter(pk=pool.pk).update(sold_out=sold_out)
            pool.sold_out = sold_out
