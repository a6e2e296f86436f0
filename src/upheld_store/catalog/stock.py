"""The owner's `stock.toml` → typed values. Every complaint names the product and the way out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from upheld.policy.errors import ActRefused

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# One plain name below a folder: nothing in a stock file can point out of it.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class StockInvalid(ActRefused):
    """`stock.toml` cannot be used; the message names the place and the remedy."""


@dataclass(frozen=True, slots=True)
class StockCategory:
    """A shelf."""

    slug: str
    name: str
    summary: str


@dataclass(frozen=True, slots=True)
class StockPlan:
    """A price."""

    name: str
    price_minor: int
    licensed: bool


@dataclass(frozen=True, slots=True)
class StockFile:
    """A file of a release; the stock's build script makes it."""

    name: str
    content_type: str


@dataclass(frozen=True, slots=True)
class StockRelease:
    """A version."""

    version: str
    released_on: date
    notes: str
    files: tuple[StockFile, ...]


@dataclass(frozen=True, slots=True)
class StockProduct:
    """A product with everything that belongs to it."""

    slug: str
    name: str
    category: str
    summary: str
    description: str
    vendor_name: str
    vendor_policy_url: str
    plans: tuple[StockPlan, ...]
    releases: tuple[StockRelease, ...]


@dataclass(frozen=True, slots=True)
class Stock:
    """The whole stock in one currency."""

    currency: str
    categories: tuple[StockCategory, ...]
    products: tuple[StockProduct, ...]


def read_stock(path: Path) -> Stock:
    """Read and validate. Raises `StockInvalid`."""
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise StockInvalid(f"{path}: {error}. Mend the file, then seed again.") from error
    try:
        stock = Stock(
            currency=_text(table, "currency"),
            categories=tuple(_category(row) for row in table["category"]),
            products=tuple(_product(row) for row in table["product"]),
        )
    except KeyError as error:
        raise StockInvalid(f"{path}: {error.args[0]} is missing somewhere. Add it.") from error
    except (TypeError, AttributeError) as error:
        raise StockInvalid(f"{path}: something is of the wrong kind: {error}.") from error
    except ValueError as error:
        raise StockInvalid(f"{path}: {error}") from error
    _refuse_contradictions(stock, path)
    return stock


def _refuse_contradictions(stock: Stock, path: Path) -> None:
    shelves = {category.slug for category in stock.categories}
    seen: set[str] = set()
    for product in stock.products:
        where = f"{path}: {product.slug}"
        if product.category not in shelves:
            raise StockInvalid(f"{where}: no category is called {product.category!r}. Add it.")
        if product.slug in seen:
            raise StockInvalid(f"{where} stands twice. Remove one.")
        if not product.plans or not product.releases:
            raise StockInvalid(f"{where} needs at least one plan and one release.")
        if product.vendor_name and not product.vendor_policy_url.startswith("https://"):
            raise StockInvalid(f"{where}: name the vendor's policy, an https address (P27).")
        seen.add(product.slug)


def _category(row: Mapping[str, Any]) -> StockCategory:
    return StockCategory(_slug(row), _text(row, "name"), _text(row, "summary"))


def _product(row: Mapping[str, Any]) -> StockProduct:
    return StockProduct(
        slug=_slug(row),
        name=_text(row, "name"),
        category=_text(row, "category"),
        summary=_text(row, "summary"),
        description=_text(row, "description"),
        vendor_name=row.get("vendor_name", ""),
        vendor_policy_url=row.get("vendor_policy_url", ""),
        plans=tuple(_plan(plan) for plan in row["plan"]),
        releases=tuple(_release(release) for release in row["release"]),
    )


def _plan(row: Mapping[str, Any]) -> StockPlan:
    price = row["price_minor"]
    if type(price) is not int or price < 0:
        raise ValueError(f"price_minor = {price!r} is not a whole number of minor units.")
    return StockPlan(_text(row, "name"), price, bool(row.get("licensed", False)))


def _release(row: Mapping[str, Any]) -> StockRelease:
    released_on = row["released_on"]
    if type(released_on) is not date:
        raise ValueError(f"released_on = {released_on!r} is not a date like 2026-03-01.")
    files = tuple(
        StockFile(_name(file["name"]), _text(file, "content_type")) for file in row.get("file", ())
    )
    return StockRelease(_name(_text(row, "version")), released_on, _text(row, "notes"), files)


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row[key]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} = {value!r} is not a text.")
    return value.strip()


def _slug(row: Mapping[str, Any]) -> str:
    slug = _text(row, "slug")
    if not _SLUG.fullmatch(slug):
        raise ValueError(f"slug = {slug!r}: use small letters, digits and single hyphens.")
    return slug


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r}: use letters, digits, dots and hyphens.")
    return name
