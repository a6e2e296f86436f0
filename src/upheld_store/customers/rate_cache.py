"""The cache behind the limits on tries: one table for all workers, and no address in it.

A key is stored as a digest under the random key of its hour. The hour's key goes two hours later,
and with it the last way to try whether a digest was somebody's."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import transaction

from upheld_store.customers.models import RateCount, RateKey

_HOUR = 3600
HOURS_KEPT = 2


class HashedCache(BaseCache):
    """Django's cache protocol, as far as limits on tries need it. Values are JSON."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Only where nothing stands; of two that add at once one does."""
        now = _now()
        row = self._row(key, value, timeout, version)
        RateCount.objects.filter(digest=row.digest, ends_at__lte=now).delete()
        made = RateCount.objects.bulk_create([row], ignore_conflicts=True)
        held = RateCount.objects.filter(digest=row.digest).values_list("value", flat=True).first()
        return bool(made) and held == row.value

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """The value, or `default` where none stands any more."""
        row = RateCount.objects.filter(digest=self._digest(key, version), ends_at__gt=_now())
        held = row.values_list("value", flat=True).first()
        return default if held is None else json.loads(held)[0]

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Whatever stood before."""
        row = self._row(key, value, timeout, version)
        # One statement, whether something stood or not: the time it takes tells nothing.
        RateCount.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["digest"],
            update_fields=["value", "ends_at"],
        )

    def delete(self, key: str, version: int | None = None) -> bool:
        """Whether something stood."""
        return bool(RateCount.objects.filter(digest=self._digest(key, version)).delete()[0])

    def clear(self) -> None:
        """Everything."""
        RateCount.objects.all().delete()

    def _row(self, key: str, value: Any, timeout: Any, version: int | None) -> RateCount:
        ends = self.get_backend_timeout(timeout)
        ends_at = datetime.fromtimestamp(ends, UTC) if ends else _now() + timedelta(hours=1)
        # The random part tells who of two added the same.
        text = json.dumps([value, secrets.token_hex(4)])
        return RateCount(digest=self._digest(key, version), value=text, ends_at=ends_at)

    def _digest(self, key: str, version: int | None) -> str:
        made = self.make_and_validate_key(key, version=version)
        return hmac.new(_hour_key(_now()), made.encode(), hashlib.sha256).hexdigest()


def purge_rate_counts(now: datetime) -> int:
    """The periodic act: counts that are over go, and the keys of past hours with them."""
    hour = int(now.timestamp()) // _HOUR
    with transaction.atomic():
        gone, _ = RateCount.objects.filter(ends_at__lte=now).delete()
        gone += RateKey.objects.filter(hour__lte=hour - HOURS_KEPT).delete()[0]
    return gone


def _hour_key(now: datetime) -> bytes:
    hour = int(now.timestamp()) // _HOUR
    key = RateKey.objects.filter(hour=hour).values_list("key", flat=True).first()
    if key is None:
        RateKey.objects.bulk_create(
            [RateKey(hour=hour, key=secrets.token_bytes(32))], ignore_conflicts=True
        )
        key = RateKey.objects.values_list("key", flat=True).get(hour=hour)
    return bytes(key)


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)
