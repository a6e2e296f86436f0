"""What the checkout asks for: where the order goes, and to whom it is addressed."""

from __future__ import annotations

from django import forms

from upheld.promises.collection import DeclaredForm, declared_input


class CheckoutForm(DeclaredForm):
    """`shown` names the total the buyer saw. It is not required, because a page that lacks it
    is answered like one that has changed: with the total, to be confirmed."""

    key = "checkout"

    email = declared_input(
        "order.email",
        required=True,
        label="E-mail address",
        help_text="The receipt and the link to your files go there.",
        error_messages={
            "required": "Type your e-mail address: your files go there.",
            "invalid": "This is not an e-mail address. It looks like name@example.com.",
        },
    )
    name = declared_input("order.name", required=False, label="Name")
    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
