"""What of a gateway's answer may be kept: declared, and in its exact form. The rest drops out."""

from __future__ import annotations

from collections.abc import Mapping

from upheld.policy import current
from upheld.vault.forms import has_form, holds_card_data


def keepable(details: Mapping[str, str]) -> dict[str, str]:
    """The details that a vault takes. A name with a digit in it is worth less than a payment
    that is not confirmed, so nothing here raises."""
    declared = current().fields
    kept = {}
    for name, value in details.items():
        field = declared.get(name)
        if field is None or not field.sealed or field.form is None:
            continue
        if has_form(value, field.form) and not holds_card_data(value):
            kept[name] = value
    return kept
