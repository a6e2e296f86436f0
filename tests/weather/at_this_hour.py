"""`python -m tests.weather.at_this_hour prepare|look EDGE`, under a clock that libfaketime moved.

`prepare` runs sixty days before the edge and leaves a sealed value and an order. `look` says, as
JSON, what a process that starts at this very second still allows; it has begun as a server does."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django

KEY = "key of a webhook"
BODY = b"body"
PLACE = ("store_payments_payment", "1")


def prepare(edge: datetime) -> dict[str, Any]:
    from upheld.db.purpose import purpose_for_test
    from upheld.policy import current
    from upheld.promises import retention
    from upheld_store.orders.models import Order, OrderContact

    now = datetime.now(UTC)
    with purpose_for_test("take_payment"):
        retention.seal(
            {"payment.card_last4": "4242"}, table=PLACE[0], row=PLACE[1],
            day=now.date(), now=now,
        )  # fmt: skip
    days = current().fields["order.email"].kept_days
    assert days is not None
    order = Order.objects.create(
        number="EDGE1-EDGE1", subject_id=uuid.uuid4(), cart_digest="0" * 64, total_minor=100,
        currency="USD", policy_version=1, placed_at=edge - timedelta(days=days),
    )  # fmt: skip
    with purpose_for_test("deliver_order"):
        OrderContact.objects.create(order=order, email="jane@example.com")
    return {"day": str(now.date())}


def look(edge: datetime) -> dict[str, Any]:
    from upheld import keeping
    from upheld.vault.keys import key_folder

    keeping.before_first_answer(datetime.now(UTC))
    day = edge.date() - timedelta(days=60)
    return {
        "key": day in key_folder().days_on_disk(),
        "sealed": _opens(day),
        "contact": _contact_is_kept(),
        "young": _is_young((edge.year - 13, edge.month, edge.day)),
        "signature": _is_taken(int(edge.timestamp())),
    }


def _opens(day: date) -> bool:
    from upheld.db.purpose import purpose_for_test
    from upheld.policy.errors import Expired
    from upheld.vault.sealing import SealedRef, open_sealed

    with purpose_for_test("take_payment"):
        try:
            found = open_sealed(SealedRef(*PLACE, day), datetime.now(UTC))
        except Expired:
            return False
    return found == {"payment.card_last4": "4242"}


def _contact_is_kept() -> bool:
    from upheld.db.purpose import purpose_for_test
    from upheld.promises.retention import due_rows

    with purpose_for_test("forget"):
        return "store_orders_ordercontact" not in due_rows.preview(datetime.now(UTC))


def _is_young(born: tuple[int, int, int]) -> bool:
    from upheld.promises.age.birth import OLD_ENOUGH, settle

    return settle(*born, minimum_years=13, today=datetime.now(UTC).date()) != OLD_ENOUGH


def _is_taken(edge: int) -> bool:
    from upheld_store.payments.gateway import BadEvent
    from upheld_store.payments.webhook_signature import AGE_SECONDS_MAX, check_signature

    at = edge - AGE_SECONDS_MAX
    mac = hmac.new(KEY.encode(), f"{at}.".encode() + BODY, hashlib.sha256).hexdigest()
    try:
        check_signature(f"t={at},v1={mac}", BODY, KEY, datetime.now(UTC))
    except BadEvent:
        return False
    return True


def main() -> None:
    what, edge = sys.argv[1:]
    django.setup()
    print(json.dumps({"prepare": prepare, "look": look}[what](datetime.fromisoformat(edge))))


if __name__ == "__main__":
    main()
