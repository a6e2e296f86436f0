"""The store with two doors beside it: constant bytes, and every page rendered each time."""

from __future__ import annotations

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from bench.pages import CONSTANT, RENDERED
from upheld_store.site.wsgi import application as from_memory

_RENDERED = from_memory._application._application  # past the last resort and the memory


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Whose door is asked for stands before the path."""
    path: str = environ["PATH_INFO"]
    if path.startswith(CONSTANT):
        body = b"x" * int(path.removeprefix(CONSTANT))
        headers = [("Content-Type", "text/html"), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [body]
    if path.startswith(RENDERED):
        environ["PATH_INFO"] = path.removeprefix(RENDERED)
        return _RENDERED(environ, start_response)
    return from_memory(environ, start_response)
