"""Stripe's refund, read: what is of the right shape, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from upheld_store.payments.gateway import RefundRequest
from upheld_store.payments.refund_shape import intent_of, read_refund, refund_params

REFUND: dict[str, Any] = {
    "id": "re_1",
    "amount": 500,
    "currency": "usd",
    "status": "succeeded",
    "metadata": {"refund": "ours", "order": "ABCDE-FGHJK"},
}


def test_read() -> None:
    refund = read_refund(REFUND)
    assert (refund.reference, refund.refund_id, refund.amount_minor) == ("re_1", "ours", 500)
    assert (refund.currency, refund.state) == ("USD", "done")
    assert read_refund(REFUND | {"metadata": None}).refund_id == ""


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending", "open"),
        ("requires_action", "open"),
        ("failed", "failed"),
        ("canceled", "failed"),
        ("something_new", "open"),
    ],
)
def test_states(status: str, state: str) -> None:
    assert read_refund(REFUND | {"status": status}).state == state


@pytest.mark.parametrize("facts", [{"amount": "5"}, {"amount": 0}, {"currency": None}])
def test_other_shapes(facts: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        read_refund(REFUND | facts)


def test_the_payment_of_a_page() -> None:
    assert intent_of({"payment_intent": "pi_1"}) == "pi_1"
    assert intent_of({"payment_intent": {"id": "pi_1"}}) == "pi_1"
    assert intent_of({"payment_intent": None}) == intent_of({}) == ""


def test_a_request_names_no_person() -> None:
    request = RefundRequest("ours", "ABCDE-FGHJK", 500, "USD")
    assert refund_params("pi_1", request) == {
        "payment_intent": "pi_1",
        "amount": 500,
        "metadata": {"refund": "ours", "order": "ABCDE-FGHJK"},
    }
