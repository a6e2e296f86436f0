"""The age question: free entry, nothing suggested, nothing that tells which answer opens."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from upheld.promises.age.birth import NOT_SETTLED, Settled, settle
from upheld.promises.collection import DeclaredForm, declared_input

FIELD = "visitor.birth_date"
_OLDEST_YEARS = 125
# ASCII alone: int() would take digits of every script, and signs, blanks and underscores.
_YEAR = re.compile(r"\d{4}", re.ASCII)
_MONTH_OR_DAY = re.compile(r"\d{1,2}", re.ASCII)


def _number(name: str, label: str, *, required: bool) -> Any:
    # Room for more than fits, so that our own sentence answers and not one about characters.
    return declared_input(
        FIELD,
        label=label,
        required=required,
        max_length=40,
        autocomplete=name,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "6"}),
    )


class AgeQuestion(DeclaredForm):
    """The year first; month and day are shown only where the year does not settle it."""

    key = "age_question"

    birth_year = _number("bday-year", "Year of birth", required=True)
    birth_month = _number("bday-month", "Month of birth, as a number", required=False)
    birth_day = _number("bday-day", "Day of birth", required=False)

    def __init__(self, *args: Any, today: date, **options: Any) -> None:
        self.today = today
        super().__init__(*args, **options)
        self.fields["birth_year"].error_messages["required"] = self._year_sentence()

    def clean_birth_year(self) -> int:
        typed = self.cleaned_data["birth_year"]
        oldest = self.today.year - _OLDEST_YEARS
        if not _YEAR.fullmatch(typed) or not oldest <= int(typed) <= self.today.year:
            raise ValidationError(self._year_sentence(), code="year")
        return int(typed)

    def clean_birth_month(self) -> int | None:
        return self._within("birth_month", 12, "Type the month as a number from 1 to 12.")

    def clean_birth_day(self) -> int | None:
        return self._within("birth_day", 31, "Type the day as a number from 1 to 31.")

    def clean(self) -> dict[str, Any]:
        """A day that its month has."""
        given = super().clean() or self.cleaned_data
        year, month, day = (given.get(f"birth_{part}") for part in ("year", "month", "day"))
        if year and month and day and day > calendar.monthrange(year, month)[1]:
            self.add_error("birth_day", "That month has no such day. Please look at both again.")
        return given

    def settled(self, minimum_years: int) -> Settled:
        """What a valid answer says; a month or a day still missing leaves it open."""
        return settle(
            self.cleaned_data["birth_year"],
            self.cleaned_data["birth_month"],
            self.cleaned_data["birth_day"],
            minimum_years=minimum_years,
            today=self.today,
        )

    def asks_for_more(self, minimum_years: int) -> bool:
        """Whether the page shows month and day: the year alone does not settle it."""
        year = getattr(self, "cleaned_data", {}).get("birth_year")
        if year is None:
            return False
        alone = settle(year, None, None, minimum_years=minimum_years, today=self.today)
        return alone == NOT_SETTLED

    def _year_sentence(self) -> str:
        oldest = self.today.year - _OLDEST_YEARS
        return f"Type the year with four digits, from {oldest} to {self.today.year}."

    def _within(self, name: str, highest: int, sentence: str) -> int | None:
        typed = self.cleaned_data[name]
        if typed == "":
            return None
        if not _MONTH_OR_DAY.fullmatch(typed) or not 1 <= int(typed) <= highest:
            raise ValidationError(sentence, code="range")
        return int(typed)
