"""The demo's accounts: made once, printed at each start, good for signing in."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from tests.stories.staff import code_of
from upheld_store.customers.models import Customer
from upheld_store.site.demo_logins import CUSTOMER, OWNER, demo_logins

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def client() -> Client:
    return Client(HTTP_HOST="127.0.0.1:8000", HTTP_SEC_FETCH_SITE="same-origin")


@pytest.fixture
def printed(db: None) -> str:
    return demo_logins(NOW)


def _password(printed: str, email: str) -> str:
    found = re.search(rf"{email} +password (\S+)", printed)
    assert found
    return found[1]


def test_the_customer_signs_in(client: Client, printed: str) -> None:
    said = {"email": CUSTOMER, "password": _password(printed, CUSTOMER)}
    assert client.post("/account/login/", said).status_code == 302
    assert b"Ada Example" in client.get("/account/profile/").content


def test_the_owner_signs_in_with_the_second_factor(client: Client, printed: str) -> None:
    secret = re.search(r"secret (\w+)", printed)
    assert secret
    said = {"email": OWNER, "password": _password(printed, OWNER)}
    client.post("/account/login/?next=/staff/", said)
    assert client.get("/staff/").status_code == 302, "the password alone does not do"
    client.post("/account/login/code/", {"code": code_of(secret[1])})
    assert client.get("/staff/").status_code == 200


def test_each_start_prints_the_same_and_makes_nothing_twice(printed: str) -> None:
    assert demo_logins(NOW) == printed
    assert Customer.objects.count() == 2


def test_another_demo_has_other_passwords(printed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("upheld_store.site.demo_logins.lasting_key", lambda name: b"another's")
    assert _password(demo_logins(NOW), CUSTOMER) != _password(printed, CUSTOMER)
