"""Bank transfer: the order waits until a person says what arrived. One file is the gateway."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.upheld_store.buyer import Buyer
from tests.upheld_store.checkout.books import reconcile, refund
from upheld.promises.disclosure import Disclosure
from upheld.promises.mail.models import OutboxMail
from upheld_store.catalog.models import Plan
from upheld_store.checkout.match_transfer import TransferRefused, match_transfer
from upheld_store.checkout.send_transfer import NotSent, mark_sent
from upheld_store.orders.models import Order
from upheld_store.payments.models import Payment, PaymentState, Refund, RefundState
from upheld_store.payments.overdue import count_overdue
from upheld_store.site.owner_files import TransferFacts

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("take_payment")]

ACCOUNT = TransferFacts("Larkfield Software", "DE02120300000000202051", "BYLADEM1001")


@pytest.fixture(autouse=True)
def _gateways(settings: object, gateway: object) -> None:
    settings.UPHELD_GATEWAYS = ("practice", "transfer")  # type: ignore[attr-defined]
    facts = settings.UPHELD_STORE_FACTS  # type: ignore[attr-defined]
    settings.UPHELD_STORE_FACTS = dataclasses.replace(  # type: ignore[attr-defined]
        facts, transfer=ACCOUNT
    )


def choose(buyer: Buyer, gateway: str) -> str:
    """Press the checkout's button with one gateway chosen; where it leads."""
    form = {"email": "ada@example.com", "name": "", "shown": buyer.shown(), "gateway": gateway}
    answer = buyer.client.post("/checkout/", form)
    assert answer.status_code == 303, answer.content
    return str(answer["Location"])


def by_transfer(buyer: Buyer, plan: Plan) -> str:
    """An order that waits for a transfer; its page."""
    buyer.put(plan)
    return choose(buyer, "transfer")


def match(amount: int, number: str = "") -> Order:
    return match_transfer(number or Order.objects.get().number, amount, timezone.now())


def test_the_page_says_where_to_pay(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = by_transfer(buyer, stock["licensed"])
    body = buyer.client.get(page).content.decode()
    assert all(fact in body for fact in (ACCOUNT.holder, ACCOUNT.iban, ACCOUNT.bic, "19.00"))
    assert Order.objects.get().number in re.sub(r".*Reference", "", body, flags=re.S)
    assert buyer.facts(page)["state"] == "awaiting_payment"


def test_nothing_leaves(buyer: Buyer, stock: dict[str, Plan]) -> None:
    by_transfer(buyer, stock["licensed"])
    assert buyer.gateway.book.sessions() == [] and not Disclosure.objects.exists()


def test_matched_it_is_paid_once(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = by_transfer(buyer, stock["licensed"])
    number = Order.objects.get().number
    assert match(1900, f" {number.lower()} ").state == "paid"
    assert len(buyer.facts(page)["licenses"]) == 1
    assert OutboxMail.objects.filter(kind="receipt").count() == 1
    with pytest.raises(TransferRefused, match="waits for a transfer"):
        match(1900)
    assert OutboxMail.objects.filter(kind="receipt").count() == 1


@pytest.mark.parametrize("amount", [1, 1899, 1901])
def test_another_amount_is_looked_at(buyer: Buyer, stock: dict[str, Plan], amount: int) -> None:
    page = by_transfer(buyer, stock["licensed"])
    assert match(amount).state == "review"
    facts = buyer.facts(page)
    assert (facts["licenses"], facts["downloads"]) == ([], [])
    assert Payment.objects.get().received_minor == amount
    made = refund(Order.objects.get(), None, "mismatch")
    assert made.amount_minor == amount
    mark_sent(made, timezone.now())
    assert Order.objects.get().state == "refunded"


@pytest.mark.parametrize(("number", "amount"), [("AAAAA-AAAAA", 1900), ("", 0), ("", -5)])
def test_what_cannot_be_matched(
    buyer: Buyer, stock: dict[str, Plan], number: str, amount: int
) -> None:
    by_transfer(buyer, stock["licensed"])
    with pytest.raises(TransferRefused):
        match(amount, number)
    assert Payment.objects.get().state == PaymentState.OPEN


def test_it_goes_back_by_transfer(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """On its way until a person says that it was sent; neither asked about nor overdue."""
    page = by_transfer(buyer, stock["licensed"])
    match(1900)
    for amount, state in ((400, "paid"), (1500, "refunded")):
        made = refund(Order.objects.get(), amount)
        assert made.state == RefundState.ASKED and reconcile(days=3) == 0
        assert count_overdue(timezone.now() + timedelta(days=3)).refunds == 0
        assert buyer.facts(page)["state"] == "paid"
        mark_sent(made, timezone.now())
        assert buyer.facts(page)["state"] == state
    assert OutboxMail.objects.filter(kind="refund").count() == 2
    with pytest.raises(NotSent):
        mark_sent(Refund.objects.select_related("payment__order")[0], timezone.now())


def test_waiting_is_neither_given_up_nor_overdue(
    buyer: Buyer, stock: dict[str, Plan], caplog: pytest.LogCaptureFixture
) -> None:
    by_transfer(buyer, stock["licensed"])
    assert reconcile(days=20) == 0
    assert Payment.objects.get().state == PaymentState.OPEN
    assert "over an hour" not in caplog.text


def test_the_buyer_must_choose_one_of_those_shown(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.put(stock["licensed"])
    page = buyer.client.get("/checkout/").content.decode()
    assert set(re.findall(r'name="gateway" value="(\w+)"', page)) == {"practice", "transfer"}
    form = {"email": "ada@example.com", "shown": buyer.shown()}
    for gateway in ("", "stripe", "nothing"):
        answer = buyer.client.post("/checkout/", form | {"gateway": gateway})
        assert answer.status_code == 400
    assert not Order.objects.exists()


def test_no_choice_where_nothing_is_to_be_paid(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.put(stock["free"])
    assert 'name="gateway"' not in buyer.client.get("/checkout/").content.decode()
    assert buyer.send().status_code == 303
    assert Order.objects.get().state == "paid"


def test_from_transfer_to_card(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """It stays one order; a transfer that was on its way all the same is looked at."""
    by_transfer(buyer, stock["licensed"])
    buyer.come_back(buyer.pay(choose(buyer, "practice")))
    assert [order.state for order in Order.objects.all()] == ["paid"]
    assert match(1900).state == "paid"
    states = set(Payment.objects.values_list("gateway", "state"))
    assert states == {("practice", "paid"), ("transfer", "review")}


def test_from_card_to_transfer(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """The card's page is taken away, so that nobody pays twice."""
    buyer.put(stock["licensed"])
    choose(buyer, "practice")
    page = choose(buyer, "transfer")
    assert [session.status for session in buyer.gateway.book.sessions()] == ["expired"]
    assert match(1900).state == "paid"
    assert buyer.facts(page)["state"] == "paid"


def test_paid_by_card_before_changing_to_transfer(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.put(stock["licensed"])
    buyer.pay(choose(buyer, "practice"))
    page = choose(buyer, "transfer")
    assert buyer.facts(page)["state"] == "paid"
    assert Payment.objects.count() == 1


def test_the_order_pages_button_goes_where_the_buyer_was(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    page = by_transfer(buyer, stock["licensed"])
    assert buyer.client.post(f"{page}pay/").headers["Location"] == page
    assert Payment.objects.get().gateway == "transfer"


def test_it_has_no_webhook(buyer: Buyer, stock: dict[str, Plan]) -> None:
    answer = buyer.client.post("/payments/transfer/webhook/", b"{}", "application/json")
    assert answer.status_code == 400
