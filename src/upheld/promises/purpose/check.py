"""What start-up checks about purposes: whether requests begin with theirs, and whether the
database can enforce them."""

from __future__ import annotations

from django.conf import settings

from upheld.db.check import check_database
from upheld.policy import Finding, Policy

_FIRST = "upheld.promises.purpose.middleware.PurposeMiddleware"
_BACK_ENDS = {"sqlite": "upheld.db.sqlite", "postgresql": "upheld.db.postgresql"}


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
    for alias, options in settings.DATABASES.items():
        for vendor, back_end in _BACK_ENDS.items():
            if vendor in options["ENGINE"] and options["ENGINE"] != back_end:
                findings.append(
                    Finding(
                        "settings", None, "P44",
                        f"database {alias!r} is opened without the purpose monitor",
                        f'Set its ENGINE to "{back_end}".',
                    )
                )  # fmt: skip
    return findings
