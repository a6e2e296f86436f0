"""Could anything installed here set a cookie that the policy does not name?"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from upheld.policy import Finding, Policy

GATE = "upheld.promises.cookies.middleware.CookieGate"
WRITES = "upheld.promises.cookies.middleware.SameOriginWrites"
_SETTINGS = "settings.MIDDLEWARE"
# Known middleware that sets a cookie → the name it takes (a setting, or the name itself).
_SETTERS = {
    "django.contrib.sessions.middleware.SessionMiddleware": "SESSION_COOKIE_NAME",
    "django.middleware.csrf.CsrfViewMiddleware": "CSRF_COOKIE_NAME",
    "django.middleware.locale.LocaleMiddleware": "LANGUAGE_COOKIE_NAME",
    "django.contrib.messages.middleware.MessageMiddleware": "messages",
}
# Known to set none, so they may stand before the gate.
_HARMLESS = (
    "upheld.",
    "csp.middleware.",
    "whitenoise.middleware.",
    "django.middleware.security.",
    "django.middleware.gzip.",
    "django.middleware.common.",
    "django.middleware.http.",
)


def check(policy: Policy) -> list[Finding]:
    """Whether both gates stand, nothing that may set a cookie stands before them, and the known
    setters' cookies are declared."""
    middleware = list(settings.MIDDLEWARE)
    missing = [name for name in (GATE, WRITES) if name not in middleware]
    if missing:
        return [_missing(name) for name in missing]
    return _before_the_gate(middleware) + _undeclared(policy, middleware)


def _missing(name: str) -> Finding:
    return Finding(
        file=_SETTINGS,
        line=None,
        clause="P12",
        problem=f"{name} is not installed, so cookies and writes of other sites pass unseen",
        remedy=f'add "{name}" before everything that may set a cookie',
    )


def _before_the_gate(middleware: Sequence[str]) -> list[Finding]:
    return [
        Finding(
            file=_SETTINGS,
            line=None,
            clause="P12",
            problem=f"{name} stands before the cookie gate, which cannot see what it sets",
            remedy=f"move it below {GATE}",
        )
        for name in middleware[: middleware.index(GATE)]
        if not name.startswith(_HARMLESS)
    ]


def _undeclared(policy: Policy, middleware: Sequence[str]) -> list[Finding]:
    findings = []
    for name in middleware:
        setter = _SETTERS.get(name)
        cookie = getattr(settings, setter, setter) if setter else None
        if name.endswith("MessageMiddleware") and not settings.MESSAGE_STORAGE.endswith(
            ("CookieStorage", "FallbackStorage")
        ):
            continue
        if cookie and cookie.removeprefix("__Host-") not in policy.cookies:
            findings.append(
                Finding(
                    file="policy.toml",
                    line=None,
                    clause="P12",
                    problem=f"{name} sets the cookie {cookie}, which is not declared",
                    remedy=f"declare [cookies.{cookie}] with clause, words and lifetime, or take "
                    f"{name} out",
                )
            )
    return findings
