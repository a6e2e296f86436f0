"""Signing a webhook as Stripe does: `t=…,v1=…` over the time and the body."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "Stripe-Signature"


def signature(secret: str, body: bytes, at: int) -> str:
    """The header's value."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"
