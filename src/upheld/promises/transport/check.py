"""Could personal data travel in the clear, or under a host's name that is not ours?"""

from __future__ import annotations

import ipaddress

from django.conf import settings

from upheld.policy import Finding, Policy
from upheld.promises.transport.origin import own_origin

GATE = "upheld.promises.transport.middleware.TransportMiddleware"


def check(policy: Policy) -> list[Finding]:
    """The gate stands, the origin is encrypted or this machine's own, and no setting of Django's
    lets a stranger choose scheme or host."""
    origin, middleware = own_origin(), list(settings.MIDDLEWARE)
    findings = []
    if GATE not in middleware:
        findings.append(
            _finding("settings.MIDDLEWARE", f"{GATE} is not installed", f'add "{GATE}"')
        )
    if origin.scheme != "https" and origin.needs_encryption:
        findings.append(
            _finding(
                "UPHELD_ORIGIN",
                f"{origin} would take personal data in the clear",
                f"set UPHELD_ORIGIN=https://{origin.netloc} and put TLS before or into the server",
            )
        )
    for address in settings.UPHELD_TRUSTED_PROXIES:
        if not _is_network(address):
            findings.append(
                _finding(
                    "UPHELD_TRUSTED_PROXIES",
                    f"{address!r} is no address",
                    "list addresses or networks, such as 10.0.0.1,10.1.0.0/16",
                )
            )
    return findings + _django_settings()


def _django_settings() -> list[Finding]:
    dangers = {
        "USE_X_FORWARDED_HOST": settings.USE_X_FORWARDED_HOST,
        "SECURE_PROXY_SSL_HEADER": settings.SECURE_PROXY_SSL_HEADER is not None,
        "ALLOWED_HOSTS": any(host in {"*", "."} for host in settings.ALLOWED_HOSTS),
    }
    return [
        _finding(
            f"settings.{name}",
            "lets whoever sends a request say what our host or scheme is",
            "take it out: the origin is configured, and proxies are in UPHELD_TRUSTED_PROXIES",
        )
        for name, is_set in dangers.items()
        if is_set
    ]


def _is_network(address: str) -> bool:
    try:
        ipaddress.ip_network(address.strip(), strict=False)
    except ValueError:
        return False
    return True


def _finding(file: str, problem: str, remedy: str) -> Finding:
    return Finding(file=file, line=None, clause="P18", problem=problem, remedy=remedy)
