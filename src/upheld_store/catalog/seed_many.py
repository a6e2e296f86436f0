"""Act: fill the shelves with invented products, for looking at a large store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from upheld.policy.errors import ActRefused
from upheld_store.catalog.models import Category, Plan, Product, Release, ReleaseFile

_BATCH = 500
_PREFIX = "invented-"
_KINDS = ("Checklist", "Almanac", "Sorter", "Lantern", "Compass", "Tally", "Ladder", "Kettle")
_QUALITIES = ("Patient", "Brisk", "Paper", "Copper", "Quiet", "Northern", "Spare", "Second")
_FILE = "products/invented/1.0/read-me.txt"
_CONTENT = b"An invented product of a test store. It holds nothing but this line.\n"


def seed_many(
    *,
    products: int,
    now: datetime,
    progress: Callable[[int, int], None],
    customers: int = 0,
    orders: int = 0,
) -> None:
    """Bring the number of invented products up to `products`, numbered on from the last.
    The same numbers always make the same products. Raises `ActRefused` for other rows."""
    if customers or orders:
        raise ActRefused(
            "Only products can be invented in this version: an order without a buyer and a payment "
            "behind it would be a hole in the books. Leave out --customers and --orders."
        )
    path = Path(settings.MEDIA_ROOT) / _FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_CONTENT)
    shelf, _ = Category.objects.get_or_create(
        slug="invented",
        defaults={"name": "Invented", "summary": "Rows for trying a full store.", "position": 99},
    )
    there = Product.objects.filter(slug__startswith=_PREFIX).count()
    for first in range(there, products, _BATCH):
        last = min(first + _BATCH, products)
        _add(range(first, last), shelf, now)
        progress(last - there, products - there)


@transaction.atomic
def _add(numbers: range, shelf: Category, now: datetime) -> None:
    # Short transactions: other writers wait for one batch at most.
    currency = settings.UPHELD_STORE_FACTS.currency
    Product.objects.bulk_create(_product(number, shelf) for number in numbers)
    slugs = [_slug(number) for number in numbers]
    made = list(Product.objects.filter(slug__in=slugs).order_by("slug"))
    Plan.objects.bulk_create(
        Plan(product=product, name="Single", price_minor=500 + number % 40 * 100, currency=currency)
        for number, product in zip(numbers, made, strict=True)
    )
    Release.objects.bulk_create(
        Release(
            product=product,
            version="1.0",
            notes="The first version.",
            released_on=now.date() - timedelta(days=number % 700),
        )
        for number, product in zip(numbers, made, strict=True)
    )
    digest = hashlib.sha256(_CONTENT).hexdigest()
    ReleaseFile.objects.bulk_create(
        ReleaseFile(
            release=release,
            name="read-me.txt",
            path=_FILE,
            size=len(_CONTENT),
            sha256=digest,
            content_type="text/plain",
        )
        for release in Release.objects.filter(product__in=made)
    )


def _slug(number: int) -> str:
    return f"{_PREFIX}{number:07d}"


def _product(number: int, shelf: Category) -> Product:
    quality = _QUALITIES[number % len(_QUALITIES)]
    kind = _KINDS[number // len(_QUALITIES) % len(_KINDS)]
    return Product(
        slug=_slug(number),
        name=f"{quality} {kind} {number + 1}",
        category=shelf,
        summary=f"Invented product number {number + 1}, made to fill a shelf.",
        description=f"A {quality.lower()} {kind.lower()} that exists only in this test store.",
    )
