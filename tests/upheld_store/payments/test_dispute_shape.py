"""Stripe's dispute, read: what it says, and what it cannot be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from upheld_store.payments.checkout_session import event_of
from upheld_store.payments.dispute_shape import read_dispute
from upheld_store.payments.gateway import BadEvent

DISPUTE: dict[str, Any] = {
    "id": "dp_1",
    "object": "dispute",
    "amount": 1900,
    "currency": "usd",
    "status": "needs_response",
    "reason": "fraudulent",
    "payment_intent": "pi_1",
    "evidence_details": {"due_by": 1_800_000_000},
}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("warning_needs_response", "inquiry"),
        ("warning_under_review", "inquiry"),
        ("warning_closed", "closed"),
        ("prevented", "closed"),
        ("needs_response", "open"),
        ("under_review", "open"),
        ("something_new", "open"),
        ("won", "won"),
        ("lost", "lost"),
    ],
)
def test_every_state(status: str, state: str) -> None:
    read = read_dispute(DISPUTE | {"status": status})
    assert (read.state, read.amount_minor, read.currency) == (state, 1900, "USD")
    assert read.respond_by == datetime.fromtimestamp(1_800_000_000, UTC)


@pytest.mark.parametrize("due", [None, {}, {"due_by": None}, {"due_by": 0}])
def test_no_answer_is_waited_for(due: object) -> None:
    assert read_dispute(DISPUTE | {"evidence_details": due}).respond_by is None


@pytest.mark.parametrize("reason", ["Ada Example says so", "", None, "x" * 41, "<b>"])
def test_a_reason_is_a_word_of_the_gateways(reason: object) -> None:
    assert read_dispute(DISPUTE | {"reason": reason}).reason == "general"


@pytest.mark.parametrize("wrong", [{"amount": "1"}, {"amount": 0}, {"currency": None}])
def test_what_is_no_dispute(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        read_dispute(DISPUTE | wrong)


def test_its_event_names_the_payment_alone() -> None:
    event = {"id": "evt_1", "type": "charge.dispute.created", "livemode": False}
    heard = event_of(event | {"data": {"object": DISPUTE}}, live=False)
    assert (heard.disputed_payment, heard.reference, heard.refunded_order) == ("pi_1", "", "")
    without = DISPUTE | {"payment_intent": None}
    assert event_of(event | {"data": {"object": without}}, live=False).disputed_payment == ""
    with pytest.raises(BadEvent):
        event_of(event | {"data": {"object": DISPUTE}}, live=True)
