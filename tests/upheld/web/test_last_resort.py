"""What escapes Django is still a sentence."""

from __future__ import annotations

import errno
import logging
from typing import Any

import pytest
from django.db import OperationalError

from upheld.web.last_resort import LastResort

SECRET = "ada@example.com"


def ask(failure: Exception | None) -> tuple[str, dict[str, str], bytes]:
    """What a server gets from an application that fails so."""
    started: list[Any] = []

    def application(environ: Any, start_response: Any) -> list[bytes]:
        if failure:
            raise failure
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"fine"]

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started[:] = [status, dict(headers)]
        return None

    body = b"".join(LastResort(application)({}, start))
    return started[0], started[1], body


def test_in_fair_weather_it_is_not_there() -> None:
    assert ask(None) == ("200 OK", {"Content-Type": "text/plain"}, b"fine")


@pytest.mark.parametrize(
    "failure",
    [
        OSError(errno.EMFILE, SECRET),
        OSError(errno.ENOSPC, SECRET),
        OSError(errno.EROFS, SECRET),
        OperationalError(SECRET),
    ],
)
def test_a_shortage_says_when_to_come_again(failure: Exception) -> None:
    status, headers, body = ask(failure)
    assert status == "503 Service Unavailable"
    assert int(headers["Retry-After"]) > 0
    assert headers["Cache-Control"] == "no-store"
    assert int(headers["Content-Length"]) == len(body)
    assert b"not stored" in body and b"You can" in body


def test_anything_else_is_our_fault(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        status, headers, body = ask(ValueError(SECRET))
    assert status == "500 Internal Server Error"
    assert "Retry-After" not in headers
    assert b"our fault" in body
    assert SECRET not in caplog.text and "ValueError" in caplog.text
