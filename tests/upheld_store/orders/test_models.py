"""Order numbers, links and states."""

from __future__ import annotations

import re
import secrets
import uuid
from itertools import product

import pytest
from django.utils import timezone

from upheld.vault import lasting_key
from upheld_store.orders.models import Order, OrderLink, OrderState, order_number

pytestmark = pytest.mark.django_db


def make(state: OrderState = OrderState.AWAITING_PAYMENT) -> Order:
    return Order.objects.create(
        number=order_number(secrets.token_bytes(10)),
        subject_id=uuid.uuid4(),
        state=state,
        cart_digest=secrets.token_hex(32),
        quote_digest="",
        total_minor=700,
        currency="USD",
        policy_version=1,
        placed_at=timezone.now(),
    )


def test_numbers_tell_nothing() -> None:
    numbers = {order_number(secrets.token_bytes(10)) for _ in range(200)}
    assert len(numbers) == 200
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", n) for n in numbers)


PAYABLE = {OrderState.AWAITING_PAYMENT, OrderState.CANCELED}


@pytest.mark.parametrize(("start", "step"), list(product(OrderState, ("paid", "review"))))
def test_states_never_go_back(start: OrderState, step: str) -> None:
    order = make(start)
    moved = order.mark_paid(timezone.now()) if step == "paid" else order.put_under_review()
    order.refresh_from_db()
    may = PAYABLE if step == "paid" else {OrderState.AWAITING_PAYMENT}
    assert moved is (start in may)
    assert order.state == (step if moved else start)


def test_paid_once() -> None:
    order, now = make(), timezone.now()
    twin = Order.objects.get(pk=order.pk)
    assert order.mark_paid(now) and not twin.mark_paid(now)


def test_links_are_derived_and_only_digests_are_stored() -> None:
    order, other = make(), make()
    first = OrderLink.make(order, 1, timezone.now())
    second = OrderLink.make(order, 2, timezone.now())
    foreign = OrderLink.make(other, 1, timezone.now())
    tokens = {first.token(), second.token(), foreign.token()}
    assert len(tokens) == 3 and all(len(token) == 43 for token in tokens)
    assert order.newest_token() == second.token()
    assert Order.objects.by_token(first.token()) == order
    assert Order.objects.by_token(foreign.token()) == other
    stored = str(list(OrderLink.objects.values()))
    assert not any(token in stored for token in tokens)


def test_without_the_lasting_key_a_database_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    link = OrderLink.make(make(), 1, timezone.now())
    right = link.token()
    other_key = bytes(32)
    assert lasting_key("order_links") != other_key
    monkeypatch.setattr("upheld_store.orders.models.lasting_key", lambda name: other_key)
    assert link.token() != right
