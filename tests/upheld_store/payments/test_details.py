"""What a gateway says of a card is kept only where it is declared and of its exact form."""

from __future__ import annotations

import pytest

from upheld_store.payments.details import keepable

RIGHT = {
    "payment.payer_name": "Ada Example",
    "payment.card_brand": "visa",
    "payment.card_last4": "4242",
    "payment.card_expiry": "12/34",
}


def test_declared_and_in_form() -> None:
    assert keepable(RIGHT) == RIGHT


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payment.payer_name", "4242 4242 4242 4242"),
        ("payment.payer_name", ""),
        ("payment.payer_name", "<b>1</b>"),
        ("payment.card_brand", "platinum"),
        ("payment.card_last4", "4242424242424242"),
        ("payment.card_last4", "\u0664242"),
        ("payment.card_expiry", "13/34"),
        ("payment.cvc", "123"),
        ("payment.customer", "cus_4242424242424242"),  # the form of a reference, and a card in it
        ("order.email", "ada@example.com"),
        ("payment.reference", "cs_test_123456"),
    ],
)
def test_anything_else_drops_out(field: str, value: str) -> None:
    rest = {name: known for name, known in RIGHT.items() if name != field}
    assert keepable(rest | {field: value}) == rest
