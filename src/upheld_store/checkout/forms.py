"""What the checkout asks for: where the order goes, and to whom it is addressed."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from upheld.promises.collection import DeclaredForm, declared_input
from upheld_store.payments.gateway import PaymentGateway


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
    gateway = forms.ChoiceField(
        label="How you pay",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how you pay.",
            "invalid_choice": "This store takes no payments that way. Choose one of those shown.",
        },
    )
    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def offer(self, gateways: Sequence[PaymentGateway], total_minor: int) -> None:
        """Let the buyer choose, where there is something to choose and to pay."""
        if total_minor == 0 or len(gateways) < 2:
            del self.fields["gateway"]
            return
        field = self.fields["gateway"]
        field.choices = [(door.name, door.label) for door in gateways]  # type: ignore[attr-defined]
        field.initial = gateways[0].name
