"""Stripe's shapes, read: what is of the right shape, and that nothing else breaks us."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upheld_store.payments.checkout_session import read_event, read_payment
from upheld_store.payments.gateway import BadEvent

SESSION: dict[str, Any] = {
    "id": "cs_test_1",
    "object": "checkout.session",
    "livemode": False,
    "status": "complete",
    "payment_status": "paid",
    "amount_total": 1900,
    "currency": "usd",
    "client_reference_id": "ABCDE-FGHJK",
    "metadata": {"order": "ABCDE-FGHJK"},
    "url": None,
    "payment_intent": {
        "id": "pi_1",
        "customer": "cus_123456",
        "latest_charge": {
            "billing_details": {"name": "Ada", "address": {"line1": "1 Mill Lane"}},
            "payment_method_details": {
                "card": {"brand": "visa", "last4": "4242", "exp_month": 3, "exp_year": 2031}
            },
        },
    },
}
EVENT = {
    "id": "evt_1",
    "type": "checkout.session.completed",
    "livemode": False,
    "data": {"object": SESSION},
}


def changed(**facts: Any) -> dict[str, Any]:
    return copy.deepcopy(SESSION) | facts


def test_paid() -> None:
    payment = read_payment(SESSION, live=False)
    assert (payment.state, payment.amount_minor, payment.currency) == ("paid", 1900, "USD")
    assert payment.order_number == "ABCDE-FGHJK"
    assert payment.details == {
        "payment.payer_name": "Ada",
        "payment.street": "1 Mill Lane",
        "payment.card_brand": "visa",
        "payment.card_last4": "4242",
        "payment.card_expiry": "03/31",
        "payment.customer": "cus_123456",
    }


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"status": "open", "payment_status": "unpaid"}, "open"),
        ({"status": "complete", "payment_status": "unpaid"}, "open"),
        ({"status": "open", "payment_status": "paid"}, "open"),
        ({"status": "expired", "payment_status": "unpaid"}, "expired"),
    ],
)
def test_other_states(facts: dict[str, str], state: str) -> None:
    assert read_payment(changed(**facts), live=False).state == state


def test_the_order_is_named_in_both_places_or_not_at_all() -> None:
    assert read_payment(changed(metadata={"order": "OTHER-ORDER"}), live=False).order_number == ""
    assert read_payment(changed(metadata={}), live=False).order_number == ""


@pytest.mark.parametrize(
    "intent", [None, "pi_1", {}, {"latest_charge": "ch_1"}, {"latest_charge": {}}]
)
def test_a_payment_without_details(intent: object) -> None:
    assert read_payment(changed(payment_intent=intent), live=False).details == {}


@pytest.mark.parametrize(
    "facts",
    [
        {"amount_total": "1900"},
        {"amount_total": True},
        {"amount_total": 19.0},
        {"currency": None},
        {"metadata": None},
    ],
)
def test_another_shape_is_an_error_that_the_caller_names(facts: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        read_payment(changed(**facts), live=False)


def test_event() -> None:
    event = read_event(json.dumps(EVENT).encode(), live=False)
    assert (event.id, event.kind, event.reference) == (
        "evt_1",
        "checkout.session.completed",
        "cs_test_1",
    )


def test_event_about_something_else_names_no_page() -> None:
    other = EVENT | {"data": {"object": {"object": "payment_intent", "id": "pi_1"}}}
    assert read_event(json.dumps(other).encode(), live=False).reference == ""


def test_event_of_the_other_mode() -> None:
    with pytest.raises(BadEvent):
        read_event(json.dumps(EVENT).encode(), live=True)
    with pytest.raises(BadEvent):
        read_event(json.dumps(EVENT | {"livemode": 0}).encode(), live=False)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff",
        b"1e999",
        b"[" * 100_000,
        b'{"livemode": false}',
        json.dumps(EVENT | {"id": "e" * 201}).encode(),
        json.dumps(EVENT | {"id": 1}).encode(),
        json.dumps(EVENT | {"id": "evt\0"}).encode(),
    ],
)
def test_other_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(BadEvent):
        read_event(body, live=False)


@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["id", "type", "data", "object", "livemode"]), inner)
        ),
        max_leaves=12,
    )
)
def test_no_json_breaks_it(body: object) -> None:
    with contextlib.suppress(BadEvent):
        read_event(json.dumps(body).encode(), live=False)


def test_a_page_of_the_other_mode_names_no_order() -> None:
    """Play money never buys an order of a live store, nor the other way round."""
    assert read_payment(SESSION, live=True).order_number == ""
    with pytest.raises(KeyError):
        read_payment({k: v for k, v in SESSION.items() if k != "livemode"}, live=False)


def told(about: dict[str, Any], **facts: Any) -> bytes:
    return json.dumps(EVENT | {"data": {"object": about}} | facts).encode()


def test_an_event_of_another_account_is_refused() -> None:
    with pytest.raises(BadEvent, match="account"):
        read_event(told(SESSION, account="acct_other"), live=False)


@pytest.mark.parametrize("kind", ["charge", "refund"])
def test_money_back_names_its_order(kind: str) -> None:
    about = {"id": "x_1", "object": kind, "metadata": {"order": "ABCDE-FGHJK"}}
    event = read_event(told(about), live=False)
    assert (event.reference, event.refunded_order) == ("", "ABCDE-FGHJK")
    assert read_event(told(about | {"metadata": None}), live=False).refunded_order == ""
    assert read_event(told(about | {"metadata": {"order": 5}}), live=False).refunded_order == ""
    failed = read_event(told(about | {"object": "payment_intent"}), live=False)
    assert failed.refunded_order == ""
