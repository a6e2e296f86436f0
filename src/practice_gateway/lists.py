"""`/v1/refunds`, `/v1/disputes`, `/v1/events` and the sessions of a payment, read: one by its id,
or a list, newest first."""

from __future__ import annotations

import json
from collections.abc import Mapping

from practice_gateway.book import Book
from practice_gateway.reply import Reply, json_reply
from practice_gateway.sender import Sender
from practice_gateway.shapes import (
    Shape,
    dispute_shape,
    error_shape,
    list_shape,
    refund_shape,
    session_shape,
)

_LIMIT, _LIMIT_MAX = 10, 100


def answer_refunds(book: Book, path: str, parameters: Mapping[str, str]) -> Reply:
    """One refund, or those of one payment."""
    if path != "/v1/refunds":
        refund = book.refund_named(path.removeprefix("/v1/refunds/"))
        return json_reply(200, refund_shape(refund)) if refund else _unknown("refund")
    intent = parameters.get("payment_intent", "")
    session = book.paid_session(intent)
    if intent and session is None:
        return _unknown("payment_intent")
    return _page(path, [refund_shape(refund) for refund in book.refunds(session)], parameters)


def answer_disputes(book: Book, path: str, parameters: Mapping[str, str]) -> Reply:
    """One dispute, or those of one payment."""
    if path != "/v1/disputes":
        dispute = book.dispute_named(path.removeprefix("/v1/disputes/"))
        return json_reply(200, dispute_shape(dispute)) if dispute else _unknown("dispute")
    session = book.paid_session(parameters.get("payment_intent", ""))
    if "payment_intent" in parameters and session is None:
        return _unknown("payment_intent")
    return _page(path, [dispute_shape(each) for each in book.disputes(session)], parameters)


def answer_sessions(book: Book, origin: str, path: str, parameters: Mapping[str, str]) -> Reply:
    """The session that a payment has paid, as a list of at most one."""
    session = book.paid_session(parameters.get("payment_intent", ""))
    return _page(path, [session_shape(session, origin)] if session else [], parameters)


def answer_events(sender: Sender, path: str, parameters: Mapping[str, str]) -> Reply:
    """One event, or those that match: since when, of which types, delivered or not."""
    events = list(reversed(sender.events))
    if path != "/v1/events":
        named = [e for e in events if e.id == path.removeprefix("/v1/events/")]
        return json_reply(200, json.loads(named[0].body)) if named else _unknown("event")
    since = _number(parameters.get("created[gte]", ""), 0)
    types = {value for name, value in parameters.items() if name.startswith("types[")}
    wanted = {"true": True, "false": False}.get(parameters.get("delivery_success", ""))
    found = [
        event
        for event in events
        if event.created >= since
        and (not types or event.kind in types)
        and (wanted is None or event.delivered is wanted)
    ]
    return _page(path, [json.loads(event.body) for event in found], parameters)


def _page(path: str, data: list[Shape], parameters: Mapping[str, str]) -> Reply:
    after = parameters.get("starting_after")
    names = [each["id"] for each in data]
    begin = names.index(after) + 1 if after in names else 0
    limit = min(_number(parameters.get("limit", ""), _LIMIT), _LIMIT_MAX)
    rest = data[begin:]
    return json_reply(200, list_shape(path, rest[:limit], more=len(rest) > limit))


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() else otherwise


def _unknown(what: str) -> Reply:
    return json_reply(404, error_shape("invalid_request_error", f"No such {what}."))
