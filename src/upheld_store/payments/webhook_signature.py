"""Stripe's webhook signature: `t=…,v1=…`, an HMAC over time and body."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime

from upheld_store.payments.gateway import BadEvent

HEADER = "Stripe-Signature"
AGE_SECONDS_MAX = 300
_TIME = re.compile(r"\d{1,12}", re.ASCII)
_HEADER_MAX = 2000


def check_signature(header: str, body: bytes, secret: str, now: datetime) -> None:
    """Raises `BadEvent` unless one of the header's signatures is of this body, by this secret,
    at most five minutes off."""
    pairs = [part.partition("=") for part in header[:_HEADER_MAX].split(",")]
    times = [value for name, _, value in pairs if name.strip() == "t"]
    if len(times) != 1 or not _TIME.fullmatch(times[0]):
        raise BadEvent("no time in the signature")
    if abs(now.timestamp() - int(times[0])) > AGE_SECONDS_MAX:
        raise BadEvent("too old")
    mac = hmac.new(secret.encode(), times[0].encode() + b"." + body, hashlib.sha256)
    wanted = mac.hexdigest().encode()
    # Bytes, because comparing text that is not ASCII raises instead of answering.
    given = [value.encode("utf-8", "replace") for name, _, value in pairs if name.strip() == "v1"]
    if not any(hmac.compare_digest(wanted, value) for value in given):
        raise BadEvent("no signature of ours")
