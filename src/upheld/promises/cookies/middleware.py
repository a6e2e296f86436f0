"""No cookie leaves that is not declared, and no other site writes in a visitor's name."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

from upheld.policy import current
from upheld.policy.errors import UndeclaredCookie
from upheld.promises.cookies.gate import refuse_undeclared
from upheld.promises.transport.origin import origin_of_host, parse_origin
from upheld.promises.transport.refusal import Refusal, refuse

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# `none` is the person at the browser itself, such as one who reloads an answer.
_OWN_SITES = frozenset({"same-origin", "none"})


class CookieGate:
    """Refuses every answer that sets a cookie other than as declared: the visitor gets a plain
    error page instead. Whatever may set cookies stands below it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        try:
            refuse_undeclared(response, current())
        except UndeclaredCookie:
            response.close()
            raise
        return response


class SameOriginWrites:
    """Refuses unsafe requests that did not come from our own pages. It needs no cookie, so a
    form costs a visitor none. Routes whose authority is in their address or in a signature are
    excepted where an inventory lists them under `[cross_site.routes]`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in _SAFE_METHODS or comes_from_us(request):
            # Pages of Django's own, such as its admin, ask for a token beside; it would need a
            # cookie, and the origin has said as much.
            request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
            return self.get_response(request)
        if _is_excepted(request):
            return self.get_response(request)
        return refuse(request, _FOREIGN_WRITE)


def comes_from_us(request: HttpRequest) -> bool:
    """Whether the browser says that one of our own pages sent this. Sec-Fetch-Site is asked
    first: no page can forge it. Without it only our own `Origin` will do."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site not in _OWN_SITES:
        return False
    if origin is None or origin == "null":
        return site is not None
    return _is_own(origin, request)


def _is_own(text: str, request: HttpRequest) -> bool:
    own = origin_of_host(request.get_host())
    try:
        origin = parse_origin(text)
    except ValueError:
        return False
    if origin == own:
        return True
    # On the owner's own machine `localhost` and `127.0.0.1` are the same place; the host was
    # checked before, so it is a loopback name.
    here = parse_origin(f"{own.scheme}://{request.get_host()}")
    return own.is_loopback and origin.is_loopback and origin == here


def _is_excepted(request: HttpRequest) -> bool:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return False
    return match.view_name in current().inventory.cross_site_routes


_FOREIGN_WRITE = Refusal(
    403,
    "This did not come from a page of ours",
    "Your browser says that another site sent this form, or does not say who did. We did not read "
    "it, and nothing was changed.",
    "Open our first page, and send the form again from there",
    "/",
)
