"""Rows of a known age in the store's real tables."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from upheld.db.purpose import purpose_for_test
from upheld_store.orders.models import Order, OrderContact

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
Place = Callable[..., Order]


@pytest.fixture
def place(db: None) -> Place:
    """Place an order with a contact, as of a moment."""

    def placed(at: datetime, email: str = "jane@example.com") -> Order:
        seed = uuid.uuid4().hex
        order = Order.objects.create(
            number=seed[:16],
            subject_id=uuid.uuid4(),
            cart_digest=seed * 2,
            total_minor=100,
            currency="USD",
            policy_version=1,
            placed_at=at,
        )
        with purpose_for_test("deliver_order"):
            OrderContact.objects.create(order=order, email=email, name="Jane")
        return order

    return placed
