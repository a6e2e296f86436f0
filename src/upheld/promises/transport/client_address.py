"""Who is at the other end, for limits on tries: the connection's word, or a declared proxy's."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "unknown"


def client_address(request: HttpRequest) -> str:
    """The address that connected. Where that is a declared proxy, the last address it names that
    is none; what a client claims by itself counts for nothing."""
    nearest = request.META.get("REMOTE_ADDR", "")
    named = request.headers.get("X-Forwarded-For", "").split(",")
    while _is_proxy(nearest) and named and named[-1].strip():
        nearest = named.pop().strip()
    return nearest or UNKNOWN


def _is_proxy(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(
        ip in ipaddress.ip_network(each.strip(), strict=False)
        for each in settings.UPHELD_TRUSTED_PROXIES
    )
