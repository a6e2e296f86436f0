"""One policy for content, and no view that loosens it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from upheld.promises.transport.content_policy import ContentPolicy

HEADER = "Content-Security-Policy"


def test_it_says_what_the_settings_say(rf: Any, settings: Any) -> None:
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"default-src": ["'none'"]}}
    answer = ContentPolicy(lambda request: HttpResponse())(rf.get("/"))
    assert answer[HEADER] == "default-src 'none'"


def test_no_view_writes_its_own(rf: Any) -> None:
    ours = ContentPolicy(lambda request: HttpResponse())(rf.get("/"))[HEADER]
    assert "default-src 'none'" in ours
    loose = HttpResponse(headers={HEADER: "default-src *"})
    assert ContentPolicy(lambda request: loose)(rf.get("/"))[HEADER] == ours
