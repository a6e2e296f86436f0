"""Bank transfers: staff say what arrived, and the order stands accordingly."""

from __future__ import annotations

import pytest

from tests.upheld_store.buyer import Buyer
from tests.upheld_store.staff.desk import member
from upheld_store.catalog.models import Plan
from upheld_store.orders.models import Order

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(buyer: Buyer, stock: dict[str, Plan], settings: object) -> str:
    settings.UPHELD_GATEWAYS = ("transfer",)  # type: ignore[attr-defined]
    buyer.put(stock["licensed"])
    form = {"email": "ada@example.com", "name": "", "shown": buyer.shown(), "gateway": "transfer"}
    assert buyer.client.post("/checkout/", form).status_code == 303
    return Order.objects.get().number


@pytest.mark.parametrize(("amount", "state"), [("19.00", "paid"), ("18.5", "review")])
def test_what_arrived_settles_the_order(number: str, amount: str, state: str) -> None:
    _, client = member("sales")
    page = client.get("/staff/transfers/").content.decode()
    assert number in page and "ada@example.com" not in page and 'href="/staff/transfers/"' in page
    answer = client.post("/staff/transfers/", {"order": number.lower(), "amount": amount})
    assert answer.status_code == 303 and number in answer["Location"]
    assert Order.objects.get().state == state
    assert (number in client.get("/staff/review/").content.decode()) is (state == "review")


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "x"])
def test_what_settles_nothing_comes_back_filled(number: str, amount: str) -> None:
    _, client = member("owner")
    answer = client.post("/staff/transfers/", {"order": number, "amount": amount})
    assert answer.status_code == 400 and number in answer.content.decode()
    assert client.post("/staff/transfers/", {"order": "NONE", "amount": "1"}).status_code == 400
    assert Order.objects.get().state == "awaiting_payment"
