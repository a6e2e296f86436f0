"""The cart's one form: what it takes, and that everything else leaves the cart as it was."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from tests.upheld_store.buyer import Buyer
from upheld_store.cart.cart import LINES_MAX, Cart
from upheld_store.catalog.models import Category, Plan, Product

pytestmark = pytest.mark.django_db


def cart(buyer: Buyer) -> str:
    return str(buyer.client.get("/cart/").content.decode())


def test_quantities_are_set_and_removed(buyer: Buyer, stock: dict[str, Plan]) -> None:
    answer = buyer.put(stock["plain"], 2)
    assert (answer.status_code, answer["Location"]) == (303, "/cart/")
    assert "14.00" in cart(buyer)
    buyer.put(stock["plain"], 3)
    assert "21.00" in cart(buyer)
    buyer.put(stock["plain"], 0)
    assert "Nothing in it yet" in cart(buyer)
    assert buyer.client.cookies["cart"]["max-age"] == 0


def test_each_change_makes_it_another_cart() -> None:
    first = Cart().with_quantity(1, 2, "a")
    again = first.with_quantity(1, 3, "b").with_quantity(1, 2, "c")
    assert first.lines == again.lines and first.digest != again.digest


def test_the_remove_button_wins_over_the_quantity_beside_it(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    buyer.put(stock["plain"], 2)
    assert 'name="quantity" value="0" formnovalidate>Remove' in cart(buyer)
    # What a browser sends for that button: the field, then the button.
    both = f"plan={stock['plain'].pk}&quantity=2&quantity=0"
    sent = buyer.client.post("/cart/items/", both, "application/x-www-form-urlencoded")
    assert sent.status_code == 303 and "Nothing in it yet" in cart(buyer)


@pytest.mark.parametrize(
    "quantity",
    [
        "-1",
        "1.5",
        "1e1",
        "21",
        "9" * 400,
        "\u0662",
        "\uff12",
        "0x1",
        "+1",
        "1_0",
        "",
        "two",
        "1\n2",
        "None",
        "4242424242424242",
    ],
)
def test_other_quantities_are_refused_with_a_sentence(
    buyer: Buyer, stock: dict[str, Plan], quantity: str
) -> None:
    buyer.put(stock["plain"], 2)
    answer = buyer.put(stock["plain"], quantity)
    assert answer.status_code == 400
    assert "whole number from 0 to 20" in answer.content.decode()
    assert "14.00" in cart(buyer)


@pytest.mark.parametrize("plan", ["", "-1", "x", "1.0", "\u0661", "9" * 30, "1 OR 1=1"])
def test_other_plans_are_refused_with_a_sentence(
    buyer: Buyer, stock: dict[str, Plan], plan: str
) -> None:
    answer = buyer.client.post("/cart/items/", {"plan": plan, "quantity": 1})
    assert answer.status_code == 400
    assert "This product is not known" in answer.content.decode()


def test_what_is_not_sold_cannot_be_put_in(buyer: Buyer, stock: dict[str, Plan]) -> None:
    euro = Plan.objects.create(
        product=stock["plain"].product, name="Euro", price_minor=1, currency="EUR"
    )
    withdrawn = Plan.objects.create(
        product=stock["plain"].product, name="Old", price_minor=1, currency="USD", active=False
    )
    for plan in (euro, withdrawn, Plan(pk=10**18 - 1), Plan(pk=0)):
        assert buyer.put(plan).status_code == 404
    assert "Nothing in it yet" in cart(buyer)


def test_a_hidden_price_is_ignored(buyer: Buyer, stock: dict[str, Plan]) -> None:
    form = {"plan": stock["plain"].pk, "quantity": 1, "price_minor": 1, "currency": "JPY"}
    buyer.client.post("/cart/items/", form)
    assert "7.00" in cart(buyer)


def test_repeated_inputs_do_not_add_up(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """Neither many lines nor one line many times passes the most of one product."""
    buyer.client.post("/cart/items/", {"plan": [stock["plain"].pk] * 3, "quantity": ["20"] * 3})
    for _ in range(3):
        buyer.put(stock["plain"], 20)
    assert "140.00" in cart(buyer)


def test_a_cart_has_an_end(buyer: Buyer, stock: dict[str, Plan]) -> None:
    shelf = Category.objects.create(slug="many", name="Many")
    product = Product.objects.create(slug="many", name="Many", summary="x", category=shelf)
    plans = [
        Plan.objects.create(product=product, name=str(n), price_minor=100, currency="USD")
        for n in range(LINES_MAX + 1)
    ]
    for plan in plans[:-1]:
        assert buyer.put(plan, 20).status_code == 303
    answer = buyer.put(plans[-1])
    assert answer.status_code == 400 and "20 products at most" in answer.content.decode()
    assert buyer.put(plans[0], 1).status_code == 303
    assert len(buyer.client.cookies["cart"].value) < 3800


@pytest.mark.parametrize("value", ["", "x", "a:b:c", "\u00e9", "eyJpZCI6IjEifQ:1:2"])
def test_a_forged_cookie_is_an_empty_cart(buyer: Buyer, stock: dict[str, Plan], value: str) -> None:
    buyer.client.cookies["cart"] = value
    assert "Nothing in it yet" in cart(buyer)


def test_a_cookie_of_another_store_is_an_empty_cart(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer.put(stock["plain"])
    monkeypatch.setattr(settings, "SECRET_KEY", "another")
    assert "Nothing in it yet" in cart(buyer)


def test_only_our_own_pages_change_it(buyer: Buyer, stock: dict[str, Plan]) -> None:
    form = {"plan": stock["plain"].pk, "quantity": 1}
    foreign = Client(HTTP_SEC_FETCH_SITE="cross-site")
    assert foreign.post("/cart/items/", form).status_code == 403
    assert buyer.client.get("/cart/items/", form).status_code == 405
