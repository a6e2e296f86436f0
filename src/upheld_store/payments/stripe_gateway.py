"""Stripe, through its SDK: the one file that knows it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from upheld.promises.disclosure import Disclosure, egress
from upheld_store.payments.checkout_session import Shape
from upheld_store.payments.gateway import GatewayUnavailable
from upheld_store.payments.stripe_shaped import CallRefused, StripeShaped

API_BASE = "https://api.stripe.com"
_TIMEOUT_SECONDS = 10
RETRIES_MAX = 2
# What leaves with a call. The SDK would add what machine, language and agent it runs on.
_HEADERS_SENT = frozenset({"authorization", "content-type", "idempotency-key", "stripe-version"})
_USER_AGENT = "upheld"


class StripeGateway(StripeShaped):
    """`key` is a secret or restricted key; whether real money moves stands in its name."""

    name = "stripe"

    def __init__(self, key: str, secret: str, base: str = API_BASE) -> None:
        super().__init__(StripeWire(key, base), secret, live=is_live(key))


def is_live(key: str) -> bool:
    """Whether real money moves under this key."""
    return key.startswith(("sk_live_", "rk_live_"))


class StripeWire:
    """Each call as the SDK makes it. The SDK is imported by the first one."""

    def __init__(self, key: str, base: str) -> None:
        self._key, self._base = key, base

    def create_session(self, to: Disclosure, params: dict[str, Any], key: str) -> Shape:
        """A payment page."""
        return self._asked(to, lambda v1: v1.checkout.sessions.create(params, _once(key)))

    def retrieve_session(self, to: Disclosure, reference: str, params: dict[str, Any]) -> Shape:
        """What became of it."""
        return self._asked(to, lambda v1: v1.checkout.sessions.retrieve(reference, params))

    def expire_session(self, to: Disclosure, reference: str) -> Shape:
        """Take it away."""
        return self._asked(to, lambda v1: v1.checkout.sessions.expire(reference))

    def create_refund(self, to: Disclosure, params: dict[str, Any], key: str) -> Shape:
        """Send money back."""
        return self._asked(to, lambda v1: v1.refunds.create(params, _once(key)))

    def list_refunds(self, to: Disclosure, params: dict[str, Any]) -> Shape:
        """What was sent back."""
        return self._asked(to, lambda v1: v1.refunds.list(params))

    def list_disputes(self, to: Disclosure, params: dict[str, Any]) -> Shape:
        """What was disputed."""
        return self._asked(to, lambda v1: v1.disputes.list(params))

    def list_sessions(self, to: Disclosure, params: dict[str, Any]) -> Shape:
        """Which page a payment was made on."""
        return self._asked(to, lambda v1: v1.checkout.sessions.list(params))

    def list_events(self, to: Disclosure, params: dict[str, Any]) -> Shape:
        """What happened."""
        return self._asked(to, lambda v1: v1.events.list(params))

    def _asked(self, to: Disclosure, call: Callable[[Any], Any]) -> Shape:
        """The answer as plain values; the SDK's errors in our words, without what they quote."""
        # Late, because it takes long.
        import stripe

        stripe.enable_telemetry = False  # it would write an id into the home folder
        client = stripe.StripeClient(
            self._key,
            base_addresses={"api": self._base},
            max_network_retries=RETRIES_MAX,
            http_client=_client_through_egress(stripe)(to),
        )
        try:
            answer: dict[str, Any] = call(client.v1).to_dict()
        except stripe.InvalidRequestError as error:
            raise CallRefused(error.http_status or 400) from None
        except stripe.StripeError as error:
            raise GatewayUnavailable(f"stripe: {type(error).__name__}") from None
        return answer


@functools.cache
def _client_through_egress(sdk: Any) -> Any:
    """The SDK's HTTP client, made to leave by the one way out: to declared hosts, on the
    disclosure that permits it."""

    class ThroughEgress(sdk.HTTPClient):  # type: ignore[misc]  # known once it is imported
        name = "upheld"

        def __init__(self, to: Disclosure) -> None:
            super().__init__()
            self._to = to

        def request(
            self,
            method: str,
            url: str,
            headers: Mapping[str, str],
            post_data: str | None = None,
            **_: object,
        ) -> tuple[str, int, Mapping[str, str]]:
            """One try of one call."""
            sent = {n: v for n, v in headers.items() if n.lower() in _HEADERS_SENT}
            try:
                answer = egress.request(
                    self._to,
                    method.upper(),
                    url,
                    headers=sent | {"User-Agent": _USER_AGENT},
                    body=post_data.encode() if post_data else None,
                    timeout_seconds=_TIMEOUT_SECONDS,
                )
            except egress.EgressFailed as error:
                raise sdk.APIConnectionError("no answer", should_retry=True) from error
            return answer.body.decode("utf-8", "replace"), answer.status, answer.headers

        def close(self) -> None:
            """Nothing is kept open."""

    return ThroughEgress


def _once(key: str) -> dict[str, str]:
    return {"idempotency_key": key}
