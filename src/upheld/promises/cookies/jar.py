"""The only place that writes, reads or removes a cookie. Name and lifetime come from the policy."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse

from upheld.policy import Policy, current
from upheld.policy.errors import UndeclaredCookie
from upheld.policy.model import Cookie
from upheld.promises.transport.origin import own_origin

HOST_PREFIX = "__Host-"
SAME_SITE: Final = "Lax"
DAY_SECONDS = 86_400
# Browsers drop a cookie above 4,096 bytes without a word; its name and flags need some too.
VALUE_BYTES_MAX = 3800


def set_cookie(response: HttpResponse, request: HttpRequest, name: str, value: str) -> None:
    """Put a declared cookie on the answer, with the policy's lifetime and our flags. Raises
    `UndeclaredCookie` where the policy does not name it or the page is public."""
    cookie = declared(current(), name)
    if _is_public(request):
        raise UndeclaredCookie(
            clause="P11",
            field=name,
            problem="would be set by a public page",
            remedy="Take the mark `public` off the view, or leave the cookie.",
        )
    if len(value.encode()) > VALUE_BYTES_MAX:
        raise ValueError(f"The value of cookie {name} is longer than {VALUE_BYTES_MAX} bytes.")
    response.set_cookie(
        wire_name(name),
        value,
        max_age=lifetime_seconds(cookie),
        path="/",
        secure=is_secure(),
        httponly=True,
        samesite=SAME_SITE,
    )


def _is_public(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and bool(getattr(match.func, "upheld_public", False))


def read_cookie(request: HttpRequest, name: str) -> str | None:
    """What the visitor's browser sent under a declared name, or None. It is the visitor's own
    word: sign what matters. Raises `UndeclaredCookie`."""
    declared(current(), name)
    return request.COOKIES.get(wire_name(name))


def delete_cookie(response: HttpResponse, request: HttpRequest, name: str) -> None:
    """Remove a declared cookie from the visitor's browser, if it holds one."""
    declared(current(), name)
    if wire_name(name) in request.COOKIES:
        response.delete_cookie(wire_name(name), path="/", samesite=SAME_SITE)


def declared(policy: Policy, name: str) -> Cookie:
    """The policy's word on this cookie. Raises `UndeclaredCookie`."""
    cookie = policy.cookies.get(name)
    if cookie is None:
        raise UndeclaredCookie(
            clause="P12",
            field=name,
            remedy=f"Add to policy.toml: [cookies.{name}] with clause, words and kept_days (or "
            "session = true), or do not set it.",
        )
    return cookie


def wire_name(name: str) -> str:
    """The name as browsers see it: `__Host-` ties it to this very host, over TLS alone."""
    return f"{HOST_PREFIX}{name}" if is_secure() else name


def is_secure() -> bool:
    """Whether cookies are bound to TLS: everywhere but on a plain loopback origin."""
    return own_origin().needs_encryption


def lifetime_seconds(cookie: Cookie) -> int | None:
    """How long a browser may keep it; None for one that ends with the browser."""
    return None if cookie.kept_days is None else cookie.kept_days * DAY_SECONDS
