"""Requests straight into the application, in this process: no network, no test client."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

Application = Callable[..., Any]
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Answered:
    """Status, header lines by name in lower case, body."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Visitor:
    """One browser past the age question, with its cookies."""

    application: Application
    cookies: dict[str, str] = field(default_factory=lambda: {"age": "old_enough"})

    def get(self, path: str) -> Answered:
        """A page."""
        return self._ask("GET", path, b"", "", {})

    def post(self, path: str, form: Mapping[str, str]) -> Answered:
        """A form of ours."""
        return self._ask("POST", path, urlencode(form).encode(), _FORM, {})

    def deliver(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        """A webhook, its Content-Type among the headers."""
        named = {f"HTTP_{n.upper().replace('-', '_')}": value for n, value in headers.items()}
        return self._ask("POST", path, body, named.pop("HTTP_CONTENT_TYPE"), named)

    def _ask(
        self, method: str, path: str, body: bytes, kind: str, more: Mapping[str, str]
    ) -> Answered:
        started: list[Any] = []
        environ = _environ(method, path, body) | {"CONTENT_TYPE": kind} | more
        environ["HTTP_COOKIE"] = "; ".join(f"{n}={value}" for n, value in self.cookies.items())
        answer = self.application(environ, lambda *words: started.extend(words))
        try:
            content = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        for name, value in started[1]:
            if name.lower() == "set-cookie":
                cookie, _, rest = value.partition("=")
                self.cookies[cookie] = rest.split(";")[0]
        headers = {name.lower(): value for name, value in started[1]}
        return Answered(int(started[0][:3]), headers, content)


def _environ(method: str, path: str, body: bytes) -> dict[str, Any]:
    origin, (path, _, query) = urlsplit(settings.UPHELD_ORIGIN), path.partition("?")
    return {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": "",
        "SERVER_NAME": origin.hostname, "SERVER_PORT": str(origin.port),
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": origin.netloc,
        "HTTP_SEC_FETCH_SITE": "same-origin", "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(), "wsgi.url_scheme": "http", "wsgi.version": (1, 0),
        "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
