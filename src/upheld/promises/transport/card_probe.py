"""Types card numbers into every text input of every declared form, and what looks like them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django import forms

from upheld.policy import Policy
from upheld.promises.transport.card_numbers import contains_card_number
from upheld.promises.transport.routes import routes

# Numbers that card networks publish for tests, in the ways in which people write them.
CARDS = (
    "4242424242424242",
    "4000 0566 5566 5556",
    "5555-5555-5555-4444",
    "2223.0031.2200.3222",
    "3782 822463 10005",
    "6011111111111117",
    "3056 930902 5904",
    "３５６６００２０２０３６０５０５",
    "6200\u200b0000\u200b0000\u200b0005",
    "please take 4242 4242 4242 4242, 12/30, 123",
)
LOOK_ALIKES = (
    "+1 202-555-0143",
    "+49 1512 3456789",
    "7K3QD-9XM2B",
    "2026-000123",
    "DE89 3704 0044 0532 0130 00",
    "978-3-16-148410-0",
    "9400 1118 9922 3197 4284 90",
    "2026-11-23 14:15:16.123456",
    "123e4567-e89b-42d3-a456-426614174000",
)


@dataclass(slots=True)
class CardProbe:
    """How many inputs were tried; those that let a number through, and what was refused wrongly."""

    inputs: int = 0
    let_through: list[str] = field(default_factory=list)
    refused_wrongly: list[str] = field(default_factory=list)


def probe_forms(policy: Policy) -> CardProbe:
    """Every form class of this process that an inventory declares."""
    routes()  # the URL configuration brings in the views, and those their forms
    probe = CardProbe(refused_wrongly=[text for text in LOOK_ALIKES if contains_card_number(text)])
    declared = {form for form, _ in policy.inventory.inputs}
    for form_class in _forms_below(forms.Form):
        key = getattr(form_class, "key", None)
        if key not in declared:
            continue
        for name, built in form_class.base_fields.items():
            if isinstance(built, forms.CharField) and not built.widget.is_hidden:
                probe.inputs += 1
                if not all(_refuses(built, card) for card in CARDS):
                    probe.let_through.append(f"{key}.{name}")
    return probe


def _forms_below(form_class: type[forms.Form]) -> list[type[forms.Form]]:
    below = form_class.__subclasses__()
    return below + [deeper for form in below for deeper in _forms_below(form)]


def _refuses(built: forms.Field, card: str) -> bool:
    try:
        built.run_validators(card)
    except forms.ValidationError as refused:
        return any(error.code == "card_number" for error in refused.error_list)
    return False
