"""B6: the gateway's words in every order, doubled, lost, late, forged and wrong; and a thousand
signatures that are almost right. Few in `make test`, two thousand in `make test-deep`."""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from practice_gateway.sender import Event
from tests.upheld_store.buyer import Buyer
from tests.upheld_store.checkout.books import assert_books_agree, reconcile
from upheld.promises.mail.models import OutboxMail
from upheld_store.catalog.models import Plan
from upheld_store.licensing.models import LicenseKey
from upheld_store.orders.models import Order
from upheld_store.payments.models import GatewayEventRow, Payment, PaymentState, Refund

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("take_payment")]

FORGERIES = ("other_secret", "stale", "no_header", "unicode_header", "v0", "body")
WRONG: tuple[dict[str, Any], ...] = (
    {"amount_total": 1},
    {"currency": "jpy"},
    {"livemode": True},
    {"client_reference_id": "AAAAA-AAAAA"},
)


def one_story(buyer: Buyer, plan: Plan, chance: random.Random, number: int) -> None:
    """One order whose events come in some order, some of them several times or never."""
    location = buyer.pay(buyer.to_page(plan, f"buyer{number}@example.com"))
    told = [buyer.gateway.sender.events[-1]]
    session = buyer.gateway.book.sessions()[-1]
    back = chance.choice([0, 0, 500, session.amount])
    if back:
        sent = buyer.gateway.book.refund(session, back, {}, "succeeded")
        buyer.gateway.api.announce_refund("refund.created", sent)
        told += buyer.gateway.sender.events[-2:]
    wrong = chance.choice([None, None, *WRONG])
    steps: list[Callable[[], Any]] = []
    for event in told:
        times = chance.choice([0, 1, 1, 2, 5])
        if not times:
            lose(event)
        steps += [hears(buyer, event)] * times
        steps += [hears(buyer, event, chance.choice(FORGERIES))] * chance.choice([0, 1])
    steps += [lambda: buyer.come_back(location)] * chance.choice([0, 1, 2])
    chance.shuffle(steps)
    buyer.trouble(misstate=wrong or {})
    for step in steps:
        step()
    buyer.trouble(reset=True)
    finish(buyer, wrong=wrong is not None)


def lose(event: Event) -> None:
    """As if the store had never taken it."""
    assert event.taken.wait(10)
    event.answers.clear()


def hears(buyer: Buyer, event: Event, forge: str = "") -> Callable[[], Any]:
    def hear() -> None:
        assert buyer.hear(event, forge).status_code == (400 if forge else 200)

    return hear


def finish(buyer: Buyer, *, wrong: bool) -> None:
    """The reconciler comes, and everything is as it must be."""
    reconcile()
    order = Order.objects.order_by("-placed_at")[0]
    payment = Payment.objects.get(order=order)
    back = sum(r.amount for r in buyer.gateway.book.refunds(buyer.gateway.book.sessions()[-1]))
    mismatched = payment.received_minor == 1 or payment.received_currency == "JPY"
    if payment.state == PaymentState.REVIEW:
        assert wrong and order.state in {"review", "refunded"}
    else:
        paid = "refunded" if back == payment.received_minor else "paid"
        assert (payment.state, order.state) == (PaymentState.PAID, paid)
    receipts = OutboxMail.objects.filter(kind="receipt", ground_key=str(order.pk)).count()
    keys = LicenseKey.objects.filter(line__order=order).count()
    assert (receipts, keys) == ((0, 0) if payment.state == PaymentState.REVIEW else (1, 1))
    assert payment.refunded_minor == (0 if mismatched else back)
    buyer.client.cookies.pop("cart", None)


def told_stories(buyer: Buyer, plan: Plan, count: int) -> None:
    chance = random.Random(20261125)
    for number in range(count):
        one_story(buyer, plan, chance, number)
    ids = GatewayEventRow.objects.values_list("event_id", flat=True)
    assert len(set(ids)) == len(ids) <= len(buyer.gateway.sender.events)
    orders = Order.objects.count()
    assert orders == Payment.objects.count() == count


def test_permutations(buyer: Buyer, stock: dict[str, Plan]) -> None:
    told_stories(buyer, stock["licensed"], 20)


@pytest.mark.deep
def test_two_thousand_permutations(buyer: Buyer, stock: dict[str, Plan]) -> None:
    told_stories(buyer, stock["licensed"], 2000)


def test_without_the_comparison_a_wrong_payment_buys(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: these stories notice when amount, currency and order are not compared."""
    monkeypatch.setattr("upheld_store.checkout.confirm_payment._is_ours", lambda *_: True)
    with pytest.raises(AssertionError):
        told_stories(buyer, stock["licensed"], 20)


def test_without_the_state_in_the_update_a_refund_counts_twice(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the other half: a refund that is settled whatever its state."""
    buyer.buy(stock["licensed"])
    session = buyer.gateway.book.sessions()[-1]
    sent = buyer.gateway.book.refund(session, 500, {}, "succeeded")
    buyer.gateway.api.announce_refund("refund.created", sent)
    monkeypatch.setattr(Refund, "settle", lambda *_: True)
    for _ in range(2):
        assert buyer.hear().status_code == 200
    assert OutboxMail.objects.filter(kind="refund").count() == 2
    with pytest.raises(AssertionError):
        assert_books_agree(buyer.gateway)


def mutated(header: str, chance: random.Random) -> str | None:
    """A header that is almost right; None leaves it out."""
    time, _, mac = header.partition(",")
    place = chance.randrange(3, len(mac))
    other = chance.choice([c for c in "0123456789abcdef" if c != mac[place]])
    return chance.choice(
        [
            None,
            "",
            mac,
            time,
            f"{time},{mac.replace('v1=', 'v0=')}",
            f"{time},v1=",
            f"{time},{mac[:place]}{other}{mac[place + 1 :]}",
            f"{time},{mac[:place]}",
            f"{time},{mac}0",
            f"{time},v1={'²' * 64}",
            f"t={int(time[2:]) + chance.choice([-1, 1])},{mac}",
            f"{time},{time},{mac}",
            f"t=,{mac}",
            f"t={'9' * 40},{mac}",
            f"{time};{mac}",
            f"{time},v1={other * 64}",
        ]
    )


def refused(buyer: Buyer, count: int) -> int:
    """How many of `count` mutated signatures of a genuine event were refused."""
    chance = random.Random(4711)
    body, headers = buyer.gateway.sender.sealed(buyer.gateway.sender.events[-1])
    path = f"/payments/{settings.UPHELD_GATEWAYS[0]}/webhook/"
    done = 0
    for _ in range(count):
        header = mutated(headers["Stripe-Signature"], chance)
        meta = {} if header is None else {"HTTP_STRIPE_SIGNATURE": header}
        answer = Client().post(path, body, content_type="application/json", **meta)
        done += answer.status_code == 400
    return done


def test_mutated_signatures(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.pay(buyer.to_page(stock["licensed"]))
    assert refused(buyer, 100) == 100
    assert (Order.objects.get().state, GatewayEventRow.objects.count()) == ("awaiting_payment", 0)
    assert buyer.hear().status_code == 200
    assert Order.objects.get().state == "paid"


@pytest.mark.deep
def test_a_thousand_mutated_signatures(buyer: Buyer, stock: dict[str, Plan]) -> None:
    buyer.pay(buyer.to_page(stock["licensed"]))
    assert refused(buyer, 1000) == 1000
    assert not GatewayEventRow.objects.exists()


def test_without_comparing_the_whole_signature_some_pass(
    buyer: Buyer, stock: dict[str, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a comparison of the first half lets mutations of the second pass."""
    whole = hmac.compare_digest
    monkeypatch.setattr(
        "upheld_store.payments.webhook_signature.hmac.compare_digest",
        lambda a, b: whole(a[:32], b[:32]),
    )
    buyer.pay(buyer.to_page(stock["licensed"]))
    assert hashlib.sha256().digest_size * 2 == 64
    assert refused(buyer, 100) < 100
