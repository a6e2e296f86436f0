"""What other programs look for, and the browser's opt-out signals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client, RequestFactory

from upheld.policy import current
from upheld.promises.notice.opt_out import opt_out_signal


@pytest.mark.parametrize(
    ("headers", "signal"),
    [
        ({"HTTP_SEC_GPC": "1"}, "Global Privacy Control"),
        ({"HTTP_DNT": "1"}, "Do Not Track"),
        ({"HTTP_SEC_GPC": "1", "HTTP_DNT": "1"}, "Global Privacy Control"),
        ({}, None),
        ({"HTTP_SEC_GPC": "0"}, None),
        ({"HTTP_SEC_GPC": "true"}, None),
        ({"HTTP_SEC_GPC": "1, 1"}, None),
        ({"HTTP_DNT": "0"}, None),
    ],
)
def test_the_signal_is_1_and_nothing_else(headers: dict[str, str], signal: str | None) -> None:
    assert opt_out_signal(RequestFactory().get("/", **headers)) == signal


def test_gpc_json(client: Client) -> None:
    said = client.get("/.well-known/gpc.json").json()
    assert said == {"gpc": True, "lastUpdate": current().effective.isoformat()}


def test_security_txt(client: Client) -> None:
    answer = client.get("/.well-known/security.txt")
    assert answer["Content-Type"].startswith("text/plain")
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert fields["Contact"] == f"mailto:{current().controller.email}"
    expires = datetime.fromisoformat(fields["Expires"])
    left = expires - datetime.now(UTC)
    assert timedelta(days=150) < left < timedelta(days=365)
    assert fields["Canonical"].endswith("/.well-known/security.txt")


def test_change_password_leads_on(client: Client) -> None:
    answer = client.get("/.well-known/change-password")
    assert (answer.status_code, answer["Location"]) == (302, "/account/password/")
