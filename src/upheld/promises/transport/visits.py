"""Requests of our own through the whole of Django, without a network, for the proofs.

A visit is counted as nobody's: it starts no session, and reaches no server, log or cache in
front of Django."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from upheld.promises.transport.origin import own_origin

View = Callable[[HttpRequest], HttpResponseBase]
# No header of a request can set this: those are named HTTP_….
_OWN_VISIT = "upheld.own_visit"


def is_own_visit(request: HttpRequest | None) -> bool:
    """Whether a proof of ours asks, which nobody times: no work need be done for show."""
    return request is not None and _OWN_VISIT in request.META


@dataclass(frozen=True, slots=True)
class Visit:
    """What came back. Names of headers are in lower case; `set_cookies` are whole header lines,
    those written as a raw header included."""

    status: int
    headers: Mapping[str, str]
    set_cookies: tuple[str, ...]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


class _Planted(WSGIHandler):
    """Django with every middleware in place, and a planted view in the place of all views."""

    def __init__(self, view: View) -> None:
        self.view = view
        super().__init__()

    def _get_response(self, request: HttpRequest) -> HttpResponseBase:
        return self.view(request)


class Visitor:
    """Someone who visits this site. With `view`, that view answers instead of the site's own,
    behind the same middleware. It keeps no cookie; one is enough for many visits, and making it
    builds all middleware."""

    def __init__(self, view: View | None = None) -> None:
        self.handler = _Planted(view) if view else WSGIHandler()

    def get(self, path: str, **headers: str) -> Visit:
        """One GET. Names of headers are written with underscores: `user_agent="x"`."""
        return self.send("GET", path, b"", headers)

    def post(self, path: str, form: Mapping[str, str], **headers: str) -> Visit:
        """One POST of a form, as this site's own page would send it unless headers say else."""
        own = {"sec_fetch_site": "same-origin", "origin": str(own_origin())}
        return self.send("POST", path, urlencode(form).encode(), own | headers)

    def send(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        content_type: str = "application/x-www-form-urlencoded",
    ) -> Visit:
        """One request with exactly these headers."""
        environ = _environ(method, path, body, headers)
        if method == "POST":
            environ |= {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body))}
        environ[_OWN_VISIT] = True
        response = self.handler.get_response(WSGIRequest(environ))
        if isinstance(response, StreamingHttpResponse):
            content = b"".join(response)
            response.close()
        else:
            # Not closed: that would close the database's connection under a running command.
            content = response.content if isinstance(response, HttpResponse) else b""
        names = {name.lower(): value for name, value in response.items()}
        morsels = [morsel.OutputString() for morsel in response.cookies.values()]
        raw = [names["set-cookie"]] if "set-cookie" in names else []
        return Visit(response.status_code, names, tuple(morsels + raw), content)


def _environ(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> dict[str, object]:
    origin, address = own_origin(), urlsplit(path)
    parts = urlsplit(str(origin))
    environ: dict[str, object] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": address.path.encode().decode("latin-1"),
        "QUERY_STRING": address.query,
        "SERVER_NAME": origin.host,
        "SERVER_PORT": str(parts.port or (443 if origin.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": origin.netloc,
        "HTTP_ACCEPT": "text/html",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": origin.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    return environ | named


def cookie_header(set_cookies: tuple[str, ...]) -> str:
    """What a browser would send back after these `Set-Cookie` lines."""
    jar = SimpleCookie()
    for line in set_cookies:
        jar.load(line)
    return "; ".join(f"{name}={morsel.coded_value}" for name, morsel in jar.items())


@contextmanager
def without_error_log() -> Iterator[None]:
    """The refusals that a canary provokes are no news for the operator. Other threads go on
    reporting theirs."""
    logger, this_thread = logging.getLogger("upheld.errors"), threading.get_ident()

    def is_other(record: logging.LogRecord) -> bool:
        return record.thread != this_thread

    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)
