"""What a gateway of Stripe's shape does, whoever carries the calls there and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from upheld.promises.disclosure import Disclosure
from upheld_store.payments.checkout_session import (
    EXPANDED,
    Shape,
    event_of,
    read_event,
    read_payment,
    session_params,
)
from upheld_store.payments.dispute_shape import read_dispute
from upheld_store.payments.gateway import (
    BadEvent,
    GatewayCheckout,
    GatewayDispute,
    GatewayEvent,
    GatewayPayment,
    GatewayRefund,
    GatewaySession,
    GatewayUnavailable,
    RedactionTruth,
    RefundRequest,
)
from upheld_store.payments.refund_shape import intent_of, read_refund, refund_params
from upheld_store.payments.webhook_signature import HEADER, check_signature

_LIST_MAX = 100
_EVENT_PAGES_MAX = 10
_EVENT_KINDS = [
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
]
_T = TypeVar("_T")


class CallRefused(Exception):
    """The gateway understood the call and will not do it; asking again changes nothing."""

    def __init__(self, status: int) -> None:
        super().__init__(f"refused with {status}")
        self.status = status


class Wire(Protocol):
    """Carries one call each. All raise `GatewayUnavailable`, and `CallRefused` for a no."""

    def create_session(self, to: Disclosure, params: dict[str, Any], key: str) -> Shape: ...

    def retrieve_session(self, to: Disclosure, reference: str, params: dict[str, Any]) -> Shape: ...

    def expire_session(self, to: Disclosure, reference: str) -> Shape: ...

    def create_refund(self, to: Disclosure, params: dict[str, Any], key: str) -> Shape: ...

    def list_refunds(self, to: Disclosure, params: dict[str, Any]) -> Shape: ...

    def list_disputes(self, to: Disclosure, params: dict[str, Any]) -> Shape: ...

    def list_sessions(self, to: Disclosure, params: dict[str, Any]) -> Shape: ...

    def list_events(self, to: Disclosure, params: dict[str, Any]) -> Shape: ...


class StripeShaped:
    """`secret` signs the webhooks; `live` says whether real money moves. `forgets` is true of a
    gateway that keeps everything in memory: a page it does not know can never be paid."""

    name: str
    label = "Card, on the gateway’s own page"
    recipient = "gateway"
    has_page = True
    patience = timedelta(minutes=30)
    forgets = False

    def __init__(self, wire: Wire, secret: str, *, live: bool) -> None:
        self._wire, self._secret, self._live = wire, secret, live

    def start(self, disclosure: Disclosure | None, checkout: GatewayCheckout) -> GatewaySession:
        """A new payment page, or the one this idempotency key has already opened."""
        to, params = _permitted(disclosure), session_params(checkout)
        try:
            session = self._wire.create_session(to, params, checkout.idempotency_key)
        except CallRefused as refusal:
            raise GatewayUnavailable(f"{self.name} answered {refusal.status}") from refusal
        if not session.get("id") or not session.get("url"):
            raise GatewayUnavailable(f"{self.name} opened no page")
        return GatewaySession(reference=str(session["id"]), url=str(session["url"]))

    def retrieve(self, disclosure: Disclosure | None, reference: str) -> GatewayPayment:
        """What became of a payment page."""
        session = self._session(_permitted(disclosure), reference)
        if session is None:
            return GatewayPayment("expired", 0, "", "")
        return self._read(lambda: read_payment(session, live=self._live))

    def close_page(self, disclosure: Disclosure | None, reference: str) -> GatewayPayment:
        """Expire the page; one that is paid or closed already is only looked at."""
        with suppress(CallRefused):
            self._wire.expire_session(_permitted(disclosure), reference)
        return self.retrieve(disclosure, reference)

    def refund(
        self, disclosure: Disclosure | None, reference: str, request: RefundRequest
    ) -> Sequence[GatewayRefund]:
        """The list is read first: the gateway forgets idempotency keys after a day, and a refund
        that was sent and never heard of again must not be sent twice."""
        to = _permitted(disclosure)
        intent = self._intent(to, reference)
        known = self._refunds(to, intent)
        if not intent or any(refund.refund_id == request.refund_id for refund in known):
            return known
        try:
            made = self._wire.create_refund(to, refund_params(intent, request), request.refund_id)
        except CallRefused:
            return self._refunds(to, intent)
        return [*known, self._read(lambda: read_refund(made))]

    def refunds(self, disclosure: Disclosure | None, reference: str) -> Sequence[GatewayRefund]:
        """Every refund of this payment, whoever asked for it."""
        to = _permitted(disclosure)
        return self._refunds(to, self._intent(to, reference))

    def disputes(self, disclosure: Disclosure | None, reference: str) -> Sequence[GatewayDispute]:
        """Every dispute of this payment."""
        to = _permitted(disclosure)
        intent = self._intent(to, reference)
        if not intent:
            return []
        params = {"payment_intent": intent, "limit": _LIST_MAX}
        page = self._asked(lambda: self._wire.list_disputes(to, params))
        return self._read(lambda: [read_dispute(dispute) for dispute in page["data"]])

    def page_of(self, disclosure: Disclosure | None, payment: str) -> str:
        """The session that this payment has paid."""
        to, params = _permitted(disclosure), {"payment_intent": payment, "limit": 1}
        page = self._asked(lambda: self._wire.list_sessions(to, params))
        return self._read(lambda: "".join(str(session["id"]) for session in page["data"][:1]))

    def request_redaction(self, disclosure: Disclosure | None, reference: str) -> RedactionTruth:
        """Not by this store: Stripe's interface for it is a preview that may change, and takes
        no payment of the last ninety days. The owner asks in Stripe's dashboard."""
        return "by_hand"

    def undelivered(self, disclosure: Disclosure | None, since: datetime) -> Sequence[GatewayEvent]:
        """Events that no webhook brought, oldest first."""
        to, found = _permitted(disclosure), list[Shape]()
        params = {
            "delivery_success": False,
            "created": {"gte": int(since.timestamp())},
            "types": _EVENT_KINDS,
            "limit": _LIST_MAX,
        }
        for _ in range(_EVENT_PAGES_MAX):
            page, more = self._events(to, params)
            found += page
            if not more:
                break
            params = params | {"starting_after": found[-1]["id"]}
        return self._read(lambda: [event for each in reversed(found) for event in self._ours(each)])

    def read_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> GatewayEvent:
        """A signed event of our mode."""
        check_signature(headers.get(HEADER) or "", body, self._secret, now)
        return read_event(body, live=self._live)

    def _events(self, to: Disclosure, params: dict[str, Any]) -> tuple[list[Shape], bool]:
        page = self._asked(lambda: self._wire.list_events(to, params))
        data = self._read(lambda: list(page["data"]))
        return data, bool(data and page.get("has_more"))

    def _ours(self, event: Shape) -> list[GatewayEvent]:
        try:
            return [event_of(event, live=self._live)]
        except BadEvent:
            return []

    def _session(self, to: Disclosure, reference: str) -> Shape | None:
        """The session with its payment inside; None where it can never be paid any more."""
        try:
            return self._wire.retrieve_session(to, reference, EXPANDED)
        except CallRefused as refusal:
            if self.forgets and refusal.status == 404:
                return None
            raise GatewayUnavailable(f"{self.name} answered {refusal.status}") from refusal

    def _intent(self, to: Disclosure, reference: str) -> str:
        session = self._session(to, reference)
        return intent_of(session) if session else ""

    def _refunds(self, to: Disclosure, intent: str) -> list[GatewayRefund]:
        if not intent:
            return []
        params = {"payment_intent": intent, "limit": _LIST_MAX}
        page = self._asked(lambda: self._wire.list_refunds(to, params))
        return self._read(lambda: [read_refund(refund) for refund in page["data"]])

    def _asked(self, call: Callable[[], _T]) -> _T:
        try:
            return call()
        except CallRefused as refusal:
            raise GatewayUnavailable(f"{self.name} answered {refusal.status}") from refusal

    def _read(self, read: Callable[[], _T]) -> _T:
        try:
            return read()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise GatewayUnavailable(f"{self.name} answered something else") from error


def _permitted(disclosure: Disclosure | None) -> Disclosure:
    if disclosure is None:
        raise TypeError("This gateway is a recipient: disclose() first.")
    return disclosure
