"""Public pages straight from memory, in front of Django: no view, no SQL, the same bytes.

A page enters under its address once Django has answered it as public with 200; it leaves when the
content's version rises, when its seconds are over, or when memory is needed for others."""

from __future__ import annotations

import gzip
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.db import DatabaseError

from upheld.web.middleware import PUBLIC_SECONDS

BYTES_MAX = 64 * 1024 * 1024
PAGE_BYTES_MAX = 1024 * 1024
QUERY_LENGTH_MAX = 200
VERSION_SECONDS = 1.0
_COMPRESS_BYTES_MIN = 600
_OVERHEAD_BYTES = 1000  # what a page costs besides its bodies
_TEXT = ("text/", "application/json", "application/ld+json", "application/xml", "image/svg+xml")
_NOT_WITH_304 = frozenset({"content-length", "content-type", "content-encoding"})

Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Page:
    headers: tuple[tuple[str, str], ...]
    etag: str
    body: bytes
    compressed: bytes | None
    ends: float  # on the monotonic clock

    @property
    def size(self) -> int:
        return len(self.body) + len(self.compressed or b"") + _OVERHEAD_BYTES


@dataclass(slots=True)
class _Shelf:
    """The pages of one version, least recently used first."""

    version: int | None = None
    pages: OrderedDict[Key, _Page] = field(default_factory=OrderedDict)
    size: int = 0

    def turn_to(self, version: int) -> None:
        if version != self.version:
            self.pages.clear()
            self.version, self.size = version, 0

    def take(self, key: Key, now: float) -> _Page | None:
        page = self.pages.get(key)
        if page is None:
            return None
        if page.ends <= now:
            self.size -= self.pages.pop(key).size
            return None
        self.pages.move_to_end(key)
        return page

    def put(self, key: Key, page: _Page) -> None:
        old = self.pages.pop(key, None)
        self.size += page.size - (old.size if old else 0)
        self.pages[key] = page
        while self.size > BYTES_MAX:
            self.size -= self.pages.popitem(last=False)[1].size


class ServeFromMemory:
    """A WSGI application around Django's."""

    def __init__(
        self,
        application: WSGIApplication,
        read_version: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._application, self._read_version, self._clock = application, read_version, clock
        self._lock, self._shelf = Lock(), _Shelf()
        self._version: int | None = None
        self._version_due = float("-inf")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key = _key(environ)
        version = self._current_version() if key else None
        if key is None or version is None:
            return self._application(environ, start_response)
        with self._lock:
            self._shelf.turn_to(version)
            page = self._shelf.take(key, self._clock())
        if page is not None:
            return _send(page, environ, start_response)
        return self._ask(key, version, environ, start_response)

    def _current_version(self) -> int | None:
        """Read once a second by one thread, while the others go on with the last. None when the
        database does not answer: then nothing is served from memory."""
        now = self._clock()
        with self._lock:
            if now < self._version_due:
                return self._version
            self._version_due = now + VERSION_SECONDS
        try:
            version = self._read_version()
        except DatabaseError:
            self._version = None
            return None
        self._version = version
        return version

    def _ask(
        self, key: Key, version: int, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        started: list[Any] = []

        def keep(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
            started[:] = [status, headers, exc_info]
            return lambda _: None  # Django never writes this way

        answer = self._application(environ, keep)
        status, headers, exc_info = started
        seconds = environ.get(PUBLIC_SECONDS)
        # A HEAD is answered from a page that a GET brought in.
        if seconds and status.startswith("200 ") and environ["REQUEST_METHOD"] == "GET":
            page = _page(headers, answer, self._clock() + seconds)
            if page is not None:
                with self._lock:
                    # Content only gets newer after its version was read, so this is never stale.
                    if self._shelf.version == version and len(page.body) <= PAGE_BYTES_MAX:
                        self._shelf.put(key, page)
                return _send(page, environ, start_response)
        start_response(status, headers, exc_info)
        return answer


def _key(environ: WSGIEnvironment) -> Key | None:
    """What a page is kept under; None for what is not answered from memory."""
    query, forwarded = environ.get("QUERY_STRING", ""), environ.get("HTTP_X_FORWARDED_PROTO", "")
    if (
        environ["REQUEST_METHOD"] not in {"GET", "HEAD"}
        or environ.get("HTTP_HOST") != urlsplit(settings.UPHELD_ORIGIN).netloc
        # Whether a request counts as encrypted is for the transport gate to say, once for each.
        or forwarded not in {"", "http", "https"}
        or len(query) > QUERY_LENGTH_MAX
        or (query and "q" in parse_qs(query, keep_blank_values=True))
    ):
        return None
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return environ["wsgi.url_scheme"], forwarded, path, query


def _page(headers: list[tuple[str, str]], answer: Iterable[bytes], ends: float) -> _Page | None:
    named = {name.lower(): value for name, value in headers}
    if "set-cookie" in named or "etag" not in named or "content-encoding" in named:
        return None
    try:
        body = b"".join(answer)
    finally:
        close = getattr(answer, "close", None)
        if close:
            close()
    compressed = None
    if len(body) >= _COMPRESS_BYTES_MIN and named.get("content-type", "").startswith(_TEXT):
        compressed = gzip.compress(body, compresslevel=6, mtime=0)
    kept = [
        (name, value) for name, value in headers if name.lower() not in {"content-length", "vary"}
    ]
    vary = [named["vary"]] if "vary" in named else []
    kept.append(("Vary", ", ".join([*vary, "Accept-Encoding"])))
    return _Page(tuple(kept), named["etag"], body, compressed, ends)


def _send(page: _Page, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    asked = environ.get("HTTP_IF_NONE_MATCH", "")
    if asked and (asked.strip() == "*" or page.etag in [tag.strip() for tag in asked.split(",")]):
        start_response(
            "304 Not Modified",
            [(name, value) for name, value in page.headers if name.lower() not in _NOT_WITH_304],
        )
        return []
    headers, body = list(page.headers), page.body
    if page.compressed is not None and _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
        headers.append(("Content-Encoding", "gzip"))
        body = page.compressed
    headers.append(("Content-Length", str(len(body))))
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _takes_gzip(accepts: str) -> bool:
    for part in accepts.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
