"""The letters of an order, written anew at the moment of sending."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.core.exceptions import ObjectDoesNotExist

from upheld.policy import current
from upheld.promises.mail.content import Envelope, build_message
from upheld_store.orders.mails import render_order_link, render_receipt
from upheld_store.orders.models import Order, OrderContact, OrderLink

NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("deliver_order")]


def place(name: str = "Anna Larsen", total_minor: int = 1900) -> Order:
    order = Order.objects.create(
        number="7KQ2M-VX41D",
        subject_id=UUID(int=1),
        cart_digest="1",
        total_minor=total_minor,
        currency="USD",
        policy_version=1,
        placed_at=NOW,
    )
    OrderContact.objects.create(order=order, email="anna@example.com", name=name)
    OrderLink.make(order, 1, NOW)
    return order


def test_a_receipt_leads_to_the_order() -> None:
    order = place()
    content = render_receipt(str(order.pk), NOW)
    address = f"http://127.0.0.1:8000/orders/{order.newest_token()}/"
    assert (content.to, content.subject) == ("anna@example.com", "Your order 7KQ2M-VX41D")
    assert "Hello Anna Larsen," in content.text and address in content.text
    assert f'href="{address}"' in content.html
    assert Order.objects.by_token(order.newest_token()) == order


def test_a_fresh_link_is_the_newest_one() -> None:
    order = place()
    OrderLink.make(order, 2, NOW)
    content = render_order_link(str(order.pk), NOW)
    newest, older = order.links.get(serial=2).token(), order.links.get(serial=1).token()
    assert newest in content.text and newest in content.html
    assert older not in content.text + content.html


def test_a_name_is_text_and_never_markup() -> None:
    order = place('<img src=x onerror="a()"> {{ order.pk }}')
    content = render_receipt(str(order.pk), NOW)
    assert "<img" not in content.html and "&lt;img" in content.html
    assert "{{ order.pk }}" in content.text


def test_a_free_order_carries_no_strangers_words_to_a_mailbox() -> None:
    order = place("Win at evil.example", total_minor=0)
    for render in (render_receipt, render_order_link):
        content = render(str(order.pk), NOW)
        assert "evil" not in content.text + content.html + content.subject


def test_a_name_reaches_no_header() -> None:
    order = place("Anna\r\nBcc: eve@example.com")
    envelope = Envelope("receipt", "<1@example.com>", current().controller, NOW)
    message = build_message(render_receipt(str(order.pk), NOW), envelope)
    assert message["Bcc"] is None
    assert not any("eve" in str(value) for value in message.values())


def test_an_order_that_is_gone_writes_nothing() -> None:
    with pytest.raises(ObjectDoesNotExist):
        render_receipt(str(UUID(int=9)), NOW)
