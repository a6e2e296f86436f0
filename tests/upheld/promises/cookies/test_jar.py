"""Cookies have the policy's lifetime and our flags, and no other name is known."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from upheld.policy.errors import UndeclaredCookie
from upheld.promises.cookies import delete_cookie, read_cookie, set_cookie


def test_on_a_plain_loopback_origin() -> None:
    response = HttpResponse()
    set_cookie(response, RequestFactory().get("/"), "cart", "x")
    morsel = response.cookies["cart"]
    assert morsel.value == "x" and morsel["max-age"] == 14 * 86400
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Lax", "/")
    assert not morsel["secure"] and not morsel["domain"]


def test_everywhere_else_it_is_bound_to_host_and_tls(settings: Settings) -> None:
    settings.UPHELD_ORIGIN = "https://shop.example.com"
    response, request = HttpResponse(), RequestFactory().get("/")
    set_cookie(response, request, "cart", "x")
    assert response.cookies["__Host-cart"]["secure"] is True
    request.COOKIES = {"cart": "forged without the prefix", "__Host-cart": "ours"}
    assert read_cookie(request, "cart") == "ours"


def test_a_session_cookie_has_no_lifetime() -> None:
    response = HttpResponse()
    set_cookie(response, RequestFactory().get("/"), "age", "old_enough")
    assert response.cookies["age"]["max-age"] == "" == response.cookies["age"]["expires"]


def test_only_a_cookie_that_is_there_is_removed() -> None:
    response, request = HttpResponse(), RequestFactory().get("/")
    delete_cookie(response, request, "cart")
    assert not response.cookies
    request.COOKIES = {"cart": "x"}
    delete_cookie(response, request, "cart")
    assert response.cookies["cart"]["max-age"] == 0


def test_no_other_name_is_known() -> None:
    response, request = HttpResponse(), RequestFactory().get("/")
    with pytest.raises(UndeclaredCookie, match=r"\[cookies\.visitor\]"):
        set_cookie(response, request, "visitor", "42")
    with pytest.raises(UndeclaredCookie):
        read_cookie(request, "visitor")
    with pytest.raises(UndeclaredCookie):
        delete_cookie(response, request, "visitor")


def test_a_value_that_browsers_would_drop_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than"):
        set_cookie(HttpResponse(), RequestFactory().get("/"), "cart", "x" * 4000)
