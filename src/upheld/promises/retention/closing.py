"""While a backup is put back, nobody is served and nothing runs by itself.

The mark is a file, because the database itself is being replaced. A restore that is killed leaves
it: the store stays closed until one has come to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings

_MARK = "restoring"
RETRY_SECONDS = 60
_BODY = (
    b"Just a moment. A backup of this store is being put back, and it opens again when what was "
    b"erased since has been erased again. Please try again in a few minutes.\n"
)


def closed_mark() -> Path:
    """The file that closes the store."""
    return Path(settings.UPHELD_HOME) / _MARK


def is_closed() -> bool:
    """Whether a restore is at work, or was ended half-way."""
    return closed_mark().exists()


class ClosedWhileRestoring:
    """Answers 503 while the mark is there, and builds the application once it is not: what a
    server checks before its first answer, it must not check on half a database."""

    def __init__(self, build: Callable[[], WSGIApplication]) -> None:
        self._build, self._lock = build, Lock()
        self._application = None if is_closed() else build()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if is_closed():
            headers = [
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Length", str(len(_BODY))),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
                ("Retry-After", str(RETRY_SECONDS)),
            ]
            start_response("503 Service Unavailable", headers)
            return [_BODY]
        if self._application is None:
            with self._lock:
                self._application = self._application or self._build()
        return self._application(environ, start_response)
