"""Stripe's checkout session, written and read: the shapes, without the network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from upheld_store.payments.gateway import (
    BadEvent,
    GatewayCheckout,
    GatewayEvent,
    GatewayPayment,
    TruthState,
)

Shape = Mapping[str, Any]
REFERENCE_LENGTH_MAX = 200
# A charge is told of when money went back from it.
_MONEY_BACK = frozenset({"charge", "refund"})
# What a payment's own page does not say. Asked for with the session, in one call.
EXPANDED = {"expand": ["payment_intent.latest_charge"]}


def session_params(checkout: GatewayCheckout) -> dict[str, Any]:
    """What opens a session of one line: the order as a whole. The order's number is noted on the
    payment too, because an event about money that went back names only that."""
    noted = {"order": checkout.order_number}
    price = {
        "currency": checkout.currency.lower(),
        "unit_amount": checkout.amount_minor,
        "product_data": {"name": checkout.description},
    }
    return {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "line_items": [{"price_data": price, "quantity": 1}],
        "client_reference_id": checkout.order_number,
        "metadata": noted,
        "payment_intent_data": {"metadata": noted},
        "success_url": checkout.success_url,
        "cancel_url": checkout.cancel_url,
    }


def read_payment(session: Shape, *, live: bool) -> GatewayPayment:
    """A session with its payment expanded → our value. One of the other mode names no order, so
    it never matches ours. Raises `KeyError`, `TypeError`, `ValueError` or `AttributeError` where
    it is not of that shape."""
    amount, currency = session["amount_total"], session["currency"]
    if type(amount) is not int or not isinstance(currency, str):
        raise TypeError("amount_total and currency")
    return GatewayPayment(
        state=_state(session),
        amount_minor=amount,
        currency=currency.upper(),
        order_number=_order_number(session) if session["livemode"] is live else "",
        details=_details(session.get("payment_intent")),
        url=str(session.get("url") or ""),
    )


def read_event(body: bytes, *, live: bool) -> GatewayEvent:
    """A signed webhook's body. Raises `BadEvent` for another mode or another shape."""
    try:
        return event_of(json.loads(body), live=live)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadEvent("not an event") from error


def event_of(event: Shape, *, live: bool) -> GatewayEvent:
    """An event of ours. Raises `BadEvent` for one of the other mode or of another account, and
    as `read_payment` does for another shape."""
    about = event["data"]["object"]
    if event["livemode"] is not live:
        raise BadEvent("of the other mode")
    if event.get("account"):  # connected accounts alone are named; this store has none
        raise BadEvent("of another account")
    is_session = about["object"] == "checkout.session"
    is_back = about["object"] in _MONEY_BACK
    return GatewayEvent(
        id=_short(event["id"]),
        kind=_short(event["type"]),
        reference=_short(about["id"]) if is_session else "",
        refunded_order=_noted_order(about) if is_back else "",
        disputed_payment=_payment_of(about) if about["object"] == "dispute" else "",
    )


def _noted_order(about: Shape) -> str:
    number = (about.get("metadata") or {}).get("order")
    return number if isinstance(number, str) and len(number) <= REFERENCE_LENGTH_MAX else ""


def _payment_of(dispute: Shape) -> str:
    """A dispute names its payment, and not our order."""
    intent = dispute.get("payment_intent")
    return _short(intent) if intent else ""


def _short(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= REFERENCE_LENGTH_MAX:
        raise ValueError("an id")
    if not value.isprintable():
        raise ValueError("an id")
    return value


def _state(session: Shape) -> TruthState:
    if session["status"] == "complete" and session["payment_status"] == "paid":
        return "paid"
    return "expired" if session["status"] == "expired" else "open"


def _order_number(session: Shape) -> str:
    """Both places must name the same order, or none is named."""
    number, noted = session["client_reference_id"], session["metadata"].get("order")
    return str(number) if number == noted else ""


def _details(intent: object) -> dict[str, str]:
    charge = intent.get("latest_charge") if isinstance(intent, dict) else None
    if not isinstance(intent, dict) or not isinstance(charge, dict):
        return {}
    billing = charge.get("billing_details") or {}
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    month, year = card.get("exp_month"), card.get("exp_year")
    expiry = f"{month:02d}/{year % 100:02d}" if type(month) is type(year) is int else None
    found = {
        "payment.payer_name": billing.get("name"),
        "payment.street": (billing.get("address") or {}).get("line1"),
        "payment.card_brand": card.get("brand"),
        "payment.card_last4": card.get("last4"),
        "payment.card_expiry": expiry,
        "payment.customer": intent.get("customer"),
    }
    return {field: value for field, value in found.items() if isinstance(value, str) and value}
