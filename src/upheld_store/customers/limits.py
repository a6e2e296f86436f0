"""How often something may be tried: by address of the client and by what is tried."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django.http import HttpRequest

# a number, a stretch, and what it counts by; nobody is locked out: a stretch later it goes on
_RATES = {
    "sign_in": "120/15m/ip,20/15m/key",
    "letter": "30/h/ip,5/15m/key",
    "code": "60/15m/ip",
    "free_order": "60/h/ip,6/h/key",
}


def may_try(request: HttpRequest, act: str, key: str) -> bool:
    """Counts one more try of `act` on `key`; False where there were too many lately."""
    usage = ratelimit.consume(
        request, app="upheld_store.customers", action=act, config=_RATES, key=key.lower()
    )
    return usage is not None
