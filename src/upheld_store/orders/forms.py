"""The form that mails an order's link again."""

from __future__ import annotations

from upheld.promises.collection import DeclaredForm, declared_input


class FindOrdersForm(DeclaredForm):
    """The address the order was placed with."""

    key = "find_orders"

    email = declared_input(
        "order.email",
        required=True,
        label="E-mail address",
        error_messages={
            "required": "Type the e-mail address you bought with.",
            "invalid": "This is not an e-mail address. It looks like name@example.com.",
        },
    )
