"""Errors as plain sentences: what happened, and the way out. Machines get problem+json."""

from __future__ import annotations

import errno
import logging
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from upheld.policy.errors import PolicyViolation

_log = logging.getLogger("upheld.errors")
RETRY_SECONDS = 5
_OUT_OF_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.ENFILE}


@dataclass(frozen=True, slots=True)
class PlainError:
    """What a person reads. `way_out` ends the sentence 'You can …'."""

    status: int
    title: str
    sentence: str
    way_out: str = "go back and try another way, or start from the first page"


BAD_REQUEST = PlainError(
    400,
    "That request could not be read",
    "Something in the address or in what was sent is not in the form this site understands. "
    "Nothing was stored.",
)
FORBIDDEN = PlainError(
    403,
    "This was not allowed",
    "The request did not come from a page of this site, or the page does not belong to you. "
    "Nothing was changed.",
    "open the page here again and repeat the step",
)
NOT_FOUND = PlainError(
    404,
    "There is no such page",
    "The address may be mistyped, or what was here is gone.",
    "look for it from the first page",
)
SERVER_ERROR = PlainError(
    500,
    "Something went wrong on our side",
    "The last step was not completed. It was our fault, and the operator has been told where in "
    "the program it happened, not what you typed.",
    "go back and try again; if it was about a payment, look first at how that stands",
)
REFUSED = PlainError(
    500,
    "We stopped ourselves",
    "The program was about to do something with data that our privacy policy does not allow, so "
    "it was refused. Nothing was stored or sent by that step.",
    "go on with everything else; the operator has been told where in the program it happened",
)
BUSY = PlainError(
    503,
    "Just a moment",
    "We cannot write anything down at the moment. What you sent was not stored.",
    "go back in a few seconds and send it again",
)
TOO_LARGE = PlainError(
    413,
    "That was too large",
    "More was sent than this page takes. Nothing was stored.",
    "go back and send less of it",
)
_NAMED = (BAD_REQUEST, FORBIDDEN, NOT_FOUND, TOO_LARGE, SERVER_ERROR, BUSY)
_BY_STATUS = {
    405: PlainError(
        405,
        "That does not work here",
        "This address does not take that kind of request. Nothing was changed.",
    ),
    410: PlainError(410, "This is no longer here", "What was at this address is gone for good."),
    416: PlainError(
        416,
        "The file ends before that",
        "Your program asked for a part that lies beyond the file's end, perhaps because a newer "
        "version is shorter than the one it had begun to fetch.",
        "fetch the file from its beginning",
    ),
    429: PlainError(
        429,
        "That was a little fast",
        "This was tried too often in a short time.",
        "wait a minute and try again",
    ),
    **{error.status: error for error in _NAMED},
}


def answer(request: HttpRequest, error: PlainError) -> HttpResponse:
    """The page, or problem+json where a machine asked."""
    if _is_machine(request):
        response: HttpResponse = JsonResponse(
            {
                "type": "about:blank",
                "title": error.title,
                "status": error.status,
                "detail": error.sentence,
            },
            status=error.status,
            content_type="application/problem+json",
        )
    else:
        response = _page(request, error)
    response["Cache-Control"] = "no-store"
    if error.status == BUSY.status:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def _page(request: HttpRequest, error: PlainError) -> HttpResponse:
    try:
        return render(request, "web/error.html", {"error": error}, status=error.status)
    except Exception as broken:  # a theme that fails too must not hide the sentence
        report(request, broken)
        return HttpResponse(
            as_text(error), status=error.status, content_type="text/plain; charset=utf-8"
        )


def as_text(error: PlainError) -> str:
    """Where no page can be made."""
    return f"{error.title}. {error.sentence} You can {error.way_out}.\n"


def _is_machine(request: HttpRequest) -> bool:
    if request.path.startswith("/api/") or request.path.endswith(".json"):
        return True
    accepts = request.headers.get("Accept", "")
    return "json" in accepts and "text/html" not in accepts


def answer_failure(request: HttpRequest, failure: BaseException | None) -> HttpResponse:
    """The answer to an exception that nobody caught; logs where it happened, never with what."""
    if failure is not None:
        report(request, failure)
    return answer(request, error_of(failure))


def error_of(failure: BaseException | None) -> PlainError:
    """What a person is told of an exception: by its kind, never by its words."""
    if isinstance(failure, PolicyViolation):
        return REFUSED
    if isinstance(failure, OperationalError | InterfaceError):
        return BUSY
    if isinstance(failure, OSError) and failure.errno in _OUT_OF_SPACE:
        return BUSY
    return SERVER_ERROR


def report(request: HttpRequest, failure: BaseException) -> None:
    """One log line: type, route and names of frames. No message, local, path, body or header,
    since each of those may hold what a person typed."""
    match = request.resolver_match
    frames = traceback.extract_tb(failure.__traceback__)
    # The monitor's refusals name columns and purposes, never values: worth their words. So is
    # the driver's own name of a failure, such as SQLITE_FULL.
    names = getattr(failure.__cause__, "sqlite_errorname", "")
    if isinstance(failure, PolicyViolation):
        names = f"{failure.clause} {failure.field}"
    _log.error(
        "%s %s at route %s: %s",
        type(failure).__name__,
        names,
        match.view_name if match else "none",
        " > ".join(f"{frame.name}:{frame.lineno}" for frame in frames[-8:]),
    )


@contextmanager
def quiet_about_canaries() -> Iterator[None]:
    """Proofs provoke refusals on purpose. What this thread reports meanwhile is no news."""
    here = threading.get_ident()

    def from_elsewhere(record: logging.LogRecord) -> bool:
        return record.thread != here

    _log.addFilter(from_elsewhere)
    try:
        yield
    finally:
        _log.removeFilter(from_elsewhere)


def fill_empty_error(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """An error without a body (a method not allowed, say) gets its page and keeps its headers."""
    error = _BY_STATUS.get(response.status_code)
    if error is None or not isinstance(response, HttpResponse) or response.content:
        return response
    filled = answer(request, error)
    for name, value in response.items():
        if name.lower() not in {"content-type", "content-length"}:
            filled[name] = value
    filled.cookies = response.cookies
    return filled
