"""What every page knows of the store, and what it must not repeat."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from upheld.web.public import public
from upheld_store.site.context import site


def page(request: HttpRequest) -> HttpResponse:
    """A page of somebody's."""
    return HttpResponse()


def facts(path: str, view: Callable[..., HttpResponse] | None) -> dict[str, Any]:
    request = RequestFactory().get(path)
    request.resolver_match = view and SimpleNamespace(func=view, view_name="")  # type: ignore[assignment]
    found: dict[str, Any] = site(request)["site"]
    return found


def test_a_public_page_names_its_own_address() -> None:
    known = facts("/products/?q=lamp", public(seconds=60)(page))
    assert known["canonical"] == "http://127.0.0.1:8000/products/"


@pytest.mark.parametrize("view", [page, None])
def test_the_address_of_a_personal_page_is_not_repeated(view: Any) -> None:
    assert facts("/orders/secret-token/", view)["canonical"] is None


def test_the_owners_folder_gives_logo_icon_tokens_and_pages() -> None:
    known = facts("/", page)
    look = known["look"]
    assert look.logo == "theme/logo.svg" and look.tokens == "theme/tokens.css"
    assert [p.slug for p in look.pages] == ["about"] and look.has_terms


def test_a_bare_folder_is_enough(settings: Any, tmp_path: Path) -> None:
    settings.UPHELD_STORE = tmp_path
    look = facts("/", page)["look"]
    assert look.logo is None and look.tokens is None and not look.pages
    assert look.icon == "site/icon.svg"
