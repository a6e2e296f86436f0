"""Stripe's checkout session, written and read: the shapes, without the network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from upheld_store.payments.gateway import (
    BadEvent,
    GatewayCheckout,
    GatewayEvent,
    GatewayPayment,
    TruthState,
)

Shape = Mapping[str, Any]
REFERENCE_LENGTH_MAX = 200


def session_request(checkout: GatewayCheckout) -> bytes:
    """The form that opens a session of one line: the order as a whole."""
    line = "line_items[0][price_data]"
    return urlencode(
        {
            "mode": "payment",
            f"{line}[currency]": checkout.currency.lower(),
            f"{line}[unit_amount]": checkout.amount_minor,
            f"{line}[product_data][name]": checkout.description,
            "line_items[0][quantity]": 1,
            "client_reference_id": checkout.order_number,
            "metadata[order]": checkout.order_number,
            "success_url": checkout.success_url,
            "cancel_url": checkout.cancel_url,
        }
    ).encode()


def read_payment(session: Shape) -> GatewayPayment:
    """A session with its payment expanded → our value. Raises `KeyError`, `TypeError`,
    `ValueError` or `AttributeError` where it is not of that shape."""
    amount, currency = session["amount_total"], session["currency"]
    if type(amount) is not int or not isinstance(currency, str):
        raise TypeError("amount_total and currency")
    return GatewayPayment(
        state=_state(session),
        amount_minor=amount,
        currency=currency.upper(),
        order_number=_order_number(session),
        details=_details(session.get("payment_intent")),
        url=str(session.get("url") or ""),
    )


def read_event(body: bytes, *, live: bool) -> GatewayEvent:
    """A signed webhook's body. Raises `BadEvent` for another mode or another shape."""
    try:
        event = json.loads(body)
        about = event["data"]["object"]
        if event["livemode"] is not live:
            raise BadEvent("of the other mode")
        is_session = about["object"] == "checkout.session"
        return GatewayEvent(
            id=_short(event["id"]),
            kind=_short(event["type"]),
            reference=_short(about["id"]) if is_session else "",
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadEvent("not an event") from error


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
