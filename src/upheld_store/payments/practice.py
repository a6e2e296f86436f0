"""The practice gateway's door: Stripe-shaped calls to its own process on loopback."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlsplit

from upheld.promises.disclosure import Disclosure, egress
from upheld_store.payments import checkout_session
from upheld_store.payments.gateway import (
    GatewayCheckout,
    GatewayEvent,
    GatewayPayment,
    GatewaySession,
    GatewayUnavailable,
)
from upheld_store.payments.webhook_signature import HEADER, check_signature

_TIMEOUT_SECONDS = 10
_AUTHORIZATION = "Bearer sk_test_practice"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class PracticeGateway:
    """No money moves. `secret` signs the webhooks."""

    name = "practice"
    recipient = "gateway"

    def __init__(self, url: str, secret: str) -> None:
        self._sessions = f"{url}/v1/checkout/sessions"
        self._secret = secret

    def start(self, disclosure: Disclosure, checkout: GatewayCheckout) -> GatewaySession:
        """A new payment page, or the one this idempotency key has already opened."""
        status, session = self._call(
            disclosure,
            "POST",
            self._sessions,
            body=checkout_session.session_request(checkout),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Idempotency-Key": checkout.idempotency_key,
            },
        )
        if status != 200 or not session.get("id") or not session.get("url"):
            raise GatewayUnavailable(f"the practice gateway answered {status}")
        return GatewaySession(reference=str(session["id"]), url=str(session["url"]))

    def retrieve(self, disclosure: Disclosure, reference: str) -> GatewayPayment:
        """What became of a payment page. One that the gateway has forgotten, because it keeps
        everything in memory, can never be paid any more: it counts as expired."""
        url = f"{self._sessions}/{quote(reference, safe='')}"
        status, session = self._call(
            disclosure, "GET", f"{url}?expand[]=payment_intent.latest_charge"
        )
        if status == 404:
            return GatewayPayment("expired", 0, "", "")
        if status != 200:
            raise GatewayUnavailable(f"the practice gateway answered {status}")
        try:
            return checkout_session.read_payment(session)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise GatewayUnavailable("the practice gateway answered something else") from error

    def read_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> GatewayEvent:
        """A signed event of test mode."""
        check_signature(headers.get(HEADER) or "", body, self._secret, now)
        return checkout_session.read_event(body, live=False)

    def _call(
        self,
        disclosure: Disclosure,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> tuple[int, dict[str, Any]]:
        try:
            answer = egress.request(
                disclosure,
                method,
                url,
                headers={"Authorization": _AUTHORIZATION, **(headers or {})},
                body=body,
                timeout_seconds=_TIMEOUT_SECONDS,
            )
            shape = json.loads(answer.body)
        except (egress.EgressFailed, ValueError) as error:
            raise GatewayUnavailable("the practice gateway does not answer") from error
        if not isinstance(shape, dict):
            raise GatewayUnavailable("the practice gateway answered something else")
        return answer.status, shape


def fetch_caught_mail(url: str) -> list[dict[str, Any]]:
    """The mails that the practice gateway at `url` caught, newest first: subject, to, text, html,
    headers. Sends nothing of anyone, and only to this machine. Raises `OSError`,
    `HTTPException` or `json.JSONDecodeError` where none answers."""
    parts = urlsplit(url)
    if parts.hostname not in _LOOPBACK:
        raise OSError("The practice gateway is on this machine or nowhere.")
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/mail.json")
        mails = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return mails if isinstance(mails, list) else []
