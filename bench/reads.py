"""Reading people's data under a purpose, and with the monitor taken away."""

from __future__ import annotations

import secrets
import time
import uuid
from datetime import UTC, datetime

from django.db import transaction

from bench.figures import Act, Report, at_most, in_turns, plain
from bench.off_switch import TwoConnections
from upheld.db import entry_point, purpose
from upheld_store.orders.models import Order, OrderContact, OrderState

_CUSTOMERS, _AT_ONCE = 2000, 500
_ROUTE, _PURPOSE = "checkout:checkout", "deliver_order"


def measure(report: Report) -> None:
    """Order contacts, which are the customers of a store without accounts."""
    both = TwoConnections()
    ids = _make_customers()
    try:
        _say(report, both, "reading 2,000 customers", lambda: _read_all(ids), 1.05)
        _say(report, both, "reading one customer", lambda: _read_one(ids), 1.10)
    finally:
        both.close()


def _make_customers() -> list[uuid.UUID]:
    now = datetime.now(UTC)
    orders = [
        Order(
            number=secrets.token_hex(8), subject_id=uuid.uuid4(), cart_digest=secrets.token_hex(32),
            quote_digest=secrets.token_hex(32), state=OrderState.CANCELED, total_minor=1900,
            currency="USD", policy_version=1, placed_at=now,
        )
        for _ in range(_CUSTOMERS)
    ]  # fmt: skip
    contacts = [
        OrderContact(order=order, email=f"customer{number}@example.com", name="Ada Example")
        for number, order in enumerate(orders)
    ]
    with entry_point("route", _ROUTE), purpose(_PURPOSE), transaction.atomic():
        Order.objects.bulk_create(orders)
        OrderContact.objects.bulk_create(contacts)
    return sorted(order.pk for order in orders)


def _read_all(ids: list[uuid.UUID]) -> None:
    """In as many statements as the purpose's row budget asks for; without it in as many."""
    for first in range(0, _CUSTOMERS, _AT_ONCE):
        found = OrderContact.objects.filter(order__in=ids[first : first + _AT_ONCE])
        if sum(contact.email.endswith("@example.com") for contact in found) != _AT_ONCE:
            raise RuntimeError("customers are missing")


def _read_one(ids: list[uuid.UUID]) -> None:
    for pk in ids[:100]:
        if not OrderContact.objects.get(order=pk).email:
            raise RuntimeError("a customer is missing")


def _say(report: Report, both: TwoConnections, name: str, read: Act, goal: float) -> None:
    def under_purpose() -> None:
        with entry_point("route", _ROUTE), purpose(_PURPOSE):
            read()

    def plainly() -> None:
        with both.without_monitor():
            read()

    seconds = in_turns({"purpose": under_purpose, "plain": plainly}, 31, time.process_time)
    count = 100 if "one" in name else 1
    report.add(plain(f"{name} under a purpose", seconds["purpose"] / count * 1000, "ms"))
    ratio = seconds["purpose"] / seconds["plain"]
    report.add(at_most(f"{name}: under a purpose against plain", ratio, goal, under_purpose))
