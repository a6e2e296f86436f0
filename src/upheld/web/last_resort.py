"""Around everything: what escapes even Django's error pages is answered in a plain sentence."""

from __future__ import annotations

import codecs
import logging
import sys
from collections.abc import Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from upheld.web.errors import RETRY_SECONDS, as_text, error_of

_log = logging.getLogger("upheld.errors")


class LastResort:
    """A WSGI application around the whole site. Without a file handle left, say, neither a
    template nor a module can be loaded, and the server would answer with an empty 500."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        # Django's log of an error asks for it; it must not have to be loaded then.
        codecs.lookup("unicode_escape")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return self._application(environ, start_response)
        except Exception as failure:
            _log.error("%s reached the last resort", type(failure).__name__)
            error = error_of(failure)
            body = as_text(error).encode()
            headers = [
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
                ("Server", "web"),
            ]
            if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
                headers.append(("Retry-After", str(RETRY_SECONDS)))
            status = HTTPStatus(error.status)
            start_response(f"{status.value} {status.phrase}", headers, sys.exc_info())
            return [body]
