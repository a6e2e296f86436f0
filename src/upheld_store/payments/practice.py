"""The practice gateway's door: Stripe-shaped calls to its own process on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from upheld.promises.disclosure import Disclosure, egress
from upheld_store.payments.checkout_session import Shape
from upheld_store.payments.gateway import GatewayUnavailable, RedactionTruth
from upheld_store.payments.stripe_shaped import CallRefused, StripeShaped

_TIMEOUT_SECONDS = 10
_AUTHORIZATION = "Bearer sk_test_practice"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class PracticeGateway(StripeShaped):
    """No money moves. `secret` signs the webhooks."""

    name = "practice"
    forgets = True

    def __init__(self, url: str, secret: str) -> None:
        self._practice = PracticeWire(url)
        super().__init__(self._practice, secret, live=False)

    def request_redaction(self, disclosure: Disclosure | None, reference: str) -> RedactionTruth:
        """A job of Stripe's shape. A session that the gateway has forgotten is erased already."""
        if disclosure is None:
            raise TypeError("This gateway is a recipient: disclose() first.")
        try:
            job = self._practice.redact_session(disclosure, reference)
        except CallRefused as refusal:
            return "confirmed" if refusal.status == 404 else "refused"
        return "confirmed" if job.get("status") == "succeeded" else "asked"


class PracticeWire:
    """Each call as plain HTTP."""

    def __init__(self, url: str) -> None:
        self._root = f"{url}/v1"

    def create_session(self, to: Disclosure, params: dict[str, Any], key: str) -> Shape:
        """POST /v1/checkout/sessions."""
        return self._post(to, "/checkout/sessions", params, key)

    def retrieve_session(self, to: Disclosure, reference: str, params: dict[str, Any]) -> Shape:
        """GET /v1/checkout/sessions/<id>."""
        return self._get(to, f"/checkout/sessions/{quote(reference, safe='')}", params)

    def expire_session(self, to: Disclosure, reference: str) -> Shape:
        """POST /v1/checkout/sessions/<id>/expire."""
        return self._post(to, f"/checkout/sessions/{quote(reference, safe='')}/expire", {}, "")

    def create_refund(self, to: Disclosure, params: dict[str, Any], key: str) -> Shape:
        """POST /v1/refunds."""
        return self._post(to, "/refunds", params, key)

    def list_refunds(self, to: Disclosure, params: dict[str, Any]) -> Shape:
        """GET /v1/refunds."""
        return self._get(to, "/refunds", params)

    def list_disputes(self, to: Disclosure, params: dict[str, Any]) -> Shape:
        """GET /v1/disputes."""
        return self._get(to, "/disputes", params)

    def list_sessions(self, to: Disclosure, params: dict[str, Any]) -> Shape:
        """GET /v1/checkout/sessions."""
        return self._get(to, "/checkout/sessions", params)

    def redact_session(self, to: Disclosure, reference: str) -> Shape:
        """POST /v1/privacy/redaction_jobs."""
        params = {"objects": {"checkout_sessions": [reference]}}
        return self._post(to, "/privacy/redaction_jobs", params, "")

    def list_events(self, to: Disclosure, params: dict[str, Any]) -> Shape:
        """GET /v1/events."""
        return self._get(to, "/events", params)

    def _get(self, to: Disclosure, path: str, params: dict[str, Any]) -> Shape:
        return self._call(to, "GET", f"{self._root}{path}?{urlencode(list(flat(params)))}", {})

    def _post(self, to: Disclosure, path: str, params: dict[str, Any], key: str) -> Shape:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        named = {"Idempotency-Key": key} if key else {}
        body = urlencode(list(flat(params))).encode()
        return self._call(to, "POST", f"{self._root}{path}", headers | named, body)

    def _call(
        self,
        to: Disclosure,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> Shape:
        try:
            answer = egress.request(
                to,
                method,
                url,
                headers={"Authorization": _AUTHORIZATION, **headers},
                body=body,
                timeout_seconds=_TIMEOUT_SECONDS,
            )
            shape = json.loads(answer.body)
        except (egress.EgressFailed, ValueError) as error:
            raise GatewayUnavailable("the practice gateway does not answer") from error
        if answer.status in {400, 402, 404}:
            raise CallRefused(answer.status)
        if answer.status != 200 or not isinstance(shape, dict):
            raise GatewayUnavailable(f"the practice gateway answered {answer.status}")
        return shape


def flat(params: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Nested parameters as Stripe writes them in a form: `a[b]`, `c[0][d]`."""
    for name, value in params.items():
        place = f"{within}[{name}]" if within else name
        if isinstance(value, dict):
            yield from flat(value, place)
        elif isinstance(value, list):
            yield from flat({str(n): each for n, each in enumerate(value)}, place)
        else:
            yield place, str(value).lower() if isinstance(value, bool) else str(value)


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
