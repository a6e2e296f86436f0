"""503 while a backup is put back, and nothing is built on half a database."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from pytest_django import Settings

from upheld import keeping
from upheld.promises.retention.closing import ClosedWhileRestoring, closed_mark


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings: Settings) -> None:
    settings.UPHELD_HOME = tmp_path


class Site:
    built = 0

    def build(self):
        self.built += 1
        return self

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [b"here"]


def ask(site: ClosedWhileRestoring) -> tuple[str, dict[str, str], bytes]:
    told: list = []
    body = b"".join(site({}, lambda status, headers: told.extend([status, dict(headers)])))
    return told[0], told[1], body


def test_a_running_server_closes_and_opens_again() -> None:
    inner = Site()
    site = ClosedWhileRestoring(inner.build)
    assert inner.built == 1 and ask(site)[2] == b"here"
    closed_mark().touch()
    status, headers, body = ask(site)
    assert status.startswith("503") and headers["Retry-After"] and b"being put back" in body
    closed_mark().unlink()
    assert ask(site)[0] == "200 OK" and inner.built == 1


def test_a_server_that_starts_meanwhile_checks_nothing_until_it_may() -> None:
    closed_mark().touch()
    inner = Site()
    site = ClosedWhileRestoring(inner.build)
    assert ask(site)[0].startswith("503") and inner.built == 0
    closed_mark().unlink()
    assert ask(site)[0] == "200 OK" and ask(site)[0] == "200 OK" and inner.built == 1


def test_nothing_runs_by_itself_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[object] = []

    class Once:
        def __init__(self) -> None:
            self.asked = 0

        def is_set(self) -> bool:
            self.asked += 1
            return self.asked > 1

        def wait(self, seconds: float) -> None:
            pass

    monkeypatch.setattr(keeping.connections, "close_all", lambda: None)
    monkeypatch.setattr(keeping, "close_old_connections", lambda: None)
    closed_mark().touch()
    keeping._repeat(Once(), rounds.append, 1)
    assert rounds == []
    closed_mark().unlink()
    keeping._repeat(Once(), rounds.append, 1)
    assert len(rounds) == 1
