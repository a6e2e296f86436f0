"""Chargebacks: payment, order and what was bought follow what the bank does, in whatever order the
gateway's events come (case 14)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from practice_gateway.book import Dispute as BankDispute
from practice_gateway.book import Session
from practice_gateway.sender import Event
from tests.upheld_store.buyer import Buyer
from tests.upheld_store.checkout.books import assert_books_agree, reconcile, refund
from upheld.promises.mail.models import OutboxMail
from upheld_store.catalog.models import Plan, ReleaseFile
from upheld_store.checkout.intend_refund import RefundRefused
from upheld_store.checkout.refund_order import refund_payment
from upheld_store.orders.models import Order
from upheld_store.payments.models import (
    Dispute,
    GatewayEventRow,
    Payment,
    PaymentReference,
    PaymentState,
    RefundState,
)

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("take_payment")]


@pytest.fixture(autouse=True)
def _books(buyer: Buyer) -> Iterator[None]:
    """After every test here the store's books and the gateway's say the same."""
    yield
    assert_books_agree(buyer.gateway)


def session_of(buyer: Buyer, number: int = -1) -> Session:
    return buyer.gateway.book.sessions()[number]


def new_events(buyer: Buyer, since: int) -> list[Event]:
    return buyer.gateway.sender.events[since:]


def dispute(
    buyer: Buyer, amount: int = 1900, *, inquiry: bool = False, hear: bool = True, number: int = -1
) -> BankDispute:
    """The payer turns to their bank, and the store hears of it."""
    since = len(buyer.gateway.sender.events)
    session = session_of(buyer, number)
    made = buyer.gateway.api.dispute(session, amount, "product_not_received", inquiry=inquiry)
    heard(buyer, since if hear else None)
    return made


def decide(buyer: Buyer, made: BankDispute, status: str, *, hear: bool = True) -> None:
    since = len(buyer.gateway.sender.events)
    buyer.gateway.api.decide(made, status)
    heard(buyer, since if hear else None)


def heard(buyer: Buyer, since: int | None) -> None:
    for event in [] if since is None else new_events(buyer, since):
        assert buyer.hear(event).status_code == 200


def given(buyer: Buyer, page: str) -> tuple[str, int, int]:
    """The order's state, and how many keys and files its page hands out."""
    facts = buyer.facts(page)
    return facts["state"], len(facts["licenses"]), len(facts["downloads"])


def test_lost(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["licensed"])
    file = buyer.facts(page)["downloads"][0]["url"]
    made = dispute(buyer)
    assert given(buyer, page) == ("review", 0, 0)
    assert buyer.client.get(file).status_code == 404
    text = buyer.client.get(page).content.decode()
    assert "Until the bank decides" in text and "$19.00" in text
    decide(buyer, made, "lost")
    assert given(buyer, page) == ("refunded", 0, 0)
    assert "your bank decided so" in buyer.client.get(page).content.decode()
    row = Dispute.objects.get()
    assert (row.state, row.amount_minor, row.reason) == ("lost", 1900, "product_not_received")
    assert row.decided_at and row.respond_by and not row.suspends


def test_won_opens_everything_again(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["licensed"])
    keys = buyer.facts(page)["licenses"]
    decide(buyer, dispute(buyer), "won")
    assert given(buyer, page) == ("paid", 1, 1)
    assert buyer.facts(page)["licenses"] == keys
    assert OutboxMail.objects.filter(kind="receipt").count() == 1
    assert refund(Order.objects.get(), None).amount_minor == 1900


def test_an_inquiry_moves_nothing_and_may_become_more(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["licensed"])
    made = dispute(buyer, inquiry=True)
    assert given(buyer, page) == ("paid", 1, 1) and Payment.objects.get().left_minor == 1900
    decide(buyer, made, "needs_response")
    assert given(buyer, page) == ("review", 0, 0)
    decide(buyer, made, "won")
    assert given(buyer, page) == ("paid", 1, 1)


def test_an_inquiry_that_comes_to_nothing(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["licensed"])
    decide(buyer, dispute(buyer, inquiry=True), "warning_closed")
    assert given(buyer, page) == ("paid", 1, 1)
    assert Dispute.objects.get().state == "closed"


def test_a_part_keeps_what_is_still_paid_for(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["licensed"])
    decide(buyer, dispute(buyer, 500), "lost")
    assert given(buyer, page) == ("paid", 1, 1)
    text = buyer.client.get(page).content.decode()
    assert "stays yours until all that you paid for it has gone back" in text
    assert refund(Order.objects.get(), None).amount_minor == 1400
    assert given(buyer, page) == ("refunded", 0, 0)


def test_what_is_refunded_in_part_and_disputed_for_the_rest(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    page = buyer.buy(stock["licensed"])
    refund(Order.objects.get(), 1000)
    made = dispute(buyer, 900)
    assert given(buyer, page) == ("review", 0, 0)
    decide(buyer, made, "won")
    assert given(buyer, page) == ("paid", 1, 1)


def test_what_the_bank_holds_cannot_be_refunded(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """It would go back twice."""
    buyer.buy(stock["licensed"])
    dispute(buyer)
    with pytest.raises(RefundRefused):
        refund(Order.objects.get(), None)
    with pytest.raises(RefundRefused):
        refund(Order.objects.get(), 1)
    assert not buyer.gateway.book.refunds()


def test_without_counting_what_the_bank_holds_a_refund_is_asked_for(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above: then only the gateway's own refusal is left."""

    def reserve_refund(payment: Payment, amount: int) -> bool:
        found = Payment.objects.filter(pk=payment.pk)
        return bool(found.update(refunded_minor=F("refunded_minor") + amount))

    buyer.buy(stock["licensed"])
    dispute(buyer)
    monkeypatch.setattr(Payment, "reserve_refund", reserve_refund)
    assert refund(Order.objects.get(), 1).state == RefundState.FAILED


def test_only_the_disputed_one_of_two_payments_changes(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    first = buyer.pay(buyer.to_page(stock["plain"]))
    Payment.objects.update(state=PaymentState.FAILED)
    page = buyer.come_back(buyer.pay(buyer.send().headers["Location"]))["Location"]
    buyer.come_back(first)
    decide(buyer, dispute(buyer, 700, number=0), "lost")
    assert given(buyer, page) == ("paid", 0, 1)
    states = dict(Payment.objects.values_list("state", "disputed_minor"))
    assert states == {"paid": 0, "review": 700}
    paid = Payment.objects.get(state=PaymentState.PAID)
    refund_payment(paid, None, "requested", timezone.now())
    assert given(buyer, page) == ("refunded", 0, 0)


def test_won_does_not_open_what_rests_for_another_reason(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    """The money did not match the order; that the bank decides for us changes nothing of it."""
    location = buyer.pay(buyer.to_page(stock["licensed"]))
    buyer.trouble(misstate={"client_reference_id": "AAAAA-AAAAA"})
    page = buyer.come_back(location)
    order = Order.objects.get()
    buyer.trouble(reset=True)
    made = dispute(buyer)
    decide(buyer, made, "won")
    order.refresh_from_db()
    assert order.state == "review" and page.status_code in {200, 303}


def test_undeliverable_and_disputed_at_once(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """Withheld for want of a file, then disputed and won: the money still waits to go back."""
    url = buyer.to_page(stock["plain"])
    ReleaseFile.objects.filter(name="plain.txt").delete()
    page = buyer.come_back(buyer.pay(url)).headers["Location"]
    made = dispute(buyer, 700)
    decide(buyer, made, "won")
    assert given(buyer, page) == ("review", 0, 0)
    reconcile()
    assert given(buyer, page)[0] == "refunded"


def test_heard_of_before_the_payment(buyer: Buyer, stock: dict[str, Plan]) -> None:
    location = buyer.pay(buyer.to_page(stock["licensed"]))
    paid = buyer.gateway.sender.events[-1]
    dispute(buyer)
    assert Order.objects.get().state == "review"
    assert buyer.hear(paid).status_code == 200
    page = buyer.come_back(location).headers["Location"]
    assert given(buyer, page) == ("review", 0, 0)


@pytest.mark.parametrize("end", ["won", "lost"])
@pytest.mark.parametrize("seed", range(6))
def test_doubled_lost_and_in_any_order(
    buyer: Buyer, stock: dict[str, Plan], end: str, seed: int
) -> None:
    """Each event up to three times, shuffled among those of a partial refund; the reconciler
    reads what never came."""
    chance = random.Random(seed)
    page = buyer.buy(stock["licensed"])
    since = len(buyer.gateway.sender.events)
    sent = buyer.gateway.book.refund(session_of(buyer), 500, {}, "succeeded")
    buyer.gateway.api.announce_refund("refund.created", sent)
    made = dispute(buyer, 1400, hear=False)
    decide(buyer, made, end, hear=False)
    told = new_events(buyer, since)
    steps = [event for event in told for _ in range(chance.choice([0, 1, 1, 3]))]
    for event in told:
        if event not in steps:
            assert event.taken.wait(10)
            event.answers.clear()
    chance.shuffle(steps)
    for event in steps:
        assert buyer.hear(event).status_code == 200
    reconcile()
    wanted: Any = ("paid", 1, 1) if end == "won" else ("refunded", 0, 0)
    assert given(buyer, page) == wanted
    assert Dispute.objects.get().state == end
    ids = GatewayEventRow.objects.values_list("event_id", flat=True)
    assert len(set(ids)) == len(ids)


def test_the_gateway_does_not_answer(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """The event is not noted, so it is heard again."""
    page = buyer.buy(stock["licensed"])
    dispute(buyer, hear=False)
    buyer.trouble(api="500")
    assert buyer.hear().status_code == 503
    assert given(buyer, page) == ("paid", 1, 1) and not Dispute.objects.exists()
    buyer.trouble(reset=True)
    assert buyer.hear().status_code == 200
    assert given(buyer, page) == ("review", 0, 0)


def test_a_payment_that_is_not_ours(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["licensed"])
    made = dispute(buyer, hear=False)
    PaymentReference.objects.update(reference="cs_test_of_another_store")
    event = buyer.gateway.sender.events[-1]
    assert buyer.hear(event).status_code == 200
    assert not Dispute.objects.exists()
    assert GatewayEventRow.objects.filter(event_id=event.id).exists()
    made.status = "won"  # the books cannot agree about a payment that nobody knows


def test_without_the_order_of_states_an_old_word_opens_it_again(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a lost dispute that is told of as open once more stays lost, but only because
    nothing leads back."""
    from upheld_store.payments import dispute as disputes

    buyer.buy(stock["licensed"])
    made = dispute(buyer)
    decide(buyer, made, "lost")
    event = buyer.gateway.sender.events[-1]
    made.status = "under_review"
    assert buyer.hear(event).status_code == 200
    assert Dispute.objects.get().state == "lost"
    anywhere = dict.fromkeys(disputes.DisputeState, tuple(disputes.DisputeState))
    monkeypatch.setattr(disputes, "_REACHED_FROM", anywhere)
    assert buyer.hear(event).status_code == 200
    assert Dispute.objects.get().state == "open"
    made.status = "lost"
    buyer.hear(event)
