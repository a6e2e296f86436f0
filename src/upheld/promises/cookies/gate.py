"""Is this `Set-Cookie` one that the policy declares, exactly as it declares it?"""

from __future__ import annotations

from http.cookies import Morsel

from django.http import HttpResponseBase

from upheld.policy import Policy
from upheld.policy.errors import UndeclaredCookie
from upheld.promises.cookies.jar import (
    HOST_PREFIX,
    SAME_SITE,
    declared,
    is_secure,
    lifetime_seconds,
    wire_name,
)


def refuse_undeclared(response: HttpResponseBase, policy: Policy) -> None:
    """Raises `UndeclaredCookie` for the first cookie of the answer that is not as declared."""
    if response.has_header("Set-Cookie"):
        raise UndeclaredCookie(
            clause="P12",
            field="Set-Cookie",
            problem="was written as a raw header, past the declared cookies",
            remedy="Use upheld.promises.cookies.set_cookie with a declared name.",
        )
    for wire, morsel in response.cookies.items():
        name = wire.removeprefix(HOST_PREFIX)
        cookie = declared(policy, name)
        problem = _flags_problem(wire, name, morsel) or _lifetime_problem(
            morsel, lifetime_seconds(cookie)
        )
        if problem:
            raise UndeclaredCookie(
                clause=cookie.clause,
                field=name,
                problem=problem,
                remedy="Use upheld.promises.cookies.set_cookie: it takes flags and lifetime from "
                "the policy.",
            )


def _flags_problem(wire: str, name: str, morsel: Morsel[str]) -> str | None:
    if wire != wire_name(name):
        return f"goes by another name than {wire_name(name)}"
    if morsel["path"] != "/" or morsel["domain"]:
        return "has another path or domain than this host's own"
    if is_secure() and not morsel["secure"]:
        return "lacks Secure"
    if str(morsel["samesite"]).lower() not in {SAME_SITE.lower(), "strict"}:
        return "is sent along from other sites"
    if not morsel["httponly"] and not _removes(morsel):
        return "can be read by scripts"
    return None


def _lifetime_problem(morsel: Morsel[str], allowed: int | None) -> str | None:
    if _removes(morsel):
        return None
    lasts = morsel["max-age"] != "" or morsel["expires"] != ""
    if allowed is None:
        return "is declared to end with the browser, but would stay" if lasts else None
    try:
        seconds = int(morsel["max-age"])
    except ValueError:
        return "does not say in seconds when it ends"
    return None if seconds <= allowed else "would stay longer than declared"


def _removes(morsel: Morsel[str]) -> bool:
    return str(morsel["max-age"]) == "0" and morsel.value == ""
