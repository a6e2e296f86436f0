"""The gateway's word: before, after, twice, never, forged, wrong."""

from __future__ import annotations

import pytest

from tests.upheld_store.buyer import Buyer
from upheld.promises.mail.models import OutboxMail
from upheld_store.catalog.models import Plan
from upheld_store.licensing.models import LicenseKey
from upheld_store.orders.models import Order, OrderState
from upheld_store.payments.models import GatewayEventRow, Payment, PaymentState

pytestmark = pytest.mark.django_db


def settled_once() -> None:
    """One order, one payment, one key, one receipt."""
    assert [order.state for order in Order.objects.all()] == [OrderState.PAID]
    assert [payment.state for payment in Payment.objects.all()] == [PaymentState.PAID]
    assert LicenseKey.objects.count() == 1
    assert OutboxMail.objects.filter(kind="receipt").count() == 1


@pytest.mark.parametrize("order", ["hrr", "rhr", "hhr", "rh", "r", "rr", "h"])
def test_in_any_order_and_number(buyer: Buyer, stock: dict[str, Plan], order: str) -> None:
    """h: the store hears a webhook; r: the buyer returns."""
    location = buyer.pay(buyer.to_page(stock["licensed"]))
    for step in order:
        answer = buyer.hear() if step == "h" else buyer.come_back(location)
        assert answer.status_code in {200, 303}
    settled_once()


@pytest.mark.parametrize(
    "forge", ["other_secret", "stale", "no_header", "unicode_header", "v0", "body"]
)
def test_forged(buyer: Buyer, stock: dict[str, Plan], forge: str) -> None:
    buyer.pay(buyer.to_page(stock["licensed"]))
    assert buyer.hear(forge=forge).status_code == 400
    assert Order.objects.get().state == OrderState.AWAITING_PAYMENT
    assert not GatewayEventRow.objects.exists()
    assert buyer.hear().status_code == 200
    settled_once()


def test_a_genuine_event_of_another_page_changes_nothing(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    """Its signature holds, and it is about no payment of ours."""
    buyer.to_page(stock["licensed"])
    body = {
        "mode": "payment",
        "line_items[0][price_data][unit_amount]": "1900",
        "line_items[0][price_data][currency]": "usd",
        "success_url": "http://127.0.0.1:8000/",
        "cancel_url": "http://127.0.0.1:8000/",
    }
    foreign = buyer.gateway.api._open("&".join(f"{k}={v}" for k, v in body.items()))
    buyer.pay(f"{buyer.gateway.origin}/pay/{foreign.id}")
    assert buyer.hear().status_code == 200
    assert Order.objects.get().state == OrderState.AWAITING_PAYMENT


@pytest.mark.parametrize(
    "misstate",
    [
        {"amount_total": 1},
        {"currency": "jpy"},
        {"client_reference_id": "AAAAA-AAAAA"},
        {"client_reference_id": "AAAAA-AAAAA", "metadata": {"order": "AAAAA-AAAAA"}},
    ],
)
def test_what_does_not_match_is_not_fulfilled(
    buyer: Buyer, stock: dict[str, Plan], misstate: dict[str, object]
) -> None:
    location = buyer.pay(buyer.to_page(stock["licensed"]))
    buyer.gateway.api.troubles = buyer.gateway.api.troubles.changed({"misstate": misstate})
    assert buyer.hear().status_code == 200
    page = buyer.come_back(location).headers["Location"]
    facts = buyer.facts(page)
    assert (facts["state"], facts["licenses"], facts["downloads"]) == ("review", [], [])
    assert Payment.objects.get().state == PaymentState.REVIEW
    assert not OutboxMail.objects.exists()
    # A later, right answer does not undo it: a person decides.
    buyer.gateway.api.troubles = buyer.gateway.api.troubles.changed({"reset": True})
    assert buyer.hear().status_code == 200
    assert Order.objects.get().state == OrderState.REVIEW


def test_swapped_between_two_orders(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """The truth about a cheap order's page is given for a dear one's."""
    buyer.to_page(stock["licensed"])
    dear = buyer.gateway.book.sessions()[0]
    cheap = Buyer(buyer.gateway)
    cheap.pay(cheap.to_page(stock["plain"], "other@example.com"))
    book = buyer.gateway.book
    paid = book.sessions()[1]
    book._sessions[dear.id] = paid
    event = buyer.gateway.sender.events[-1]
    swapped = event.body.replace(paid.id.encode(), dear.id.encode())
    assert swapped != event.body
    event.body = swapped
    assert buyer.hear(event).status_code == 200
    states = set(Order.objects.values_list("total_minor", "state"))
    assert states == {(1900, OrderState.REVIEW), (700, OrderState.AWAITING_PAYMENT)}


def test_failed_after_paid(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """Old news never turns an order back."""
    buyer.come_back(buyer.pay(buyer.to_page(stock["licensed"])))
    session = buyer.gateway.book.sessions()[0]
    buyer.gateway.api.announce("checkout.session.expired", session)
    assert buyer.hear().status_code == 200
    settled_once()


def test_a_refunded_order_stays_refunded(buyer: Buyer, stock: dict[str, Plan]) -> None:
    location = buyer.pay(buyer.to_page(stock["licensed"]))
    Order.objects.update(state=OrderState.REFUNDED)
    assert buyer.hear().status_code == 200
    buyer.come_back(location)
    assert Order.objects.get().state == OrderState.REFUNDED
    assert Payment.objects.get().state == PaymentState.REVIEW  # money that bought nothing
    assert not LicenseKey.objects.exists()


def test_a_gateway_that_does_not_answer_is_heard_again(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    location = buyer.pay(buyer.to_page(stock["licensed"]))
    buyer.gateway.api.troubles = buyer.gateway.api.troubles.changed({"api": "500"})
    assert buyer.hear().status_code == 503
    page = buyer.come_back(location).headers["Location"]
    assert buyer.facts(page)["state"] == "awaiting_payment"
    buyer.gateway.api.troubles = buyer.gateway.api.troubles.changed({"reset": True})
    assert buyer.hear().status_code == 200
    settled_once()


def test_unknown_gateway_and_get(buyer: Buyer, stock: dict[str, Plan], gateway_name: str) -> None:
    other = "practice" if gateway_name == "stripe" else "stripe"
    path = f"/payments/{other}/webhook/"
    assert buyer.client.post(path, b"{}", "application/json").status_code == 404
    assert buyer.client.get(f"/payments/{gateway_name}/webhook/").status_code == 405
    assert (
        buyer.client.get(f"/payments/{gateway_name}/return/?session=cs_test_x").status_code == 404
    )


def test_a_return_in_another_browser_shows_no_link(buyer: Buyer, stock: dict[str, Plan]) -> None:
    location = buyer.pay(buyer.to_page(stock["licensed"]))
    stranger = Buyer(buyer.gateway)
    page = stranger.come_back(location)
    assert page.status_code == 200
    assert Order.objects.get().newest_token() not in page.content.decode()
    settled_once()
