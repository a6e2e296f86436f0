"""Stripe's dispute, read: the shape, without the network."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from upheld_store.payments.checkout_session import Shape
from upheld_store.payments.gateway import DisputeTruthState, GatewayDispute

_STATES: dict[str, DisputeTruthState] = {
    "warning_needs_response": "inquiry",
    "warning_under_review": "inquiry",
    "warning_closed": "closed",
    "prevented": "closed",
    "won": "won",
    "lost": "lost",
}
_REASON = re.compile(r"[a-z_]{1,40}", re.ASCII)


def read_dispute(dispute: Shape) -> GatewayDispute:
    """A dispute → our value. Raises as `read_payment` does. A state that we do not know is one in
    which the money is with the bank."""
    amount, currency = dispute["amount"], dispute["currency"]
    if type(amount) is not int or amount < 1 or not isinstance(currency, str):
        raise TypeError("amount and currency")
    due = (dispute.get("evidence_details") or {}).get("due_by")
    reason = str(dispute.get("reason") or "")
    return GatewayDispute(
        reference=str(dispute["id"]),
        amount_minor=amount,
        currency=currency.upper(),
        state=_STATES.get(dispute["status"], "open"),
        reason=reason if _REASON.fullmatch(reason) else "general",
        respond_by=datetime.fromtimestamp(due, UTC) if type(due) is int and due > 0 else None,
    )
