"""An input for a whole number, as strict as a price deserves."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

_DIGITS = re.compile(r"[0-9]{1,18}")


class WholeNumber(forms.Field):
    """Plain digits from 0 to `most`. Signs, fractions, exponents and the digits of other
    scripts, which Python's own `int` would take, are refused with one sentence."""

    widget = forms.NumberInput

    def __init__(self, *, most: int, problem: str, **options: Any) -> None:
        self.most, self.problem = most, problem
        options.setdefault("error_messages", {"required": problem})
        super().__init__(**options)

    def to_python(self, value: Any) -> int | None:
        """The number. Raises `ValidationError` with the field's own sentence."""
        text = str(value or "").strip(" ")
        if not text:
            return None
        if not _DIGITS.fullmatch(text) or int(text) > self.most:
            raise ValidationError(self.problem, code="number")
        return int(text)
