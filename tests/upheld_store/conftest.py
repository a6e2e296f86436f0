"""A small stock and a practice gateway in a thread, for stories without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from django import conf

from practice_gateway.practice import Options, Practice
from tests.upheld_store.buyer import Buyer
from upheld.vault import lasting_key
from upheld_store.catalog.models import Category, Plan, Product, Release, ReleaseFile

CONTENT = b"what was bought\n" * 1000


@pytest.fixture(autouse=True, scope="session")
def _static_folder() -> None:
    """WhiteNoise warns of a folder that is not there yet."""
    Path(conf.settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def gateway_name() -> str:
    """The gateway that the store uses. A module that holds for Stripe too parametrizes it."""
    return "practice"


@pytest.fixture
def gateway(
    settings: object, gateway_name: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Practice]:
    """The practice gateway on a free port. Webhooks wait until a test delivers them. For Stripe
    it stands in for Stripe: the store speaks to it through Stripe's SDK."""
    options = Options(
        port=0,
        store_origin="http://127.0.0.1:8000",
        webhook_url=f"http://127.0.0.1:8000/payments/{gateway_name}/webhook/",
        secret=lasting_key("practice_gateway").hex(),
        post=lambda url, body, headers: 200,
    )
    monkeypatch.setattr("upheld_store.payments.stripe_gateway.RETRIES_MAX", 0)
    with Practice(options) as running:
        settings.UPHELD_GATEWAYS = (gateway_name,)  # type: ignore[attr-defined]
        settings.UPHELD_PRACTICE_URL = running.origin  # type: ignore[attr-defined]
        settings.UPHELD_STRIPE_API_BASE = running.origin  # type: ignore[attr-defined]
        settings.UPHELD_STRIPE_API_KEY = "sk_test_twin"  # type: ignore[attr-defined]
        settings.UPHELD_STRIPE_WEBHOOK_SECRET = options.secret  # type: ignore[attr-defined]
        yield running


@pytest.fixture
def buyer(gateway: Practice) -> Buyer:
    """A browser at the store's door."""
    return Buyer(gateway)


@pytest.fixture
def stock(db: None, settings: object) -> dict[str, Plan]:
    """One licensed product for money, one plain one, one for nothing; each with a file."""
    return make_stock(Path(str(settings.MEDIA_ROOT)))  # type: ignore[attr-defined]


def make_stock(media: Path) -> dict[str, Plan]:
    """The plans by name: licensed, plain, free."""
    shelf = Category.objects.create(slug="tools", name="Tools")
    plans = {}
    for name, price, licensed in (
        ("licensed", 1900, True),
        ("plain", 700, False),
        ("free", 0, False),
    ):
        product = Product.objects.create(
            slug=name, name=f"{name.title()} thing", summary="A thing.", category=shelf
        )
        release = Release.objects.create(
            product=product, version="1.0", released_on=date(2026, 11, 1)
        )
        path = media / "test" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CONTENT)
        ReleaseFile.objects.create(
            release=release,
            name=path.name,
            path=f"test/{path.name}",
            size=len(CONTENT),
            sha256=sha256(CONTENT).hexdigest(),
            content_type="text/plain",
        )
        plans[name] = Plan.objects.create(
            product=product, name="Single", price_minor=price, currency="USD", licensed=licensed
        )
    return plans
