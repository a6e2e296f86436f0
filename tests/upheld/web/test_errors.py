"""Errors are sentences with a way out; nothing of what was typed gets into a page or a log."""

from __future__ import annotations

import errno
import json
import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from upheld.policy.errors import UndeclaredPurpose
from upheld.web.errors import quiet_about_canaries
from upheld.web.views import bad_request, forbidden, not_found, server_error
from upheld_store.site.urls import urlpatterns as _all

SECRET = "anna.secret@example.com"
_FAILURES: dict[str, BaseException] = {
    "bug": ValueError(SECRET),
    "constraint": IntegrityError(f"Key (email)=({SECRET})"),
    "locked": OperationalError("database is locked"),
    "full": OSError(errno.ENOSPC, "No space left on device"),
    "missing": FileNotFoundError(errno.ENOENT, "no", SECRET),
    "refused": UndeclaredPurpose(clause="P44", field="read a.b", remedy="r"),
    "forbidden": PermissionDenied(SECRET),
    "odd": SuspiciousOperation(SECRET),
    "large": RequestDataTooBig(SECRET),
}


def fail(request: HttpRequest, kind: str) -> HttpResponse:
    typed = request.POST.dict()
    raise _FAILURES[kind] if typed is not None else AssertionError


urlpatterns = [path("fail/<slug:kind>/", fail, name="fail"), *_all]
handler400, handler403, handler404, handler500 = bad_request, forbidden, not_found, server_error


@pytest.fixture
def client(settings: Any) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False, HTTP_HOST="127.0.0.1:8000",
                  HTTP_SEC_FETCH_SITE="same-origin")  # fmt: skip


ANSWERS = {
    "bug": (500, "Something went wrong on our side"),
    "constraint": (500, "Something went wrong on our side"),
    "locked": (503, "Just a moment"),
    "full": (503, "Just a moment"),
    "missing": (500, "Something went wrong on our side"),
    "refused": (500, "We stopped ourselves"),
    "forbidden": (403, "This was not allowed"),
    "odd": (400, "That request could not be read"),
    "large": (413, "That was too large"),
}


@pytest.mark.parametrize("kind", list(ANSWERS))
def test_a_failure_is_a_sentence(
    client: Client, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "upheld")
    answer = client.post(f"/fail/{kind}/?mail={SECRET}", {"email": SECRET})
    status, title = ANSWERS[kind]
    page = answer.content.decode()
    assert answer.status_code == status and f"<h1>{title}</h1>" in page
    assert "You can " in page and 'href="/"' in page
    assert answer["Cache-Control"] == "no-store"
    assert SECRET not in page and "Traceback" not in page and "Error" not in page
    # Django's own lines carry the path and the message; the settings send them nowhere.
    assert not logging.getLogger("django.request").propagate
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("upheld")]
    assert SECRET not in "".join(ours) and len(ours) == (kind not in {"forbidden", "odd", "large"})
    assert ("Retry-After" in answer) == (status == 503)


def test_the_log_says_where(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "upheld.errors"):
        client.get("/fail/bug/")
    (record,) = [r for r in caplog.records if r.name == "upheld.errors"]
    assert record.getMessage().startswith("ValueError")
    assert "at route fail: " in record.getMessage() and "fail:" in record.getMessage()
    assert record.exc_info is None


@pytest.mark.parametrize(("address", "headers"), [
    ("/nothing/here.json", {}), ("/api/v1/nothing/", {}),
    ("/nothing/", {"HTTP_ACCEPT": "application/json"}),
])  # fmt: skip
def test_a_machine_gets_problem_json(client: Client, address: str, headers: dict[str, str]) -> None:
    answer = client.get(address, **headers)
    assert answer.status_code == 404 and answer["Content-Type"] == "application/problem+json"
    problem = json.loads(answer.content)
    assert problem["status"] == 404 and problem["title"] and problem["detail"]


def test_a_browser_gets_a_page(client: Client) -> None:
    accepts = "text/html,application/xhtml+xml,application/json;q=0.9"
    answer = client.get("/nothing/", HTTP_ACCEPT=accepts)
    assert b"<h1>There is no such page</h1>" in answer.content


def test_an_empty_refusal_gets_its_page(client: Client) -> None:
    answer = client.post("/privacy/")
    assert answer.status_code == 405 and b"<h1>That does not work here</h1>" in answer.content
    assert "GET" in answer["Allow"]


def test_a_theme_that_fails_too_leaves_the_sentence(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> HttpResponse:
        raise ValueError(SECRET)

    monkeypatch.setattr("upheld.web.errors.render", broken)
    answer = client.get("/fail/bug/")
    assert answer.status_code == 500 and answer["Content-Type"].startswith("text/plain")
    assert answer.content.startswith(b"Something went wrong on our side. ")


def test_a_proof_that_provokes_an_error_is_no_news(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "upheld.errors"), quiet_about_canaries():
        client.get("/fail/bug/")
    assert [r for r in caplog.records if r.name == "upheld.errors"] == []
    client.get("/fail/bug/")
    assert [r for r in caplog.records if r.name == "upheld.errors"] != []
