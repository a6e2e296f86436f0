"""A customer without a browser: the same requests, and the code out of the letter."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from tests.upheld_store.buyer import OWN
from upheld.db.purpose import purpose_for_test
from upheld_store.customers.mails import render_code
from upheld_store.customers.models import AccountLetter

PASSWORD = "a calm heron at dusk"
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@dataclass
class Visitor:
    """One browser, past the age question."""

    client: Client = field(default_factory=lambda: Client(**OWN))

    def __post_init__(self) -> None:
        self.client.cookies["age"] = "old_enough"

    def ask(self, email: str, password: str = PASSWORD) -> Any:
        """Hand in the form that opens an account."""
        return self.client.post("/account/register/", {"email": email, "password": password})

    def register(self, email: str, password: str = PASSWORD) -> None:
        """Everything, the code from the letter included."""
        page = self.ask(email, password)["Location"]
        answer = self.client.post(page, {"code": code_at(page)})
        assert (answer.status_code, answer["Location"]) == (302, "/account/"), answer.content

    def sign_in(self, email: str, password: str = PASSWORD) -> Any:
        """Address and password."""
        return self.client.post("/account/login/", {"email": email, "password": password})

    def is_signed_in(self) -> bool:
        """Whether the control panel answers."""
        return bool(self.client.get("/account/").status_code == 200)


def letter_at(page: str) -> AccountLetter:
    """The letter whose code a page asks for."""
    return AccountLetter.objects.get(pk=uuid.UUID(page.rstrip("/").rsplit("/", 1)[1]))


def code_at(page: str) -> str:
    """The code, as its letter tells it."""
    letter = letter_at(page)
    with purpose_for_test("manage_account"):
        text = render_code(str(letter.pk), NOW).text
    assert letter.code() in text, text
    return letter.code()
