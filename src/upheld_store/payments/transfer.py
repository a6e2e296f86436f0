"""Bank transfer: the buyer pays from their bank, and a person matches what arrived.

Nothing leaves this store and nothing can be asked. What a gateway would say is said by whoever
reads the bank's statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from upheld.promises.disclosure import Disclosure
from upheld_store.payments.gateway import (
    BadEvent,
    GatewayCheckout,
    GatewayDispute,
    GatewayEvent,
    GatewayPayment,
    GatewayRefund,
    GatewaySession,
    RedactionTruth,
    RefundRequest,
)
from upheld_store.payments.models import BY_HAND


class TransferGateway:
    """The order's number is the reference; the order's page is the payment page."""

    name = BY_HAND
    label = "Bank transfer"
    recipient = ""
    has_page = False
    patience = timedelta(days=7)

    def start(self, disclosure: Disclosure | None, checkout: GatewayCheckout) -> GatewaySession:
        """Nothing to open."""
        return GatewaySession(reference=checkout.order_number, url="")

    def retrieve(self, disclosure: Disclosure | None, reference: str) -> GatewayPayment:
        """Open until a person says otherwise."""
        return GatewayPayment("open", 0, "", reference)

    def close_page(self, disclosure: Disclosure | None, reference: str) -> GatewayPayment:
        """No page to take away. Money that arrives all the same is matched like any other."""
        return GatewayPayment("expired", 0, "", reference)

    def refund(
        self, disclosure: Disclosure | None, reference: str, request: RefundRequest
    ) -> Sequence[GatewayRefund]:
        """On its way until a person has made the transfer and says so (`mark_sent`)."""
        return [
            GatewayRefund(
                reference=f"transfer-{request.refund_id}",
                refund_id=request.refund_id,
                amount_minor=request.amount_minor,
                currency=request.currency,
                state="open",
            )
        ]

    def refunds(self, disclosure: Disclosure | None, reference: str) -> Sequence[GatewayRefund]:
        """None but those written down here."""
        return []

    def disputes(self, disclosure: Disclosure | None, reference: str) -> Sequence[GatewayDispute]:
        """A transfer is not disputed: who sent it cannot call it back."""
        return []

    def page_of(self, disclosure: Disclosure | None, payment: str) -> str:
        """There are no pages."""
        return ""

    def request_redaction(self, disclosure: Disclosure | None, reference: str) -> RedactionTruth:
        """Nobody was told anything."""
        return "confirmed"

    def undelivered(self, disclosure: Disclosure | None, since: datetime) -> Sequence[GatewayEvent]:
        """A bank sends no events."""
        return []

    def read_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> GatewayEvent:
        """A bank signs nothing, so nothing is believed."""
        raise BadEvent("a bank transfer has no webhook")
