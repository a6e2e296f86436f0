"""What every request and every answer passes: encryption, our own host, strict headers."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from upheld.policy import current
from upheld.promises.transport.origin import Origin, origin_of_host, own_origin
from upheld.promises.transport.refusal import Refusal, refuse

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_SAFE_METHODS = frozenset({"GET", "HEAD"})
_UNUSED_FEATURES = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen",
    "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment",
    "picture-in-picture", "screen-wake-lock", "usb", "xr-spatial-tracking",
)  # fmt: skip
STRICT_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With `no-referrer` a browser sends `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _UNUSED_FEATURES),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Otherwise the server names itself.
    "Server": "web",
}


class _PermanentRedirect(HttpResponseRedirect):
    status_code = 308


class TransportMiddleware:
    """Refuses what would travel in the clear or under another host's name, and puts the strict
    headers on every answer. It stands outside of everything that can answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.origin = own_origin()
        self.proxies = _networks(settings.UPHELD_TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        self._settle_scheme(request)
        response = self._refusal(request) or self.get_response(request)
        harden(request, response)
        if self.origin.scheme == "https" and request.is_secure():
            response["Strict-Transport-Security"] = f"max-age={current().hsts_days * 86400}"
        return response

    def _settle_scheme(self, request: HttpRequest) -> None:
        """The connection says whether it is encrypted; a declared proxy may say it instead."""
        said = request.META.pop("HTTP_X_FORWARDED_PROTO", "")
        if said and self._is_proxy(request.META.get("REMOTE_ADDR", "")):
            nearest = said.rsplit(",", 1)[-1].strip().lower()
            request.META["wsgi.url_scheme"] = "https" if nearest == "https" else "http"

    def _is_proxy(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self.proxies)

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        try:
            request.get_host()
        except DisallowedHost:
            return refuse(request, _unknown_host(self.origin))
        origin = origin_of_host(request.get_host())
        if not origin.needs_encryption or request.is_secure():
            return None
        if origin.scheme == "https" and request.method in _SAFE_METHODS:
            return _PermanentRedirect(f"{origin}{request.get_full_path()}")
        return refuse(request, _in_the_clear(origin, request))


def harden(request: HttpRequest, response: HttpResponseBase) -> None:
    """Strict headers on one answer; whatever is not a public page is kept by no cache."""
    for name, value in STRICT_HEADERS.items():
        response[name] = value
    match = request.resolver_match
    is_ours_to_close = match is not None and not getattr(match.func, "upheld_public", False)
    if is_ours_to_close or not response.has_header("Cache-Control"):
        response["Cache-Control"] = "no-store"


def _networks(
    addresses: Iterable[str],
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(address.strip(), strict=False) for address in addresses)


def _unknown_host(origin: Origin) -> Refusal:
    return Refusal(
        400,
        "This is not our address",
        "The request named a host that is not this site's, so it was not read.",
        f"Go to {origin}",
        f"{origin}/",
    )


def _in_the_clear(origin: Origin, request: HttpRequest) -> Refusal:
    path = request.get_full_path() if origin.scheme == "https" else "/"
    return Refusal(
        403,
        "This would have traveled without encryption",
        "What you sent came over a plain connection, where others can read along. We did not "
        "read it, and nothing was stored.",
        "Open the page over an encrypted connection, and fill it in again",
        f"{Origin('https', origin.netloc)}{path}",
    )
