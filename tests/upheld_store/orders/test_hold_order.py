"""`upheld hold` and `unhold`: a buyer's rows stay beyond their period, and go when they may."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from upheld.db.purpose import entry_point, purpose_for_test
from upheld.promises.retention.keep import preview
from upheld_store.orders.hold_order import HoldRefused, hold_order, unhold_order
from upheld_store.orders.models import Order, OrderContact

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def number() -> Iterator[str]:
    """The number of an order whose contact is due."""
    order = Order.objects.create(
        number="ABCDE-FGHJK",
        subject_id=uuid.uuid4(),
        cart_digest="0" * 64,
        total_minor=100,
        currency="USD",
        policy_version=1,
        placed_at=NOW - timedelta(days=1095),
    )
    with purpose_for_test("deliver_order"):
        OrderContact.objects.create(order=order, email="jane@example.com")
    yield order.number


def due() -> dict[str, int]:
    with entry_point("command", "keep"):
        return preview(NOW)


def test_a_hold_keeps_what_is_due_and_lifting_it_lets_go(number: str) -> None:
    before = due()
    with entry_point("command", "hold"):
        hold_order(number.lower(), " a claim ", NOW.date() + timedelta(days=9), NOW)
    assert before == {"store_orders_ordercontact": 1} and due() == {}
    with entry_point("command", "unhold"):
        assert unhold_order(number) == 1
    assert due() == before


def test_what_makes_no_hold_is_refused_with_the_way_out(number: str) -> None:
    tomorrow = NOW.date() + timedelta(days=1)
    for arguments in (
        ("NONE", "a claim", tomorrow),
        (number, "  ", tomorrow),
        (number, "a claim", NOW.date()),
    ):
        with entry_point("command", "hold"), pytest.raises(HoldRefused):
            hold_order(*arguments, NOW)
    with entry_point("command", "unhold"), pytest.raises(HoldRefused, match="not on hold"):
        unhold_order(number)
