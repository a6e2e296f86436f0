"""What a payment gateway is to the store: three calls, and plain values in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from upheld.promises.disclosure import Disclosure

TruthState = Literal["open", "paid", "failed", "expired"]


class GatewayUnavailable(Exception):
    """The gateway does not answer, or not in a way that can be used. Nothing is known yet."""


class BadEvent(Exception):
    """What came to the webhook is not a signed, fresh event of this gateway."""


@dataclass(frozen=True, slots=True)
class GatewayCheckout:
    """One payment we ask for. The gateway learns the order's number and amount, no person."""

    order_number: str
    amount_minor: int
    currency: str
    description: str
    success_url: str
    cancel_url: str
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class GatewaySession:
    """The gateway's name for the payment, and its page on which the buyer pays."""

    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class GatewayPayment:
    """The gateway's truth about one payment. `details` are declared fields of how it was paid;
    `url` is the page while the payment is open."""

    state: TruthState
    amount_minor: int
    currency: str
    order_number: str
    details: Mapping[str, str] = field(default_factory=dict)
    url: str = ""


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """A webhook whose signature held. `reference` is empty where it is about no payment page."""

    id: str
    kind: str
    reference: str


class PaymentGateway(Protocol):
    """A door to one gateway. Each call takes the `Disclosure` that permits it."""

    name: str
    recipient: str

    def start(self, disclosure: Disclosure, checkout: GatewayCheckout) -> GatewaySession:
        """Open a payment page; the same idempotency key gives the same page. Raises
        `GatewayUnavailable`."""

    def retrieve(self, disclosure: Disclosure, reference: str) -> GatewayPayment:
        """What became of it. Raises `GatewayUnavailable`."""

    def read_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> GatewayEvent:
        """A webhook's event. Raises `BadEvent`."""
