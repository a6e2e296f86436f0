"""Inputs built from declarations: what is asked, how it is checked, how a browser fills it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from upheld.policy import current

# Characters that reorder what follows them: a name could read as something else in a mail.
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})


class CleanText(forms.CharField):
    """Text in one spelling (NFC), without characters that break a line or a mail header."""

    default_error_messages = {
        "characters": "This holds a character that cannot be typed here, such as a line break."
    }

    def __init__(self, *, lines: bool = False, **options: Any) -> None:
        self.lines = lines
        if lines:
            options.setdefault("widget", forms.Textarea)
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        if self.lines:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if any(self._is_refused(character) for character in text):
            raise ValidationError(self.error_messages["characters"], code="characters")
        return unicodedata.normalize("NFC", text)

    def _is_refused(self, character: str) -> bool:
        if self.lines and character in "\n\t":
            return False
        return character in _REORDERING or unicodedata.category(character) in _REFUSED_CATEGORIES


@dataclass(frozen=True, slots=True)
class _Shape:
    """How one category of data is asked for."""

    autocomplete: str
    length_max: int
    input_type: str = "text"
    lines: bool = False


# The category, or the beginning of one → its shape. The longest match decides.
_SHAPES = {
    "user.contact.email": _Shape("email", 254, "email"),
    "user.contact.phone_number": _Shape("tel", 40, "tel"),
    "user.contact.url": _Shape("url", 300, "url"),
    "user.contact.organization": _Shape("organization", 200),
    "user.contact.address.street": _Shape("street-address", 200),
    "user.contact.address.city": _Shape("address-level2", 100),
    "user.contact.address.state": _Shape("address-level1", 100),
    "user.contact.address.postal_code": _Shape("postal-code", 20),
    "user.contact.address.country": _Shape("country", 2),
    "user.name": _Shape("name", 200),
    "user.demographic.age_range": _Shape("bday-year", 4, "text"),
    "user.demographic.date_of_birth": _Shape("bday", 10),
    "user.account.username": _Shape("username", 150),
    "user.content": _Shape("off", 4000, lines=True),
}
_OTHER = _Shape("off", 200)


def _shape(category: str) -> _Shape:
    matches = [name for name in _SHAPES if f"{category}.".startswith(f"{name}.")]
    return _SHAPES[max(matches, key=len)] if matches else _OTHER


def declared_input(
    field: str,
    *,
    kind: type[forms.Field] | None = None,
    autocomplete: str | None = None,
    **options: Any,
) -> Any:
    """A form input that collects the declared `field`: validation, length, input type and
    `autocomplete` follow the field's category. `kind` is for what is not text
    (`forms.IntegerField` for a year). An undeclared field yields an input that its form refuses
    to show: see `DeclaredForm`. Typed as Any because a form's attribute is."""
    declared = current().fields.get(field)
    shape = _shape(declared.category) if declared else _OTHER
    built = _text_input(shape, options) if kind is None else kind(**options)
    built.widget.attrs.setdefault("autocomplete", autocomplete or shape.autocomplete)
    built.upheld_field = field  # type: ignore[attr-defined]  # what makes it a declared input
    return built


def _text_input(shape: _Shape, options: dict[str, Any]) -> forms.Field:
    options.setdefault("max_length", shape.length_max)
    built: forms.Field
    if shape.input_type == "email":
        built = forms.EmailField(**options)
    else:
        built = CleanText(lines=shape.lines, **options)
    if isinstance(built.widget, forms.TextInput) and shape.input_type != "text":
        built.widget.input_type = shape.input_type
    return built


def field_of(built: forms.Field) -> str | None:
    """The declared field an input collects; None for an input that is not personal."""
    return getattr(built, "upheld_field", None)
