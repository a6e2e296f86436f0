"""What the interface answers, in Stripe's shapes."""

from __future__ import annotations

from typing import Any

from practice_gateway.book import Dispute, Refund, Session

Shape = dict[str, Any]


def session_shape(session: Session, origin: str, *, expanded: bool = False) -> Shape:
    """A checkout session; `expanded` puts the payment and its charge inside."""
    intent: str | Shape | None = session.intent or None
    return {
        "id": session.id,
        "object": "checkout.session",
        "amount_total": session.amount,
        "currency": session.currency,
        "client_reference_id": session.reference or None,
        "metadata": session.metadata,
        "mode": "payment",
        "livemode": False,
        "created": session.created,
        "expires_at": session.expires,
        "status": session.status,
        "payment_status": "paid" if session.paid_by else "unpaid",
        "payment_intent": _intent_shape(session) if expanded and intent else intent,
        "success_url": session.success_url,
        "cancel_url": session.cancel_url,
        "url": f"{origin}/pay/{session.id}" if session.status == "open" else None,
    }


def _intent_shape(session: Session) -> Shape:
    return {
        "id": session.intent,
        "object": "payment_intent",
        "amount": session.amount,
        "currency": session.currency,
        "status": "succeeded",
        "customer": None,
        "latest_charge": charge_shape(session),
    }


def charge_shape(session: Session, refunded: int = 0) -> Shape:
    """What was taken from the card. Stripe copies the payment's metadata here."""
    card = session.paid_by
    return {
        "id": session.charge,
        "object": "charge",
        "amount": session.amount,
        "amount_refunded": refunded,
        "refunded": refunded == session.amount,
        "currency": session.currency,
        "payment_intent": session.intent,
        "metadata": session.intent_metadata,
        "paid": True,
        "billing_details": {"name": card.name if card else None, "address": {"line1": None}},
        "payment_method_details": {
            "type": "card",
            "card": {
                "brand": card.brand,
                "last4": card.last4,
                "exp_month": card.month,
                "exp_year": card.year,
            }
            if card
            else {},
        },
    }


def refund_shape(refund: Refund) -> Shape:
    """A refund."""
    return {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "charge": refund.session.charge,
        "created": refund.created,
        "currency": refund.session.currency,
        "metadata": refund.metadata,
        "payment_intent": refund.session.intent,
        "status": refund.status,
    }


def dispute_shape(dispute: Dispute) -> Shape:
    """A dispute. Unlike a refund it carries none of our metadata."""
    return {
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount,
        "charge": dispute.session.charge,
        "created": dispute.created,
        "currency": dispute.session.currency,
        "evidence_details": {"due_by": dispute.due},
        "metadata": {},
        "payment_intent": dispute.session.intent,
        "reason": dispute.reason,
        "status": dispute.status,
    }


def list_shape(url: str, data: list[Shape], *, more: bool = False) -> Shape:
    """A page of a list."""
    return {"object": "list", "url": url, "has_more": more, "data": data}


def failed_shape(session: Session) -> Shape:
    """A payment that was refused. It names the order, but no session: that is how Stripe does."""
    return {
        "id": session.intent or None,
        "object": "payment_intent",
        "amount": session.amount,
        "currency": session.currency,
        "metadata": session.intent_metadata,
        "status": "requires_payment_method",
    }


def event_shape(event_id: str, kind: str, created: int, about: Shape) -> Shape:
    """A webhook's body."""
    return {
        "id": event_id,
        "object": "event",
        "type": kind,
        "created": created,
        "livemode": False,
        "data": {"object": about},
    }


def error_shape(kind: str, message: str) -> Shape:
    """A refusal."""
    return {"error": {"type": kind, "message": message}}
