"""The practice gateway's door: what it makes of every kind of answer."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.conf import settings
from django.http import Http404
from django.utils import timezone

from practice_gateway.practice import Options, Practice
from upheld.promises.disclosure import Disclosure, disclose
from upheld_store.payments.gateway import GatewayCheckout, GatewayUnavailable
from upheld_store.payments.gateways import chosen_gateway, gateway_named
from upheld_store.payments.practice import PracticeGateway, fetch_caught_mail

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("take_payment")]

CHECKOUT = GatewayCheckout(
    order_number="ABCDE-FGHJK",
    amount_minor=1900,
    currency="USD",
    description="Order",
    success_url="http://127.0.0.1:8000/return/?session={CHECKOUT_SESSION_ID}",
    cancel_url="http://127.0.0.1:8000/cart/",
    idempotency_key="key-1",
)


@pytest.fixture
def disclosure() -> Disclosure:
    return disclose(
        "gateway",
        subject=uuid.uuid4(),
        fields=["payment.reference"],
        purpose="take_payment",
        now=timezone.now(),
    )


@pytest.fixture
def door(gateway: Practice) -> PracticeGateway:
    made = chosen_gateway()
    assert isinstance(made, PracticeGateway)
    return made


def test_start_and_retrieve(door: PracticeGateway, disclosure: Disclosure) -> None:
    session = door.start(disclosure, CHECKOUT)
    assert door.start(disclosure, CHECKOUT) == session
    payment = door.retrieve(disclosure, session.reference)
    assert (payment.state, payment.amount_minor, payment.currency) == ("open", 1900, "USD")
    assert (payment.order_number, payment.url) == ("ABCDE-FGHJK", session.url)


def test_an_unknown_page_can_never_be_paid(door: PracticeGateway, disclosure: Disclosure) -> None:
    assert door.retrieve(disclosure, "cs_test_00").state == "expired"
    known = door.start(disclosure, CHECKOUT).reference
    for other in ("../../control?x#y", f"{known}#", f"{known}?x", f"../sessions/{known}"):
        assert door.retrieve(disclosure, other).state == "expired"


def test_a_refused_start_is_not_taken_for_a_page(
    door: PracticeGateway, disclosure: Disclosure
) -> None:
    door.start(disclosure, CHECKOUT)
    with pytest.raises(GatewayUnavailable):
        door.start(disclosure, replace(CHECKOUT, amount_minor=1))


@pytest.mark.parametrize("fault", ["500", "drop"])
def test_faults(
    gateway: Practice, door: PracticeGateway, disclosure: Disclosure, fault: str
) -> None:
    session = door.start(disclosure, CHECKOUT)
    gateway.api.troubles = gateway.api.troubles.changed({"api": fault})
    with pytest.raises(GatewayUnavailable):
        door.start(disclosure, CHECKOUT)
    with pytest.raises(GatewayUnavailable):
        door.retrieve(disclosure, session.reference)


def test_an_answer_of_another_shape(
    gateway: Practice, door: PracticeGateway, disclosure: Disclosure
) -> None:
    session = door.start(disclosure, CHECKOUT)
    gateway.api.troubles = gateway.api.troubles.changed({"misstate": {"amount_total": "much"}})
    with pytest.raises(GatewayUnavailable):
        door.retrieve(disclosure, session.reference)


def test_nobody_there(disclosure: Disclosure) -> None:
    with pytest.raises(GatewayUnavailable):
        PracticeGateway("http://127.0.0.1:9", "secret").start(disclosure, CHECKOUT)


def test_gateways_by_name(settings: object) -> None:
    assert gateway_named("practice").name == "practice"
    for name in ("stripe", "nothing"):
        with pytest.raises(Http404):
            gateway_named(name)
    settings.UPHELD_GATEWAYS = ("transfer",)  # type: ignore[attr-defined]
    with pytest.raises(Http404):
        gateway_named("practice")


@pytest.fixture
def with_mailbox() -> Iterator[Practice]:
    options = Options(
        port=0,
        smtp_port=0,
        store_origin=settings.UPHELD_ORIGIN,
        webhook_url="http://127.0.0.1:9/",
        secret="x",
    )
    with Practice(options) as running:
        yield running


def test_caught_mail(with_mailbox: Practice) -> None:
    assert fetch_caught_mail(with_mailbox.origin) == []
    with pytest.raises(OSError, match="this machine"):
        fetch_caught_mail("http://mail.example.com")
    with pytest.raises(OSError):
        fetch_caught_mail("http://127.0.0.1:9")
