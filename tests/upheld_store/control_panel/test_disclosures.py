"""A person sees each disclosure of their own data, and nobody else's."""

from __future__ import annotations

import re

import pytest

from tests.upheld_store.account import Visitor
from tests.upheld_store.buyer import Buyer
from upheld.promises.disclosure import Disclosure, disclose
from upheld_store.catalog.models import Plan
from upheld_store.orders.models import Order

pytestmark = pytest.mark.django_db
ADA, EVE = "ada@example.com", "eve@example.com"
GATEWAY, RELAY = "The payment gateway, on whose own page you pay", "The mail server that carries"


def section(page: str) -> str:
    found = re.search(r'<section id="disclosures">.*?</section>', page, re.S)
    assert found
    return found[0]


@pytest.mark.purpose("deliver_order")
def test_a_guest_sees_them_on_the_orders_page(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["licensed"], ADA)
    order = Order.objects.get()
    shown = section(buyer.client.get(page).content.decode())
    row = Disclosure.objects.get(subject_id=order.subject_id)
    for words in (
        GATEWAY, "The gateway’s reference of your payment", "to take your payment",
        f"{row.at:%Y}, {row.at:%H:%M} UTC", "under policy version 1",
    ):  # fmt: skip
        assert words.replace("’", "&#x27;") in shown, words
    assert RELAY not in shown
    disclose(
        "mail_relay", subject=order.subject_id, fields=["order.email"], purpose="deliver_order",
        now=row.at,
    )  # fmt: skip
    assert RELAY in section(buyer.client.get(page).content.decode())


def test_without_any_the_page_says_so(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.put(stock["free"])
    page = buyer.send(email=ADA)["Location"]
    assert "Nothing about you has left" in section(buyer.client.get(page).content.decode())


def test_a_customer_sees_their_own_of_account_and_orders(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    buyer.buy(stock["plain"], ADA)
    ada, eve = Visitor(), Visitor()
    ada.register(ADA)
    eve.register(EVE)
    assert GATEWAY in ada.client.get("/account/disclosures/").content.decode()
    page = eve.client.get("/account/disclosures/").content.decode()
    assert GATEWAY not in page
    assert Visitor().client.get("/account/disclosures/").status_code == 302
    overview = ada.client.get("/account/").content.decode()
    assert 'href="/account/disclosures/"' in overview
