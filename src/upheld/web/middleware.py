"""Around every view: public pages know nobody, and errors are plain sentences."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response

from upheld.policy.errors import UndeclaredCookie
from upheld.web.errors import fill_empty_error
from upheld.web.public import is_public, public_seconds

# Under this name the seconds stand in the WSGI environment once a page may go to memory.
PUBLIC_SECONDS = "upheld.public_seconds"
# All that a public view may learn of a request.
_KNOWN = (
    "REQUEST_METHOD",
    "QUERY_STRING",
    "SCRIPT_NAME",
    "SERVER_PROTOCOL",
    "wsgi.errors",
    "wsgi.multiprocess",
    "wsgi.multithread",
    "wsgi.run_once",
    "wsgi.version",
)

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class PublicPages:
    """Hands public views a request without cookies, session, user or address, and gives their
    answers an ETag and a lifetime. Raises `UndeclaredCookie` where one of them tells visitors
    apart."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.META.pop(PUBLIC_SECONDS, None)
        response = self.get_response(request)
        seconds = request.META.pop(PUBLIC_SECONDS, None)
        if seconds is None:
            return response
        _refuse_to_tell_apart(response)
        if response.status_code != 200 or not isinstance(response, HttpResponse):
            return response
        request.META[PUBLIC_SECONDS] = seconds
        return _finish(request, response, seconds)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> HttpResponseBase | None:
        """Answers in the place of a public view."""
        if not is_public(view):
            return None
        request.META[PUBLIC_SECONDS] = public_seconds(view)
        answer: HttpResponseBase = view(from_nobody(request), *args, **kwargs)
        return answer


def from_nobody(request: HttpRequest) -> WSGIRequest:
    """The same question, asked by no one: method, path and query, and our own origin."""
    origin = urlsplit(settings.UPHELD_ORIGIN)
    environ: dict[str, Any] = {name: request.META[name] for name in _KNOWN if name in request.META}
    environ |= {
        "PATH_INFO": request.path_info.encode().decode("latin-1"),  # as WSGI spells it
        "HTTP_HOST": origin.netloc,
        "SERVER_NAME": origin.hostname or "localhost",
        "SERVER_PORT": str(origin.port or (443 if origin.scheme == "https" else 80)),
        "wsgi.url_scheme": origin.scheme,
        "wsgi.input": io.BytesIO(),
    }
    nobody = WSGIRequest(environ)
    nobody.resolver_match = request.resolver_match
    return nobody


def _refuse_to_tell_apart(response: HttpResponseBase) -> None:
    varies = {name.strip().lower() for name in response.get("Vary", "").split(",")}
    told = [*response.cookies, *(f"Vary: {name}" for name in varies & {"cookie", "*"})]
    if told:
        raise UndeclaredCookie(
            clause="P11",
            field=told[0],
            problem="would tell visitors of a public page apart",
            remedy="Take it out of the view, or take the mark `public` off the view.",
        )


def _finish(request: HttpRequest, response: HttpResponse, seconds: int) -> HttpResponseBase:
    # Weak, because a page may leave plain or compressed under one tag.
    digest = hashlib.sha256(response.content).hexdigest()[:32]
    response["ETag"] = f'W/"{digest}"'
    response["Cache-Control"] = f"public, max-age={seconds}"
    finished = get_conditional_response(request, etag=response["ETag"], response=response)
    return finished or response


class PlainErrors:
    """No answer is an empty error: whatever Django refuses by itself gets its sentence."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return fill_empty_error(request, self.get_response(request))
