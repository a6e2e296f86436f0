"""A customer's own pages: everything of theirs, and nothing of anybody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.upheld_store.account import PASSWORD, Visitor, code_at, letter_at
from tests.upheld_store.buyer import Buyer
from upheld.db.purpose import purpose_for_test
from upheld.promises.mail.models import OutboxMail
from upheld_store.catalog.models import Plan
from upheld_store.control_panel.correct_order import payer_of
from upheld_store.customers.mails import render_notice
from upheld_store.customers.models import Customer
from upheld_store.orders.models import Order, OrderContact

pytestmark = pytest.mark.django_db
ADA, EVE = "ada@example.com", "eve@example.com"


def test_a_guests_orders_are_joined_once_the_address_is_shown(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    buyer.buy(stock["licensed"], ADA)
    number = Order.objects.get().number
    ada, eve = Visitor(), Visitor()
    page = ada.ask(ADA)["Location"]
    assert Order.objects.get().customer is None
    ada.client.post(page, {"code": code_at(page)})
    eve.register(EVE)
    assert number in ada.client.get("/account/orders/").content.decode()
    assert number not in eve.client.get("/account/orders/").content.decode()
    assert ada.client.get("/account/licenses/").content.count(b"<code>") == 1


def test_an_order_placed_while_signed_in_is_the_customers(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    ada = Visitor(client=buyer.client)
    ada.register(ADA)
    buyer.buy(stock["plain"], "somewhere-else@example.com")
    assert Order.objects.get().customer == Customer.objects.get()


def test_anothers_order_looks_like_none(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["plain"], ADA)
    number = Order.objects.get().number
    ada, eve = Visitor(), Visitor()
    ada.register(ADA)
    eve.register(EVE)
    for path in (f"/account/orders/{number}/", "/account/orders/AAAAA-AAAAA/"):
        assert eve.client.get(path).status_code == 404
        assert eve.client.post(path, {"name": "Eve"}).status_code == 404
    assert ada.client.get(f"/account/orders/{number}/").status_code == 200


def test_a_correction_is_sealed_into_its_original_day(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["plain"], ADA)
    ada = Visitor()
    ada.register(ADA)
    order = Order.objects.get()
    with purpose_for_test("take_payment"):
        before = payer_of(order, timezone.now())
    form = {"name": "Ada Lovelace", "use_account_address": "on"} | before
    form["payer_name"] = "Ada Lovelace"
    answer = ada.client.post(f"/account/orders/{order.number}/", form)
    assert answer.status_code == 302, answer.content
    with purpose_for_test("take_payment"):
        assert payer_of(order, timezone.now())["payer_name"] == "Ada Lovelace"
    with purpose_for_test("deliver_order"):
        assert OrderContact.objects.get().name == "Ada Lovelace"


def test_edit_profile() -> None:
    ada = Visitor()
    ada.register(ADA)
    ada.client.post("/account/profile/", {"name": "Ada", "phone": "+1 202 555 0143"})
    page = ada.client.get("/account/profile/").content.decode()
    assert 'value="Ada"' in page and 'value="+1 202 555 0143"' in page and ADA in page
    ada.client.post("/account/profile/", {"name": "", "phone": ""})
    assert 'value="Ada"' not in ada.client.get("/account/profile/").content.decode()


def change_address(visitor: Visitor, email: str) -> Any:
    """From the form to the page that takes the code."""
    again = visitor.client.get("/account/profile/address/").get("Location")
    if again:
        visitor.client.post(again, {"password": PASSWORD})
    return visitor.client.post("/account/profile/address/", {"email": email})["Location"]


def test_another_address_is_shown_and_the_old_one_told(settings: Any) -> None:
    ada = Visitor()
    ada.register(ADA)
    page = change_address(ada, "lovelace@example.com")
    assert Visitor().sign_in("lovelace@example.com").status_code == 400
    assert ada.client.post(page, {"code": code_at(page)})["Location"] == "/account/profile/"
    assert Visitor().sign_in("lovelace@example.com").status_code == 302
    notice = OutboxMail.objects.get(kind="account_notice")
    with purpose_for_test("manage_account"):
        assert render_notice(notice.ground_key, timezone.now()).to == ADA


def test_anothers_address_is_not_taken() -> None:
    ada, eve = Visitor(), Visitor()
    ada.register(ADA)
    eve.register(EVE)
    page = change_address(eve, ADA)
    letter = letter_at(page)
    assert eve.client.post(page, {"code": letter.code()}).status_code == 400
    # nor does a letter of hers work in another's hands
    page = change_address(eve, "third@example.com")
    assert ada.client.post(page, {"code": code_at(page)}).status_code == 400


@pytest.mark.parametrize(
    "name",
    ["home", "profile", "address", "orders", "licenses"],
)
def test_nobody_is_let_in_without_signing_in(name: str) -> None:
    answer = Visitor().client.get(reverse(f"control_panel:{name}"))
    assert answer["Location"].startswith("/account/login/?next=")


def test_a_customer_is_not_asked_for_an_age() -> None:
    ada = Visitor()
    ada.register(ADA)
    del ada.client.cookies["age"]
    assert b"birth_year" not in ada.client.get("/orders/find/").content


def test_the_checkout_does_not_ask_what_the_account_knows(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    buyer.put(stock["plain"])
    guest = buyer.client.get("/checkout/").content.decode()
    assert "Sign in" in guest and ADA not in guest
    ada = Visitor(client=buyer.client)
    ada.register(ADA)
    ada.client.post("/account/profile/", {"name": "Ada Lovelace", "phone": ""})
    del ada.client.cookies["age"]
    page = ada.client.get("/checkout/").content.decode()
    assert f'value="{ADA}"' in page and 'value="Ada Lovelace"' in page
    assert "birth_year" not in page and "No account" not in page


def test_what_was_saved_is_said_once() -> None:
    ada = Visitor()
    ada.register(ADA)
    answer = ada.client.post("/account/profile/", {"name": "Ada", "phone": ""}, follow=True)
    assert "Saved." in answer.content.decode()
    assert "Saved." not in ada.client.get("/account/profile/").content.decode()


def test_the_overview_and_the_lists_cost_the_same_however_much_was_bought(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    ada = Visitor(client=buyer.client)
    ada.register(ADA)
    counts = []
    for _ in range(2):
        buyer.buy(stock["licensed"], ADA)
        buyer.client.cookies.pop("cart", None)
        with CaptureQueriesContext(connection) as seen:
            for page in ("", "orders/", "licenses/"):
                assert ada.client.get(f"/account/{page}").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert ada.client.get("/account/licenses/").content.count(b"<code>") == 2
