"""What may be corrected on an order."""

from __future__ import annotations

from typing import Any

from django import forms

from upheld.promises.collection import DeclaredForm, declared_input


class OwnOrderForm(DeclaredForm):
    """The payer's inputs are there only while their values can be read."""

    key = "own_order"

    name = declared_input("order.name", required=False, label="Name")
    use_account_address = forms.BooleanField(
        required=False, label="Send everything about this order to my account’s address"
    )
    payer_name = declared_input("payment.payer_name", label="Payer’s name, sealed")
    street = declared_input("payment.street", label="Billing street, sealed")

    def __init__(self, *args: Any, payer: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        for name in {"payer_name", "street"} - payer.keys():
            del self.fields[name]
        for name, value in payer.items():
            self.fields[name].initial = value
