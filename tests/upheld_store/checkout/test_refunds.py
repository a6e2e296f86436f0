"""Money that goes back: whole and in part, once, whatever fails on the way."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from tests.upheld_store.buyer import Buyer
from tests.upheld_store.checkout.books import assert_books_agree, reconcile, refund
from upheld import jobs
from upheld.promises.mail.models import OutboxMail
from upheld_store.catalog.models import Plan, ReleaseFile
from upheld_store.checkout.intend_refund import RefundRefused
from upheld_store.checkout.refund_order import refund_payment
from upheld_store.orders.models import Order
from upheld_store.payments.models import (
    GatewayEventRow,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("take_payment")]


@pytest.fixture(autouse=True)
def _books(buyer: Buyer) -> Iterator[None]:
    """After every test here the store's books and the gateway's say the same."""
    yield
    assert_books_agree(buyer.gateway)


def refund_mails() -> int:
    return OutboxMail.objects.filter(kind="refund").count()


def test_a_full_refund_takes_back_what_was_bought(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["licensed"])
    file = buyer.facts(page)["downloads"][0]["url"]
    made = refund(Order.objects.get(), None)
    assert (made.state, made.amount_minor, made.currency) == (RefundState.DONE, 1900, "USD")
    facts = buyer.facts(page)
    assert (facts["state"], facts["licenses"], facts["downloads"]) == ("refunded", [], [])
    assert buyer.client.get(file).status_code == 404
    assert refund_mails() == 1


def test_a_partial_refund_keeps_it(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["licensed"])
    assert refund(Order.objects.get(), 500).state == RefundState.DONE
    facts = buyer.facts(page)
    assert (facts["state"], len(facts["licenses"]), len(facts["downloads"])) == ("paid", 1, 1)
    assert "5.00" in buyer.client.get(page).content.decode()
    assert refund(Order.objects.get(), None).amount_minor == 1400
    assert buyer.facts(page)["state"] == "refunded"
    assert refund_mails() == 2


@pytest.mark.parametrize("amount", [0, -1, 1901, 10**15])
def test_no_more_than_came_in(buyer: Buyer, stock: dict[str, Plan], amount: int) -> None:
    buyer.buy(stock["licensed"])
    with pytest.raises(RefundRefused, match="1900 USD"):
        refund(Order.objects.get(), amount)
    assert not Refund.objects.exists()


def test_what_is_refunded_cannot_be_refunded_again(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["licensed"])
    refund(Order.objects.get(), None)
    with pytest.raises(RefundRefused):
        refund(Order.objects.get(), None)
    with pytest.raises(RefundRefused):
        refund(Order.objects.get(), 1)


def test_an_unlisted_reason_and_an_unpaid_order(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.to_page(stock["plain"])
    with pytest.raises(RefundRefused, match="no payment"):
        refund(Order.objects.get(), None)
    buyer.buy(stock["plain"])
    order = Order.objects.get(state="paid")
    with pytest.raises(RefundRefused, match="reason"):
        refund(order, None, "Ada Example asked")


def test_the_database_itself_holds_the_sum(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """The control: without the condition in the update, the constraint still refuses."""
    buyer.buy(stock["licensed"])
    refund(Order.objects.get(), 1000)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.update(refunded_minor=F("refunded_minor") + 901)


def test_a_button_pressed_twice_is_one_refund(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["licensed"])
    order, shown = Order.objects.get(), uuid.uuid4()
    first = refund(order, 500, refund_id=shown)
    assert refund(order, 500, refund_id=shown).pk == first.pk
    assert (Refund.objects.count(), len(buyer.gateway.book.refunds())) == (1, 1)


@pytest.mark.parametrize("fault", ["500", "drop"])
def test_a_gateway_that_fails_is_asked_again(
    buyer: Buyer, stock: dict[str, Plan], fault: str
) -> None:
    """`drop`: it sent the money back and broke the connection."""
    page = buyer.buy(stock["licensed"])
    buyer.trouble(api=fault)
    assert refund(Order.objects.get(), None).state == RefundState.ASKED
    assert buyer.facts(page)["state"] == "paid"
    buyer.trouble(reset=True)
    assert reconcile() == 1
    assert reconcile() == 0
    assert (Refund.objects.get().state, len(buyer.gateway.book.refunds())) == ("done", 1)
    assert (buyer.facts(page)["state"], refund_mails()) == ("refunded", 1)


def die_after(monkeypatch: pytest.MonkeyPatch, name: str) -> type[BaseException]:
    """The process dies right after the gateway has carried out what it was asked for."""

    class Killed(BaseException):
        pass

    def die(*args: object, **options: object) -> None:
        raise Killed

    monkeypatch.setattr(name, die)
    return Killed


@pytest.mark.parametrize("hours", [1, 25])
def test_killed_after_the_gateway_had_done_it(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """A day later the gateway has forgotten the idempotency key: its list tells."""
    buyer.buy(stock["licensed"])
    with monkeypatch.context() as patch:
        killed = die_after(patch, "upheld_store.checkout.refund_order.settle_refunds")
        with pytest.raises(killed):
            refund(Order.objects.get(), None)
    assert Refund.objects.get().state == RefundState.ASKED
    if hours > 24:
        buyer.gateway.book._answers.clear()
    assert reconcile(hours / 24) == 1
    assert len(buyer.gateway.book.refunds()) == 1
    assert (Refund.objects.get().state, Order.objects.get().state) == ("done", "refunded")


def test_without_looking_at_the_list_it_goes_back_twice(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control for the test above."""
    buyer.buy(stock["licensed"])
    with monkeypatch.context() as patch:
        killed = die_after(patch, "upheld_store.checkout.refund_order.settle_refunds")
        with pytest.raises(killed):
            refund(Order.objects.get(), 100)
    buyer.gateway.book._answers.clear()
    with monkeypatch.context() as patch:
        shaped = "upheld_store.payments.stripe_shaped.StripeShaped._refunds"
        patch.setattr(shaped, lambda *_: [])
        reconcile()
    assert len(buyer.gateway.book.refunds()) == 2
    Refund.objects.all().delete()  # the books cannot agree any more
    buyer.gateway.book._refunds.clear()
    Payment.objects.update(refunded_minor=0)


def test_killed_before_the_gateway_was_asked(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer.buy(stock["licensed"])
    with monkeypatch.context() as patch:
        killed = die_after(patch, "upheld_store.checkout.refund_order.ask_for_refund")
        with pytest.raises(killed):
            refund(Order.objects.get(), None)
    assert buyer.gateway.book.refunds() == []
    assert reconcile() == 1
    assert Order.objects.get().state == "refunded"


def test_a_pending_refund_waits_for_its_webhook(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["licensed"])
    buyer.trouble(refund="pending")
    assert refund(Order.objects.get(), None).state == RefundState.ASKED
    assert (buyer.facts(page)["state"], refund_mails()) == ("paid", 0)
    sent = buyer.gateway.book.refunds()[0]
    sent.status = "succeeded"
    buyer.gateway.api.announce_refund("refund.updated", sent)
    assert buyer.hear().status_code == 200
    assert (buyer.facts(page)["state"], refund_mails()) == ("refunded", 1)


def test_a_failed_refund_frees_what_it_had_set_aside(buyer: Buyer, stock: dict[str, Plan]) -> None:
    page = buyer.buy(stock["licensed"])
    buyer.trouble(refund="failed")
    assert refund(Order.objects.get(), None).state == RefundState.FAILED
    assert (buyer.facts(page)["state"], refund_mails()) == ("paid", 0)
    buyer.trouble(reset=True)
    assert refund(Order.objects.get(), None).state == RefundState.DONE


def test_events_doubled_and_out_of_order(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """The refund's events arrive before the payment's and again after it."""
    location = buyer.pay(buyer.to_page(stock["licensed"]))
    paid = buyer.gateway.sender.events[-1]
    session = buyer.gateway.book.sessions()[0]
    sent = buyer.gateway.book.refund(session, 1900, {}, "succeeded")
    buyer.gateway.api.announce_refund("refund.created", sent)
    back = buyer.gateway.sender.events[-2:]
    for event in [*back, paid, *back, paid, *back]:
        assert buyer.hear(event).status_code == 200
    buyer.come_back(location)
    assert Order.objects.get().state == "refunded"
    assert (Refund.objects.get().reason, refund_mails()) == ("at_gateway", 1)
    assert GatewayEventRow.objects.count() == 3


def test_the_refund_is_heard_of_before_the_payment(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """Each event once, the refund's first: refunded stays refunded."""
    location = buyer.pay(buyer.to_page(stock["licensed"]))
    paid = buyer.gateway.sender.events[-1]
    session = buyer.gateway.book.sessions()[0]
    sent = buyer.gateway.book.refund(session, 1900, {}, "succeeded")
    buyer.gateway.api.announce_refund("refund.created", sent)
    assert buyer.hear().status_code == 200
    assert Order.objects.get().state == "refunded"
    assert buyer.hear(paid).status_code == 200
    page = buyer.come_back(location).headers["Location"]
    assert buyer.facts(page)["state"] == "refunded"


def test_refunded_at_the_gateway_itself(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """Somebody pressed the button there: a part first, then the rest."""
    page = buyer.buy(stock["licensed"])
    session = buyer.gateway.book.sessions()[0]
    for amount, state in ((900, "paid"), (1000, "refunded")):
        sent = buyer.gateway.book.refund(session, amount, {}, "succeeded")
        buyer.gateway.api.announce_refund("refund.created", sent)
        assert buyer.hear().status_code == 200
        assert buyer.facts(page)["state"] == state
    assert Payment.objects.get().left_minor == 0


def test_ours_is_refused_because_it_went_back_already(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.buy(stock["licensed"])
    buyer.gateway.book.refund(buyer.gateway.book.sessions()[0], 1900, {}, "succeeded")
    assert refund(Order.objects.get(), 1900).state == RefundState.FAILED
    states = sorted(Refund.objects.values_list("state", "reason"))
    assert states == [("done", "at_gateway"), ("failed", "requested")]
    assert Order.objects.get().state == "refunded"


def test_a_payment_under_review_goes_back(buyer: Buyer, stock: dict[str, Plan]) -> None:
    location = buyer.pay(buyer.to_page(stock["licensed"]))
    buyer.trouble(misstate={"client_reference_id": "AAAAA-AAAAA"})
    buyer.come_back(location)
    assert Order.objects.get().state == "review"
    buyer.trouble(reset=True)
    made = refund(Order.objects.get(), None, "mismatch")
    assert (made.state, made.amount_minor) == (RefundState.DONE, 1900)
    assert Order.objects.get().state == "refunded"


def test_the_payment_made_twice_goes_back_and_the_order_stays(
    buyer: Buyer, stock: dict[str, Plan]
) -> None:
    first = buyer.pay(buyer.to_page(stock["plain"]))
    Payment.objects.update(state=PaymentState.FAILED)
    second = buyer.pay(buyer.send().headers["Location"])
    buyer.come_back(second)
    buyer.come_back(first)
    twice = Payment.objects.get(state=PaymentState.REVIEW)
    made = refund_payment(twice, None, "duplicate", timezone.now())
    assert made.state == RefundState.DONE
    assert Order.objects.get().state == "paid"
    refund(Order.objects.get(), None)
    assert Order.objects.get().state == "refunded"


def test_the_other_of_two_payments_keeps_the_order(buyer: Buyer, stock: dict[str, Plan]) -> None:
    """Entitlement follows the net state: what is left still pays for it."""
    first = buyer.pay(buyer.to_page(stock["plain"]))
    Payment.objects.update(state=PaymentState.FAILED)
    buyer.come_back(buyer.pay(buyer.send().headers["Location"]))
    buyer.come_back(first)
    paid = Payment.objects.get(state=PaymentState.PAID)
    assert refund_payment(paid, None, "duplicate", timezone.now()).state == RefundState.DONE
    assert Order.objects.get().state == "paid"


def test_paid_and_not_deliverable_goes_back_by_itself(buyer: Buyer, stock: dict[str, Plan]) -> None:
    url = buyer.to_page(stock["plain"])
    ReleaseFile.objects.filter(name="plain.txt").delete()
    page = buyer.come_back(buyer.pay(url)).headers["Location"]
    facts = buyer.facts(page)
    assert (facts["state"], facts["downloads"], facts["licenses"]) == ("review", [], [])
    assert not OutboxMail.objects.filter(kind="receipt").exists()
    ran = jobs.run_due(timezone.now, may_go_on=iter([True, False]).__next__)
    assert [(job.name, job.error) for job in ran] == [("carry_out_refund", "")]
    assert (buyer.facts(page)["state"], refund_mails()) == ("refunded", 1)
    assert Refund.objects.get().reason == "not_deliverable"


def test_a_refund_nobody_confirms_is_said_aloud(
    buyer: Buyer, stock: dict[str, Plan], caplog: pytest.LogCaptureFixture
) -> None:
    buyer.buy(stock["plain"])
    buyer.trouble(refund="pending")
    made = refund(Order.objects.get(), None)
    reconcile(0.9 / 24)
    assert "for over an hour" not in caplog.text
    reconcile(1.1 / 24)
    assert "1 refunds" in caplog.text
    assert made.asked_at < timezone.now() + timedelta(hours=1)
