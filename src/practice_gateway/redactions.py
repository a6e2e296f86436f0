"""`/v1/privacy/redaction_jobs`: the gateway's own part of an erasure, played three ways."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from practice_gateway.book import Book, Redaction
from practice_gateway.reply import Reply, json_reply
from practice_gateway.shapes import error_shape
from practice_gateway.troubles import Troubles

PATH = "/v1/privacy/redaction_jobs"
_SESSION = re.compile(r"objects\[checkout_sessions\]\[\d*\]")
_WEEK_DAYS = 7


def answer_redaction(book: Book, body: bytes, troubles: Troubles) -> Reply:
    """One wish about one session. Asked again, it says how the first one stands."""
    form = parse_qsl(body.decode("utf-8", "replace"))
    named = [value for name, value in form if _SESSION.fullmatch(name)]
    session = book.session(named[0]) if len(named) == 1 else None
    if session is None:
        return json_reply(404, error_shape("invalid_request_error", "No such session."))
    if troubles.redaction == "refused":
        message = "This payment must be kept: the law of this gateway demands it."
        return json_reply(400, error_shape("invalid_request_error", message))
    made = book.redact(session, _WEEK_DAYS if troubles.redaction == "in_a_week" else 0)
    return json_reply(200, _shape(made, done=book.is_redacted(made)))


def _shape(redaction: Redaction, *, done: bool) -> dict[str, object]:
    return {
        "id": redaction.id,
        "object": "privacy.redaction_job",
        "created": redaction.created,
        "livemode": False,
        "objects": {"checkout_sessions": [redaction.session.id]},
        "status": "succeeded" if done else "redacting",
    }
