"""The only kind of form: each of its inputs is declared, or it does not show itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.forms.forms import DeclarativeFieldsMetaclass

from upheld.policy import Policy, current
from upheld.policy.errors import UndeclaredField
from upheld.promises.collection.declared_input import field_of
from upheld.promises.transport import contains_card_number

CARD_REFUSED = (
    "This looks like a payment card's number. We never take one here: the card is typed on the "
    "payment gateway's own page. Please write this without it."
)

TOO_LONG = "Please shorten this to %(limit_value)d characters; it has %(show_value)d."


def refuse_cards(value: Any) -> None:
    """A validator for whatever was typed. The message does not repeat the value."""
    if isinstance(value, str) and contains_card_number(value):
        raise ValidationError(CARD_REFUSED, code="card_number")


class _DeclaredFormType(DeclarativeFieldsMetaclass):
    """Puts the card check into every text input when a form class is made."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> Any:
        form: Any = super().__new__(mcs, name, bases, attrs)
        if "declared_form_base" in attrs:
            return form
        if not getattr(form, "key", ""):
            raise TypeError(f"{name} needs a `key`: the name under which an inventory declares it.")
        for built in form.base_fields.values():
            typed = isinstance(built, forms.CharField) and not built.widget.is_hidden
            if typed and refuse_cards not in built.validators:
                built.validators.append(refuse_cards)
            for validator in built.validators:
                if isinstance(validator, MaxLengthValidator):
                    validator.message = TOO_LONG
        return form


class DeclaredForm(forms.Form, metaclass=_DeclaredFormType):
    """A form whose class says `key`. Personal inputs are built by `declared_input`; any other
    input is declared in an inventory as not personal. Raises `UndeclaredField` when made with
    an input that is neither."""

    key = ""
    declared_form_base = True

    def __init__(self, *args: Any, **options: Any) -> None:
        for name, built in self.base_fields.items():
            self._refuse_undeclared(name, built)
        super().__init__(*args, **options)

    def __getitem__(self, name: str) -> forms.BoundField:
        """The input as it is shown and checked. One that was put in later is as undeclared as any
        other: raises `UndeclaredField`."""
        if name in self.fields:
            self._refuse_undeclared(name, self.fields[name])
        return super().__getitem__(name)

    def _refuse_undeclared(self, name: str, built: forms.Field) -> None:
        problem = input_problem(current(), self.key, name, field_of(built))
        if problem:
            raise UndeclaredField(
                clause="P04",
                field=f"input {self.key}.{name}",
                problem=problem,
                remedy="Run `upheld check`: it prints the lines to add.",
            )

    def full_clean(self) -> None:
        """Checks everything; a refused card number is dropped, so that no page repeats it."""
        super().full_clean()
        refused = [name for name in self.fields if self.has_error(name, "card_number")]
        if refused:
            data: Any = self.data
            data = data.copy()
            for name in refused:
                data[self.add_prefix(name)] = ""
            self.data = data


def input_problem(policy: Policy, form: str, name: str, field: str | None) -> str | None:
    """What is wrong with one input of a form; None where it is declared as it is built."""
    declared = policy.inventory.inputs.get((form, name))
    if declared is None:
        return "is not declared in any inventory"
    if field is not None and field not in policy.fields:
        return f"collects {field}, which the policy does not name"
    if declared.field != field:
        is_built = f"collects {field}" if field else "is an ordinary input"
        says = f"collects {declared.field}" if declared.field else "is not personal"
        return f"{is_built}, but its inventory says that it {says}"
    return None
