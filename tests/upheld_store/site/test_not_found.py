"""A dead link is told apart from a mistyped page, and from no other dead link."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/downloads/x", "/downloads/a:b:c", "/orders/cut-off/", f"/orders/{'A' * 43}/"]
)
def test_a_dead_link_says_how_to_get_a_fresh_one(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 404
    assert "Find your order" in answer.content.decode().partition("<main")[2]
    assert answer.content == Client().get("/downloads/another").content


def test_any_other_address_is_just_no_page() -> None:
    answer = Client().get("/no-such-page/")
    assert answer.status_code == 404 and "There is no such page" in answer.content.decode()


def test_a_machine_gets_its_form() -> None:
    answer = Client().get(f"/orders/{'A' * 43}.json")
    assert answer["Content-Type"] == "application/problem+json"
