"""What start-up checks about purposes: whether requests begin with theirs, and whether the
database can enforce them."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from upheld.db.check import check_database
from upheld.policy import Finding, Policy

_FIRST = "upheld.promises.purpose.middleware.PurposeMiddleware"
_BACK_END = "upheld.db.sqlite"
NOT_ON_POSTGRESQL = "the purpose roles on PostgreSQL are not built yet"


def check(policy: Policy) -> list[Finding]:
    """Every finding about purposes."""
    return [*_settings(), *check_database()]


def _settings() -> list[Finding]:
    findings = []
    if list(settings.MIDDLEWARE)[:1] != [_FIRST]:
        findings.append(
            Finding(
                "settings", None, "P44", "a request would begin without its route's purpose",
                f"Put {_FIRST} first in MIDDLEWARE.",
            )
        )  # fmt: skip
    findings += [
        Finding(
            "settings", None, "P44", f"database {alias!r} is opened without the purpose monitor",
            f'Set its ENGINE to "{_BACK_END}".',
        )
        for alias, options in settings.DATABASES.items()
        if "sqlite" in options["ENGINE"] and options["ENGINE"] != _BACK_END
    ]  # fmt: skip
    return findings


def monitored() -> bool:
    """Whether this database enforces purposes."""
    return connection.vendor == "sqlite"
