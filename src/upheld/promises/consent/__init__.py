"""Consent: given and withdrawn, never assumed, bound to the words that were shown."""

from __future__ import annotations

from upheld.promises.consent.gate import give, live, live_at, withdraw
from upheld.promises.consent.models import ConsentRecord

__all__ = ["ConsentRecord", "give", "live", "live_at", "withdraw"]
