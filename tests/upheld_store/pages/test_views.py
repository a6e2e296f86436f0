"""Terms, contact and the owner's pages as a visitor gets them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from upheld.policy import current
from upheld.web.public import is_public
from upheld_store.pages import views

pytestmark = pytest.mark.django_db


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    assert not response.cookies
    return response.content.decode()


def test_the_terms_show_their_version(client: Client) -> None:
    text = text_of(client, "/terms/")
    assert "Terms and conditions" in text and "Version 1, in force since" in text
    assert "14 days" in text


def test_the_contact_page_is_the_policys_controller(client: Client) -> None:
    text, controller = text_of(client, "/contact/"), current().controller
    for fact in (controller.name, controller.site, controller.address, controller.email,
                 controller.phone):  # fmt: skip
        assert fact in text


def test_the_owners_page_stands_and_is_listed_in_the_foot(client: Client) -> None:
    assert "Larkfield Software is two people" in text_of(client, "/pages/about/")
    assert 'href="/pages/about/"' in text_of(client, "/terms/")


@pytest.mark.parametrize("path", ["/pages/nowhere/", "/pages/terms/", "/pages/..%2Fstore/"])
def test_what_is_no_page_is_404(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_store_without_terms_links_to_none(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.UPHELD_STORE = tmp_path
    assert client.get("/terms/").status_code == 404
    assert "/terms/" not in text_of(client, "/contact/")


def test_every_page_is_public() -> None:
    assert all(is_public(view) for view in (views.terms, views.contact, views.owner_page))
