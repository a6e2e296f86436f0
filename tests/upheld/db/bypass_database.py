"""A database of its own with one buyer in it, for trying every way round the monitor."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.db import connections

from upheld.db import entry_point
from upheld.db.purpose import purpose_for_test
from upheld_store.customers.models import Customer
from upheld_store.orders.models import Order, OrderContact, OrderLine, OrderLink

ALIAS = "bypass"
MARK = "ada.marker@example.com"
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
CONTACT = "store_orders_ordercontact"


@contextmanager
def bypass_database(file: Path) -> Iterator[None]:
    """The alias `bypass`, with the tables of the orders app and one order of MARK."""
    connections.settings[ALIAS] = connections.settings["default"] | {
        "NAME": str(file),
        "OPTIONS": {"timeout": 2},
    }
    try:
        with entry_point("command", "migrate"), connections[ALIAS].schema_editor() as editor:
            for model in (Customer, Order, OrderContact, OrderLine, OrderLink):
                editor.create_model(model)
        plant(MARK)
        yield
    finally:
        connections[ALIAS].close()
        del connections[ALIAS]
        del connections.settings[ALIAS]


def plant(email: str) -> Order:
    """One more order, by this buyer."""
    digest = uuid.uuid4().hex
    with purpose_for_test("deliver_order"):
        order = Order.objects.using(ALIAS).create(
            number=digest[:11],
            subject_id=uuid.uuid4(),
            cart_digest=digest,
            total_minor=100,
            currency="USD",
            policy_version=1,
            placed_at=NOW,
        )
        OrderContact.objects.using(ALIAS).create(order=order, email=email, name="Ada")
    return order
