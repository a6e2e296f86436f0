"""Stripe's refund, written and read: the shapes, without the network."""

from __future__ import annotations

from typing import Any

from upheld_store.payments.checkout_session import Shape
from upheld_store.payments.gateway import GatewayRefund, RefundRequest, RefundTruthState

_STATES: dict[str, RefundTruthState] = {
    "succeeded": "done",
    "failed": "failed",
    "canceled": "failed",
}


def refund_params(intent: str, request: RefundRequest) -> dict[str, Any]:
    """What sends a part of a payment back; our id and the order's number travel along."""
    return {
        "payment_intent": intent,
        "amount": request.amount_minor,
        "metadata": {"refund": request.refund_id, "order": request.order_number},
    }


def intent_of(session: Shape) -> str:
    """The payment behind a page: its id, whether expanded or not; '' where nothing was paid."""
    intent = session.get("payment_intent")
    return str((intent.get("id") if isinstance(intent, dict) else intent) or "")


def read_refund(refund: Shape) -> GatewayRefund:
    """A refund → our value. Raises as `read_payment` does. What is neither done nor failed may
    still become either."""
    amount, currency = refund["amount"], refund["currency"]
    if type(amount) is not int or amount < 1 or not isinstance(currency, str):
        raise TypeError("amount and currency")
    return GatewayRefund(
        reference=str(refund["id"]),
        refund_id=str((refund.get("metadata") or {}).get("refund") or ""),
        amount_minor=amount,
        currency=currency.upper(),
        state=_STATES.get(refund["status"], "open"),
    )
