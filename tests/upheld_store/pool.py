"""A plan that sells a vendor's keys."""

from __future__ import annotations

import secrets

from django.utils import timezone

from upheld_store.catalog.models import KeyPool, Plan
from upheld_store.licensing.import_keys import Imported, import_keys


def pooled(plan: Plan, *keys: str) -> KeyPool:
    """Let `plan` sell these keys, and no others."""
    pool = KeyPool.objects.create(name=f"Keys of {plan.product.slug}")
    Plan.objects.filter(pk=plan.pk).update(pool=pool, licensed=True)
    if keys:
        put_in(pool, *keys)
    return pool


def put_in(pool: KeyPool, *keys: str) -> Imported:
    """As staff import them."""
    return import_keys(pool, "\n".join(keys), secrets.token_bytes, timezone.now())


def numbered(count: int) -> list[str]:
    """So many invented keys."""
    return [f"NW-{number:04d}-Invented-Key" for number in range(1, count + 1)]
