"""Act: put the owner's stock on the shelves, or invented products in any number."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import models, transaction

from upheld_store.catalog.models import Category, Plan, Product, Release, ReleaseFile
from upheld_store.catalog.seed_many import seed_many
from upheld_store.catalog.stock import (
    Stock,
    StockInvalid,
    StockProduct,
    StockRelease,
    read_stock,
)

__all__ = ["seed", "seed_many"]

Progress = Callable[[int, int], None]
_Row = TypeVar("_Row", bound=models.Model)


def seed(stock_dir: Path, now: datetime, progress: Progress) -> None:
    """Make the catalog say what `stock.toml` says; a second run changes nothing.
    Products that the file does not name are left alone, plans it no longer names go off sale.
    Raises `StockInvalid`."""
    stock = read_stock(stock_dir / "stock.toml")
    with tempfile.TemporaryDirectory(prefix="upheld-stock-") as folder:
        built = Path(folder)
        _build(stock_dir, built)
        _copy_media(stock, stock_dir, built)
    with transaction.atomic():
        shelves = _put_up_shelves(stock)
        for done, product in enumerate(stock.products, 1):
            _put_on_shelf(product, shelves[product.category], stock.currency, now.date())
            progress(done, len(stock.products))


def _build(stock_dir: Path, folder: Path) -> None:
    """The stock's own script packs its archives; they are not kept in the repository."""
    command = [sys.executable, str(stock_dir / "build.py"), str(folder)]
    ran = subprocess.run(  # noqa: S603 - the owner's own script, from the owner's own folder
        command, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise StockInvalid(f"{stock_dir / 'build.py'} failed:\n{ran.stderr}")


def _copy_media(stock: Stock, stock_dir: Path, built: Path) -> None:
    for product in stock.products:
        drawn = stock_dir / "artwork" / f"{product.slug}.svg"
        if drawn.is_file():
            _copy(drawn, _media() / "artwork" / drawn.name)
        for release in product.releases:
            for file in release.files:
                made = built / product.slug / release.version / file.name
                if not made.is_file():
                    raise StockInvalid(
                        f"{product.slug} {release.version}: build.py made no {file.name}."
                    )
                _copy(made, _media() / _file_path(product, release, file.name))


def _copy(source: Path, target: Path) -> None:
    """Whole or not at all: a reader never sees half a file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_file() and target.read_bytes() == source.read_bytes():
        return
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, part)
    os.replace(part, target)


def _media() -> Path:
    return Path(settings.MEDIA_ROOT)


def _file_path(product: StockProduct, release: StockRelease, name: str) -> str:
    return f"products/{product.slug}/{release.version}/{name}"


def _put_up_shelves(stock: Stock) -> dict[str, Category]:
    return {
        row.slug: _store(
            Category,
            {"slug": row.slug},
            {"name": row.name, "summary": row.summary, "position": position},
        )
        for position, row in enumerate(stock.categories)
    }


def _put_on_shelf(stocked: StockProduct, shelf: Category, currency: str, today: date) -> None:
    drawn = f"artwork/{stocked.slug}.svg"
    facts = {
        "name": stocked.name,
        "summary": stocked.summary,
        "description": stocked.description,
        "category_id": shelf.pk,
        "vendor_name": stocked.vendor_name,
        "vendor_policy_url": stocked.vendor_policy_url,
        "artwork": drawn if (_media() / drawn).is_file() else "",
        "published": True,
    }
    product = _store(Product, {"slug": stocked.slug}, facts)
    _put_plans(product, stocked, currency)
    for release in stocked.releases:
        # Where a machine's clock is behind, nothing is shown as released tomorrow.
        facts = {"notes": release.notes, "released_on": min(release.released_on, today)}
        row = _store(Release, {"product": product, "version": release.version}, facts)
        for file in release.files:
            path = _file_path(stocked, release, file.name)
            content = (_media() / path).read_bytes()
            facts = {
                "path": path,
                "size": len(content),
                "content_type": file.content_type,
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            _store(ReleaseFile, {"release": row, "name": file.name}, facts)


def _put_plans(product: Product, stocked: StockProduct, currency: str) -> None:
    for position, plan in enumerate(stocked.plans):
        key = {"product": product, "name": plan.name, "currency": currency}
        facts = {
            "price_minor": plan.price_minor,
            "licensed": plan.licensed,
            "position": position,
            "active": True,
        }
        _store(Plan, key, facts)
    named = [plan.name for plan in stocked.plans]
    # Off sale, not deleted: orders point at their plans for as long as the books are kept.
    for gone in Plan.objects.filter(product=product, active=True).exclude(name__in=named):
        gone.active = False
        gone.save()


def _store(model: type[_Row], key: dict[str, Any], facts: dict[str, Any]) -> _Row:
    """Insert, update, or leave a row that already says so untouched, and the pages with it."""
    row = model._default_manager.filter(**key).first()
    if row is None:
        return model._default_manager.create(**key, **facts)
    changed = [name for name, value in facts.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, facts[name])
    if changed:
        row.save()
    return row
