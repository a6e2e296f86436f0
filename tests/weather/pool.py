"""`python -m tests.weather.pool COUNT ROUND`: Tidewatch sells COUNT new keys of a pool."""

from __future__ import annotations

import secrets
import sys

import django


def main() -> None:
    django.setup()
    from django.utils import timezone

    from upheld_store.catalog.models import KeyPool, Plan
    from upheld_store.licensing.import_keys import import_keys

    count, number = int(sys.argv[1]), int(sys.argv[2])
    pool, _ = KeyPool.objects.get_or_create(name="Northwind")
    Plan.objects.filter(product__slug="tidewatch").update(pool=pool)
    keys = [f"NW-{number:02d}-{key:04d}" for key in range(count)]
    print(import_keys(pool, "\n".join(keys), secrets.token_bytes, timezone.now()).added)


if __name__ == "__main__":
    main()
