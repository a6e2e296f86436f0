"""Every column can be explained: why, who, until when, to whom, by which clause."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from upheld.policy import current
from upheld.policy.errors import ActRefused
from upheld.policy.explaining import explain
from upheld.policy.model import PastVersion

EMAIL = "store_orders_ordercontact.email"


def test_every_personal_column_is_explained() -> None:
    policy, looked_at = current(), 0
    for table in policy.inventory.tables.values():
        for column in table.fields:
            found = explain(policy, f"{table.name}.{column}")
            (entry,) = found.fields
            assert entry["clause"] in policy.clauses and entry["purposes"], found.column
            assert entry["clause"] in found.in_words() and entry["holds"] in found.in_words()
            assert json.dumps(found.as_json())
            looked_at += 1
    assert looked_at > 10


def test_one_column_in_words() -> None:
    text = explain(current(), EMAIL).in_words()
    for part in (
        "order.email: your e-mail address",
        "P10",
        "3 years from order_id>store_orders_order.placed_at",
        "mail_relay (the mail server",
        "Read for    deliver_order: to deliver what you bought (contract)",
        "checkout:checkout",
        "send_mail",
    ):
        assert part in text


def test_a_purpose_that_may_not_read_it_is_not_named() -> None:
    (entry,) = explain(current(), EMAIL).fields
    assert "take_payment" not in entry["purposes"]


def test_earlier_promises_are_told() -> None:
    policy = current()
    past = PastVersion(1, datetime(2026, 12, 1, tzinfo=UTC), 60, {"order.email": 100}, {})
    text = explain(replace(policy, history=(past,)), EMAIL).in_words()
    assert "100 days where collected before 2026-12-01" in text


@pytest.mark.parametrize("column", ["upheld_job.name", "store_orders_ordercontact.order_id"])
def test_what_is_not_personal_says_why(column: str) -> None:
    found = explain(current(), column)
    assert found.not_personal and "is not personal" in found.in_words()


@pytest.mark.parametrize("column", ["", "email", "no_such_table.email", f"{EMAIL}s", "orders."])
def test_an_unknown_column_is_refused(column: str) -> None:
    with pytest.raises(ActRefused):
        explain(current(), column)
