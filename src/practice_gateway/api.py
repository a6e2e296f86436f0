"""`/v1/`: the part of Stripe's interface that a store with hosted checkout needs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from practice_gateway.book import Book, Dispute, KeyReused, Refund, Session, TooMuch
from practice_gateway.lists import (
    answer_disputes,
    answer_events,
    answer_refunds,
    answer_sessions,
)
from practice_gateway.redactions import PATH as REDACTIONS
from practice_gateway.redactions import answer_redaction
from practice_gateway.reply import Reply, json_reply
from practice_gateway.sender import Sender
from practice_gateway.shapes import (
    Shape,
    charge_shape,
    dispute_shape,
    error_shape,
    failed_shape,
    refund_shape,
    session_shape,
)
from practice_gateway.troubles import Troubles

_SESSION = re.compile(r"/v1/checkout/sessions/(cs_test_[0-9a-f]+)(/expire)?")
_UNIT = re.compile(r"line_items\[(\d+)\]\[price_data\]\[unit_amount\]")
_METADATA = re.compile(r"metadata\[(\w{1,40})\]")
_INTENT_METADATA = re.compile(r"payment_intent_data\[metadata\]\[(\w{1,40})\]")
_AMOUNT_MAX = 99_999_999
_CURRENCY = re.compile(r"[a-z]{3}", re.ASCII)


class Refused(ValueError):
    """A parameter cannot be used; the message names it."""


@dataclass(slots=True)
class Api:
    """Calls in, Stripe-shaped answers out."""

    book: Book
    sender: Sender
    origin: str
    store_origin: str
    troubles: Troubles = field(default_factory=Troubles)

    def answer(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """One call. Everything that can be wrong with it is a 4xx with a reason."""
        path, _, query = target.partition("?")
        if not headers.get("Authorization", "").startswith("Bearer sk_test_"):
            return json_reply(401, error_shape("authentication_error", "Use a test key."))
        if method == "POST" and path == "/v1/checkout/sessions":
            return self._once(body, headers.get("Idempotency-Key", ""), self._create)
        parameters = dict(parse_qsl(query))
        if path.startswith("/v1/refunds"):
            if method == "POST" and path == "/v1/refunds":
                reply = self._once(body, headers.get("Idempotency-Key", ""), self._refund)
                self._announce_new_refunds()
                return reply
            return answer_refunds(self.book, path, parameters)
        if method == "POST" and path == REDACTIONS:
            return answer_redaction(self.book, body, self.troubles)
        if path.startswith("/v1/events"):
            return answer_events(self.sender, path, parameters)
        if path.startswith("/v1/disputes"):
            return answer_disputes(self.book, path, parameters)
        if method == "GET" and path == "/v1/checkout/sessions":
            return answer_sessions(self.book, self.origin, path, parameters)
        return self._session(method, path, parameters)

    def _session(self, method: str, path: str, parameters: Mapping[str, str]) -> Reply:
        match = _SESSION.fullmatch(path)
        session = self.book.session(match[1]) if match else None
        if match is None or session is None:
            return json_reply(404, error_shape("invalid_request_error", "No such session."))
        if method == "POST" and match[2]:
            return self._expire(session)
        if method == "GET" and not match[2]:
            wishes = {v for k, v in parameters.items() if k.startswith("expand[")}
            expanded = "payment_intent.latest_charge" in wishes
            shape = session_shape(session, self.origin, expanded=expanded)
            return json_reply(200, shape | self.troubles.misstate)
        return json_reply(405, error_shape("invalid_request_error", "Not a call of this address."))

    def announce(self, kind: str, session: Session) -> None:
        """Send the webhook of something that happened to a session."""
        is_session = kind.startswith("checkout.session.")
        self._send(
            kind, session_shape(session, self.origin) if is_session else failed_shape(session)
        )

    def announce_refund(self, kind: str, refund: Refund) -> None:
        """Send the webhooks of something that happened to a refund; the charge's comes too."""
        session = refund.session
        self._send(kind, refund_shape(refund))
        if refund.status == "succeeded":
            self._send("charge.refunded", charge_shape(session, self.book.refunded(session)))

    def dispute(self, session: Session, amount: int, reason: str, *, inquiry: bool) -> Dispute:
        """What the card's holder does. Raises `TooMuch`."""
        made = self.book.dispute(session, amount, reason, inquiry=inquiry)
        self.announce_dispute("created", made)
        if made.holds:
            self.announce_dispute("funds_withdrawn", made)
        return made

    def decide(self, dispute: Dispute, status: str) -> None:
        """What the bank does: `won` by the store, `lost`, or another of Stripe's words."""
        held, dispute.status = dispute.holds, status
        if held != dispute.holds:
            moved = "funds_withdrawn" if dispute.holds else "funds_reinstated"
            self.announce_dispute(moved, dispute)
        closed = status in {"won", "lost", "warning_closed", "prevented"}
        self.announce_dispute("closed" if closed else "updated", dispute)

    def announce_dispute(self, what: str, dispute: Dispute) -> None:
        """Send one webhook of a dispute."""
        self._send(f"charge.dispute.{what}", dispute_shape(dispute))

    def _announce_new_refunds(self) -> None:
        """Outside the book's lock: the store may ask us about a refund while it hears of it."""
        for refund in self.book.refunds():
            if not refund.announced:
                refund.announced = True
                self.announce_refund("refund.created", refund)

    def _send(self, kind: str, about: Shape) -> None:
        event = self.sender.send(kind, about, self.troubles)
        if self.troubles.wait:
            event.taken.wait(30)

    def _once(self, body: bytes, key: str, make: Callable[[str], Shape]) -> Reply:
        parameters = body.decode("utf-8", "replace")
        with self.book.lock:  # two calls with one key must not both find it new
            try:
                answer = self.book.answered(key, parameters) if key else None
                answer = answer or make(parameters)
            except KeyReused:
                message = "This idempotency key was used with other parameters."
                return json_reply(400, error_shape("idempotency_error", message))
            except Refused as error:
                return json_reply(400, error_shape("invalid_request_error", str(error)))
            if key:
                self.book.remember(key, parameters, answer)
        return json_reply(200, answer)

    def _create(self, parameters: str) -> Shape:
        return session_shape(self._open(parameters), self.origin)

    def _refund(self, parameters: str) -> Shape:
        form = dict(parse_qsl(parameters))
        session = self.book.paid_session(form.get("payment_intent", ""))
        if session is None:
            raise Refused("payment_intent: no such payment.")
        amount = _whole(form, "amount") if "amount" in form else session.amount
        metadata = {m[1]: v for k, v in form.items() if (m := _METADATA.fullmatch(k))}
        if not amount:
            raise Refused("amount: is at least 1.")
        try:
            made = self.book.refund(session, amount, metadata, self.troubles.refund)
        except TooMuch as error:
            raise Refused("amount: more than is left of the payment.") from error
        return refund_shape(made)

    def _open(self, parameters: str) -> Session:
        form = dict(parse_qsl(parameters))
        if form.get("mode") != "payment":
            raise Refused("mode: only payment is practiced here.")
        amount, currency, description = _total(form)
        for name in ("success_url", "cancel_url"):
            if not form.get(name, "").startswith(f"{self.store_origin}/"):
                raise Refused(f"{name}: must lie in the store's origin.")
        if form.get("ui_mode", "hosted_page") != "hosted_page":
            raise Refused("ui_mode: only the hosted page is practiced here.")
        metadata = {m[1]: v for k, v in form.items() if (m := _METADATA.fullmatch(k))}
        noted = {m[1]: v for k, v in form.items() if (m := _INTENT_METADATA.fullmatch(k))}
        return self.book.open_session(
            amount=amount,
            currency=currency,
            description=description,
            reference=form.get("client_reference_id", ""),
            metadata=metadata,
            intent_metadata=noted,
            success_url=form["success_url"],
            cancel_url=form["cancel_url"],
        )

    def _expire(self, session: Session) -> Reply:
        if not self.book.expire(session):
            message = f"Only an open session can be expired; this one is {session.status}."
            return json_reply(400, error_shape("invalid_request_error", message))
        self.announce("checkout.session.expired", session)
        return json_reply(200, session_shape(session, self.origin))


def _total(form: Mapping[str, str]) -> tuple[int, str, str]:
    lines = sorted({int(m[1]) for k in form if (m := _UNIT.fullmatch(k))})
    prices = [f"line_items[{n}][price_data]" for n in lines]
    currencies = {form.get(f"{price}[currency]", "") for price in prices}
    amount = sum(
        _whole(form, f"{price}[unit_amount]") * _whole(form, f"line_items[{n}][quantity]")
        for n, price in zip(lines, prices, strict=True)
    )
    if len(currencies) != 1 or not _CURRENCY.fullmatch(currency := currencies.pop()):
        raise Refused("line_items: name one currency, three small letters.")
    if not 1 <= amount <= _AMOUNT_MAX:
        raise Refused("line_items: the total is too small or too large.")
    return amount, currency, form.get(f"{prices[0]}[product_data][name]", "")


def _whole(form: Mapping[str, str], name: str) -> int:
    text = form.get(name, "1")
    if not re.fullmatch(r"\d{1,8}", text, re.ASCII):
        raise Refused(f"{name}: must be a whole number.")
    return int(text)


def read_wishes(body: bytes) -> dict[str, Any]:
    """The body of `POST /control`. Raises `ValueError`."""
    wishes = json.loads(body or b"{}")
    if not isinstance(wishes, dict):
        raise ValueError("Send one JSON object.")
    return wishes


def dispute_as_wished(api: Api, wish: Any) -> None:
    """`dispute` of `POST /control`: `{"session": …}` raises one, `{"id": …, "status": …}` decides
    it. Raises `ValueError`."""
    if not isinstance(wish, dict):
        raise ValueError("dispute: an object that names a session, or an id and a status.")
    known = api.book.dispute_named(str(wish.get("id", "")))
    if known is not None:
        return api.decide(known, str(wish.get("status", "lost")))
    session = api.book.session(str(wish.get("session", "")))
    if session is None:
        raise ValueError("dispute: there is no such session, and no such dispute.")
    amount = wish.get("amount", session.amount)
    reason = str(wish.get("reason", "product_not_received"))
    try:
        api.dispute(session, int(amount), reason, inquiry=bool(wish.get("inquiry")))
    except TooMuch as error:
        raise ValueError("dispute: less than that is left of a payment.") from error
    return None
