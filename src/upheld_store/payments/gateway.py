"""What a payment gateway is to the store: a few calls, and plain values in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from upheld.promises.disclosure import Disclosure

TruthState = Literal["open", "paid", "failed", "expired"]
RefundTruthState = Literal["open", "done", "failed"]
# An inquiry asks without taking the money; one that is closed came to nothing.
DisputeTruthState = Literal["inquiry", "open", "won", "lost", "closed"]
# `by_hand`: this store cannot ask; a person must, and says what came of it.
RedactionTruth = Literal["confirmed", "asked", "refused", "by_hand"]


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
class RefundRequest:
    """Money to go back. `refund_id` is ours: it travels along, so that the gateway's own list
    tells whether it has heard of it, and it is the idempotency key."""

    refund_id: str
    order_number: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class GatewayRefund:
    """The gateway's truth about one refund. `refund_id` is empty for one that was not asked for
    here, but at the gateway itself."""

    reference: str
    refund_id: str
    amount_minor: int
    currency: str
    state: RefundTruthState


@dataclass(frozen=True, slots=True)
class GatewayDispute:
    """The gateway's truth about one dispute: the card's holder has turned to their bank. `won` is
    decided for the store. `respond_by` is None where no answer is waited for."""

    reference: str
    amount_minor: int
    currency: str
    state: DisputeTruthState
    reason: str
    respond_by: datetime | None


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """A webhook whose signature held. `reference` names the payment page it is about;
    `refunded_order` the order where it is about money that went back; `disputed_payment` the
    gateway's own name of a payment that is disputed. Each may be empty."""

    id: str
    kind: str
    reference: str
    refunded_order: str = ""
    disputed_payment: str = ""


class PaymentGateway(Protocol):
    """A door to one gateway. Each call takes the `Disclosure` that permits it; a gateway whose
    `recipient` is empty is told nothing, and gets None."""

    name: str
    label: str
    recipient: str
    has_page: bool
    # How long what is set aside for an order waits for its money.
    patience: timedelta

    def start(self, disclosure: Disclosure | None, checkout: GatewayCheckout) -> GatewaySession:
        """Open a payment page; the same idempotency key gives the same page. Raises
        `GatewayUnavailable`."""

    def retrieve(self, disclosure: Disclosure | None, reference: str) -> GatewayPayment:
        """What became of it. Raises `GatewayUnavailable`."""

    def close_page(self, disclosure: Disclosure | None, reference: str) -> GatewayPayment:
        """Take a payment page away, so that it cannot be paid any more; what became of it.
        Raises `GatewayUnavailable`."""

    def refund(
        self, disclosure: Disclosure | None, reference: str, request: RefundRequest
    ) -> Sequence[GatewayRefund]:
        """Send money back, once however often it is asked; every refund of this payment. Ours
        is missing where the gateway has refused it. Raises `GatewayUnavailable`."""

    def refunds(self, disclosure: Disclosure | None, reference: str) -> Sequence[GatewayRefund]:
        """Every refund of this payment. Raises `GatewayUnavailable`."""

    def disputes(self, disclosure: Disclosure | None, reference: str) -> Sequence[GatewayDispute]:
        """Every dispute of this payment. Raises `GatewayUnavailable`."""

    def page_of(self, disclosure: Disclosure | None, payment: str) -> str:
        """The reference of the page on which a payment was made that an event names in the
        gateway's own way; '' where there is none. Raises `GatewayUnavailable`."""

    def request_redaction(self, disclosure: Disclosure | None, reference: str) -> RedactionTruth:
        """Ask the gateway to erase who paid, or how an earlier wish stands; harmless when
        repeated. Raises `GatewayUnavailable`."""

    def undelivered(self, disclosure: Disclosure | None, since: datetime) -> Sequence[GatewayEvent]:
        """The events that the gateway could not deliver, oldest first. Raises
        `GatewayUnavailable`."""

    def read_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> GatewayEvent:
        """A webhook's event. Raises `BadEvent`."""
