"""Tries to be recognized on public pages, and to get cookies past the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.http import HttpRequest, HttpResponse

from upheld.policy import Policy
from upheld.promises.cookies.jar import (
    is_secure,
    lifetime_seconds,
    read_cookie,
    set_cookie,
    wire_name,
)
from upheld.promises.cookies.visit_pages import PagesSeen, visit_public_pages
from upheld.promises.proof import Proof, State
from upheld.promises.transport.visits import Visitor, cookie_header, without_error_log

_VALUE = "canary"
_UNDECLARED = "upheld-canary"
Dress = Callable[[HttpResponse, str, int | None], None]


def prove(policy: Policy, now: datetime) -> list[Proof]:
    """P11, P12 and P21, tested."""
    return [_pages_proof(visit_public_pages()), _gate_proof(policy), _cart_proof(policy)]


def _pages_proof(seen: PagesSeen) -> Proof:
    wrong = {
        "set a cookie": seen.cookies,
        "differ between visitors": seen.told_apart,
        "fetch from elsewhere": seen.fetched_elsewhere,
    }
    broken = [f"{len(pages)} {what} ({pages[0]})" for what, pages in wrong.items() if pages]
    figure = (
        f"{seen.visited} public pages visited by two different visitors: "
        + (", ".join(broken) or "0 cookies, the same bytes for both, 0 requests elsewhere")
        + ("; more pages are left, this is the limit of one round" if seen.more_left else "")
    )
    if broken:
        return Proof("P11", "broken", "tested", seen.visited, figure)
    if seen.failed or not seen.visited:
        why = f"{len(seen.failed)} gave an error" if seen.failed else "there is no public page"
        return Proof("P11", "unproven", None, seen.visited, f"{figure}; {why}")
    return Proof("P11", "kept", "tested", seen.visited, figure)


def _set_plain(response: HttpResponse, name: str, seconds: int | None, **flags: object) -> None:
    proper: dict[str, object] = {
        "path": "/", "secure": is_secure(), "httponly": True, "samesite": "Lax",
        "max_age": seconds,
    }  # fmt: skip
    response.set_cookie(name, _VALUE, **(proper | flags))  # type: ignore[arg-type]  # canaries


def _set_raw(response: HttpResponse, name: str, seconds: int | None) -> None:
    response["Set-Cookie"] = f"{name}={_VALUE}; Path=/; HttpOnly; SameSite=Lax"


# Ways in which a declared cookie must not leave; the first two are tried with an undeclared too.
_WRONG_WAYS: Mapping[str, Dress] = {
    "raw": _set_raw,
    "longer": lambda r, name, s: _set_plain(r, name, (s or 0) + 1),
    "for scripts": lambda r, name, s: _set_plain(r, name, s, httponly=False),
    "for other sites": lambda r, name, s: _set_plain(r, name, s, samesite="None"),
    "elsewhere": lambda r, name, s: _set_plain(r, name, s, path="/cart/"),
}


def _gate_proof(policy: Policy) -> Proof:
    """Every declared cookie leaves as declared; none leaves in another way, and no other does."""
    dresses: list[tuple[str, Dress, int | None]] = [
        (_UNDECLARED, _set_plain, None),
        (_UNDECLARED, _set_raw, None),
    ]
    for cookie in policy.cookies.values():
        seconds = lifetime_seconds(cookie)
        dresses += [(wire_name(cookie.name), way, seconds) for way in _WRONG_WAYS.values()]
    leaked = [name for name, dress, seconds in dresses if _leaves(name, dress, seconds)]
    lost = [name for name in policy.cookies if _round_trip(name) != _VALUE]
    tried = len(dresses) + len(policy.cookies)
    state: State = "broken" if leaked or lost else "kept"
    figure = (
        f"{len(dresses)} cookies that are not as declared tried, {len(leaked)} left; "
        f"{len(policy.cookies)} declared cookies tried, {len(lost)} were lost"
    )
    return Proof("P12", state, "tested", tried, figure)


def _cart_proof(policy: Policy) -> Proof:
    carts = [cookie for cookie in policy.cookies.values() if cookie.clause == "P21"]
    if not carts:
        return Proof("P21", "unproven", None, 0, "no cookie is declared for the cart")
    lost = [cookie.name for cookie in carts if _round_trip(cookie.name) != _VALUE]
    kept = ", ".join(
        f"{cookie.name} for {cookie.kept_days} days"
        if cookie.kept_days
        else f"{cookie.name} until the browser is closed"
        for cookie in carts
    )
    if lost:
        return Proof("P21", "broken", "tested", len(carts), f"the cookie {lost[0]} was lost")
    return Proof("P21", "kept", "tested", len(carts), f"set and read back: {kept}")


def _leaves(name: str, dress: Dress, seconds: int | None) -> bool:
    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("canary")
        dress(response, name, seconds)
        return response

    with without_error_log():
        return bool(Visitor(view).get("/").set_cookies)


def _round_trip(name: str) -> str | None:
    def give(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("canary")
        set_cookie(response, request, name, _VALUE)
        return response

    def read_back(request: HttpRequest) -> HttpResponse:
        return HttpResponse(read_cookie(request, name) or "")

    with without_error_log():
        given = Visitor(give).get("/")
        return Visitor(read_back).get("/", cookie=cookie_header(given.set_cookies)).text or None
