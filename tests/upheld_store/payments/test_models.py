"""A payment's states, and the constraints that guard against a double charge."""

from __future__ import annotations

import uuid
from itertools import product

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from upheld.promises.disclosure import disclose
from upheld_store.orders.models import Order
from upheld_store.payments.gateway import GatewayEvent
from upheld_store.payments.models import GatewayEventRow, Payment, PaymentReference, PaymentState

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("take_payment")]


def order_of(number: str = "ABCDE-FGHJK") -> Order:
    return Order.objects.create(
        number=number,
        subject_id=uuid.uuid4(),
        cart_digest=number,
        quote_digest="",
        currency="USD",
        total_minor=700,
        policy_version=1,
        placed_at=timezone.now(),
    )


def payment_of(order: Order, state: PaymentState = PaymentState.OPEN) -> Payment:
    now = timezone.now()
    disclosure = disclose(
        "gateway",
        subject=order.subject_id,
        fields=["payment.reference"],
        purpose="take_payment",
        now=now,
    )
    return Payment.objects.create(
        order=order,
        gateway="practice",
        disclosure=disclosure,
        amount_minor=700,
        currency="USD",
        started_at=now,
        state=state,
    )


def test_an_order_has_one_open_payment() -> None:
    order = order_of()
    payment_of(order)
    with pytest.raises(IntegrityError), transaction.atomic():
        payment_of(order)
    payment_of(order, PaymentState.FAILED)
    payment_of(order, PaymentState.FAILED)


def test_an_order_is_paid_once() -> None:
    order = order_of()
    payment_of(order, PaymentState.PAID)
    with pytest.raises(IntegrityError), transaction.atomic():
        payment_of(order, PaymentState.PAID)


FORWARD = {
    (PaymentState.OPEN, PaymentState.PAID),
    (PaymentState.OPEN, PaymentState.FAILED),
    (PaymentState.OPEN, PaymentState.REVIEW),
    (PaymentState.FAILED, PaymentState.PAID),
    (PaymentState.FAILED, PaymentState.REVIEW),
}
ENDS = (PaymentState.PAID, PaymentState.FAILED, PaymentState.REVIEW)


@pytest.mark.parametrize(("start", "end"), list(product(PaymentState, ENDS)))
def test_states_never_go_back(start: PaymentState, end: PaymentState) -> None:
    payment = payment_of(order_of(), start)
    moved = payment.close(end)
    payment.refresh_from_db()
    assert moved is ((start, end) in FORWARD)
    assert payment.state == (end if moved else start)


def test_found_by_gateway_and_reference() -> None:
    payment = payment_of(order_of())
    assert payment.reference_or_none() is None
    PaymentReference.objects.create(payment=payment, reference="cs_test_1")
    assert payment.reference_or_none() == "cs_test_1"
    assert Payment.by_reference("practice", "cs_test_1") == payment
    assert Payment.by_reference("stripe", "cs_test_1") is None
    assert Payment.by_reference("practice", "") is None


def test_a_reference_names_one_payment() -> None:
    PaymentReference.objects.create(payment=payment_of(order_of()), reference="cs_test_1")
    other = payment_of(order_of("OTHER-ORDER"))
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentReference.objects.create(payment=other, reference="cs_test_1")


def test_an_event_is_noted_once() -> None:
    event = GatewayEvent("evt_1", "checkout.session.completed", "cs_test_1")
    for gateway in ("practice", "practice", "stripe"):
        GatewayEventRow.note(gateway, event, timezone.now())
    assert GatewayEventRow.objects.count() == 2
