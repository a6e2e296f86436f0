"""A guest buys: cart, checkout, the gateway's page, webhook, order page, file, key."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.upheld_store.buyer import CARD, DECLINED, EXTRA_STEP, Buyer, at_gateway
from upheld.promises.mail.models import OutboxMail
from upheld.vault import SealedRef, open_sealed
from upheld.vault.models import SealedValue
from upheld_store.catalog.models import Plan
from upheld_store.orders.models import Order, OrderState
from upheld_store.payments.gateways import chosen_gateway
from upheld_store.payments.models import Payment, PaymentState

pytestmark = pytest.mark.django_db


def test_paid_order_has_file_key_and_receipt(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["licensed"])
    facts = buyer.facts(page)
    assert (facts["state"], facts["total_minor"], facts["currency"]) == ("paid", 1900, "USD")
    assert len(facts["licenses"]) == 1
    assert facts["downloads"][0]["name"] == "licensed.txt"
    body = buyer.client.get(page).content.decode()
    assert facts["licenses"][0]["key"] in body and facts["downloads"][0]["sha256"] in body
    assert [mail.kind for mail in OutboxMail.objects.all()] == ["receipt"]


@pytest.mark.purpose("take_payment")
def test_card_details_are_sealed_and_nothing_else(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["plain"])
    payment = Payment.objects.get()
    day = payment.started_at.date()
    sealed = open_sealed(
        SealedRef("store_payments_payment", str(payment.pk), day), payment.started_at
    )
    assert sealed == {
        "payment.payer_name": "Ada Example",
        "payment.card_brand": "visa",
        "payment.card_last4": "4242",
        "payment.card_expiry": "12/34",
    }


def test_a_key_folder_that_takes_no_key_stops_no_order(
    buyer: Buyer, stock: dict[str, Plan], tmp_path: Path, settings: Any
) -> None:
    url = buyer.to_page(stock["licensed"])
    keys = tmp_path / "keys"
    shutil.copytree(Path(settings.UPHELD_KEYS) / "lasting", keys / "lasting")
    (keys / "days").write_text("")
    settings.UPHELD_KEYS = keys
    page = buyer.come_back(buyer.pay(url))["Location"]
    assert buyer.facts(page)["state"] == "paid" and buyer.facts(page)["licenses"]
    assert buyer.client.get(page).status_code == 200
    assert not SealedValue.objects.exists()


def test_the_cart_is_empty_once_paid(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["plain"])
    assert "Nothing in it yet" in buyer.client.get("/cart/").content.decode()


def test_declined_then_another_card(buyer: Buyer, stock: dict[str, Plan]) -> None:
    url = buyer.to_page(stock["plain"])
    assert buyer.pay(url, DECLINED) == url.removeprefix(buyer.gateway.origin)
    assert "declined" in at_gateway(url)[2]
    assert buyer.hear().status_code == 200  # payment_intent.payment_failed: about no page of ours
    assert Order.objects.get().state == "awaiting_payment"
    buyer.come_back(buyer.pay(url))
    assert Order.objects.get().state == "paid"


def test_extra_step(buyer: Buyer, stock: dict[str, Plan]) -> None:
    url = buyer.to_page(stock["plain"])
    confirm = buyer.gateway.origin + buyer.pay(url, EXTRA_STEP)
    assert Order.objects.get().state == "awaiting_payment"
    buyer.come_back(at_gateway(confirm, {"do": "confirm"})[1])
    assert Order.objects.get().state == "paid"


def test_going_back_keeps_cart_order_and_page(buyer: Buyer, stock: dict[str, Plan]) -> None:
    url = buyer.to_page(stock["plain"])
    assert "Plain thing" in buyer.client.get("/cart/").content.decode()
    assert buyer.send().headers["Location"] == url
    assert (Order.objects.count(), Payment.objects.count()) == (1, 1)


@pytest.mark.purpose("deliver_order")
def test_a_mistyped_address_can_be_mended_until_paid(buyer: Buyer, stock: dict[str, Plan]) -> None:
    url = buyer.to_page(stock["plain"], "adda@example.com")
    assert buyer.send("ada@example.com").headers["Location"] == url
    order = Order.objects.get()
    assert order.contact.email == "ada@example.com"
    shown = buyer.shown()
    buyer.pay(url)
    assert buyer.hear().status_code == 200
    answer = buyer.send("mallory@example.com", shown)
    assert answer["Location"].startswith("/orders/")
    order.contact.refresh_from_db()
    assert order.contact.email == "ada@example.com"


def test_expired_page_is_replaced(buyer: Buyer, stock: dict[str, Plan]) -> None:
    url = buyer.to_page(stock["plain"])
    session = buyer.gateway.book.sessions()[0]
    buyer.gateway.book.expire(session)
    assert "expired" in at_gateway(url)[2]
    again = buyer.send().headers["Location"]
    assert again != url
    states = sorted(Payment.objects.values_list("state", flat=True))
    assert states == [PaymentState.FAILED, PaymentState.OPEN]
    buyer.come_back(buyer.pay(again))
    assert Order.objects.get().state == "paid"


def test_a_gateway_that_forgot_everything(
    buyer: Buyer, stock: dict[str, Plan], gateway_name: str
) -> None:
    """The practice gateway keeps its book in memory; after a restart the buyer still gets to a
    page. Stripe forgets nothing: a page it does not know is another account's, and may be paid."""
    buyer.to_page(stock["plain"])
    buyer.gateway.book._sessions.clear()
    if gateway_name == "stripe":
        assert buyer.send().status_code == 503
        assert Payment.objects.get().state == PaymentState.OPEN
        return
    buyer.come_back(buyer.pay(buyer.send().headers["Location"]))
    assert Order.objects.get().state == "paid"


def test_pay_again_from_the_order_page(buyer: Buyer, stock: dict[str, Plan]) -> None:
    url = buyer.to_page(stock["plain"])
    page = f"/orders/{Order.objects.get().newest_token()}/"
    assert "Go to the payment page" in buyer.client.get(page).content.decode()
    assert buyer.client.post(f"{page}pay/").headers["Location"] == url
    buyer.pay(url)
    # Paid at the gateway and not heard of yet: the button finds out and asks for no more money.
    assert buyer.client.post(f"{page}pay/").headers["Location"] == page
    assert Order.objects.get().state == "paid"
    assert Payment.objects.count() == 1


def test_a_paid_orders_page_leaves_another_cart_alone(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["plain"])
    buyer.put(stock["licensed"])
    answer = buyer.client.post(f"{page}pay/")
    assert (answer.status_code, answer["Location"]) == (303, page)
    assert "Licensed thing" in buyer.client.get("/cart/").content.decode()


def test_an_open_page_without_an_address_is_said(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer.to_page(stock["plain"])
    gateway = type(chosen_gateway())
    retrieve = gateway.retrieve
    monkeypatch.setattr(gateway, "retrieve", lambda *words: replace(retrieve(*words), url=""))
    assert buyer.send().status_code == 503


def test_free_products_need_no_gateway(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.put(stock["free"])
    page = buyer.send().headers["Location"]
    facts = buyer.facts(page)
    assert (facts["state"], facts["total_minor"], len(facts["downloads"])) == ("paid", 0, 1)
    assert not Payment.objects.exists()
    assert buyer.gateway.book.sessions() == []
    told = buyer.client.get(page).content.decode()
    assert "everything below is yours" in told and "Paid." not in told
    assert "Nothing in it yet" in buyer.client.get("/cart/").content.decode()


def test_free_and_paid_together(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.put(stock["free"])
    buyer.put(stock["licensed"], 3)
    url = buyer.send().headers["Location"]
    page = buyer.come_back(buyer.pay(url)).headers["Location"]
    facts = buyer.facts(page)
    assert facts["total_minor"] == 3 * 1900
    assert len({key["key"] for key in facts["licenses"]}) == 3
    assert {file["name"] for file in facts["downloads"]} == {"free.txt", "licensed.txt"}


def test_nothing_is_delivered_before_payment(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.to_page(stock["licensed"])
    facts = buyer.facts(f"/orders/{Order.objects.get().newest_token()}/")
    assert (facts["state"], facts["licenses"], facts["downloads"]) == ("awaiting_payment", [], [])


def test_the_gateway_learns_no_person_and_no_link(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.to_page(stock["plain"])
    session = buyer.gateway.book.sessions()[0]
    known = f"{session.metadata} {session.success_url} {session.cancel_url} {session.description}"
    assert "ada" not in known and Order.objects.get().newest_token() not in known


@pytest.mark.parametrize("state", [OrderState.REFUNDED, OrderState.REVIEW, OrderState.CANCELED])
def test_what_is_no_longer_paid_shows_neither_key_nor_file(
    state: OrderState, buyer: Buyer, stock: dict[str, Plan]
) -> None:
    page = buyer.buy(stock["licensed"])
    before = buyer.facts(page)
    Order.objects.update(state=state)
    facts, shown = buyer.facts(page), buyer.client.get(page).content.decode()
    assert (facts["licenses"], facts["downloads"]) == ([], [])
    assert before["licenses"][0]["key"] not in shown
    assert buyer.client.get(before["downloads"][0]["url"]).status_code == 404


def test_a_foreign_token_looks_like_none(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["plain"])
    foreign, absent = "A" * 43, "B" * 43
    pages = [buyer.client.get(f"/orders/{token}/") for token in (foreign, absent, "short")]
    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1
    assert buyer.client.get(f"/orders/{foreign}.json").status_code == 404
    assert buyer.client.post(f"/orders/{foreign}/pay/").status_code == 404


@pytest.mark.parametrize("session", ["", "%00", "a%00b", "%ff", "x" * 3000, "cs_test_none"])
def test_a_return_of_no_payment_is_no_page(session: str, buyer: Buyer) -> None:
    answer = buyer.client.get(f"/payments/practice/return/?session={session}")
    assert answer.status_code == 404


def test_a_card_typed_as_a_name_is_refused(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.put(stock["plain"])
    form = {"email": "ada@example.com", "name": CARD["number"], "shown": buyer.shown()}
    answer = buyer.client.post("/checkout/", form)
    assert answer.status_code == 400
    told = answer.content.decode()
    assert "4242 4242" not in told and 'value="ada@example.com"' in told
    assert "Everything else is as you typed it." in told
    assert not Order.objects.exists()
