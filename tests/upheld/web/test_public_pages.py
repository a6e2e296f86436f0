"""A public view cannot know who asks, and cannot tell visitors apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client, RequestFactory

from upheld.policy.errors import UndeclaredCookie
from upheld.web.middleware import PUBLIC_SECONDS, PublicPages, from_nobody
from upheld.web.public import is_public, public

SOMEONE = {
    "HTTP_COOKIE": "cart=secret; sessionid=abc", "REMOTE_ADDR": "203.0.113.9",
    "HTTP_X_FORWARDED_FOR": "203.0.113.9", "HTTP_USER_AGENT": "Mozilla/5.0",
    "HTTP_REFERER": "https://elsewhere.example.com/", "HTTP_ACCEPT_LANGUAGE": "de",
    "HTTP_AUTHORIZATION": "Bearer secret", "HTTP_SEC_GPC": "1", "HTTP_DNT": "1",
    "HTTP_HOST": "other.example.com", "HTTP_ETAG": "x", "REMOTE_USER": "anna",
}  # fmt: skip


def through(view: Callable[..., HttpResponse], request: HttpRequest) -> HttpResponseBase:
    """As Django does it: the middleware around the view, its `process_view` before it."""

    def resolved(asked: HttpRequest) -> HttpResponseBase:
        return pages.process_view(asked, view, (), {}) or view(asked)

    pages = PublicPages(resolved)
    return pages(request)


def asked(path: str = "/products/?category=tools", **more: str) -> HttpRequest:
    request = RequestFactory().get(path, **(SOMEONE | more))
    request.resolver_match = None
    return request


def test_a_public_view_sees_nobody() -> None:
    seen: list[HttpRequest] = []

    @public(seconds=60)
    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse("a")

    through(view, asked())
    (request,) = seen
    assert request.COOKIES == {} and not hasattr(request, "session")
    assert not hasattr(request, "user") and request.body == b""
    assert request.get_host() == "127.0.0.1:8000" and request.GET["category"] == "tools"
    said = repr(request.META) + repr(request.headers)
    assert [word for word in SOMEONE.values() if len(word) > 2 and word in said] == []


def test_another_view_sees_its_visitor() -> None:
    """The negative control: without the mark nothing is taken away."""
    seen: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse("a")

    answer = through(view, asked())
    assert seen[0].COOKIES["cart"] == "secret" and "ETag" not in answer
    assert PUBLIC_SECONDS not in seen[0].META


def test_the_path_survives_whatever_its_letters() -> None:
    request = from_nobody(asked("/pages/%C3%BCber-uns/?a=%C3%BC"))
    assert request.path == "/pages/über-uns/" and request.GET["a"] == "ü"


@public(seconds=30)
def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the same for everyone")


def test_a_page_has_a_tag_and_a_lifetime() -> None:
    request = asked()
    answer = through(plain, request)
    assert answer["Cache-Control"] == "public, max-age=30" and answer["ETag"].startswith('W/"')
    assert request.META[PUBLIC_SECONDS] == 30
    again = through(plain, asked(HTTP_IF_NONE_MATCH=answer["ETag"]))
    assert again.status_code == 304 and again["ETag"] == answer["ETag"]


def test_an_error_of_a_public_view_is_kept_nowhere() -> None:
    @public(seconds=30)
    def refused(request: HttpRequest) -> HttpResponse:
        return HttpResponse("no", status=400)

    request = asked()
    answer = through(refused, request)
    assert "ETag" not in answer and "Cache-Control" not in answer
    assert PUBLIC_SECONDS not in request.META


def _sets_cookie(response: HttpResponse) -> None:
    response.cookies["a"] = "b"


def _varies(response: HttpResponse) -> None:
    response["Vary"] = "Accept-Encoding, Cookie"


@pytest.mark.parametrize("tell_apart", [_sets_cookie, _varies])
def test_a_page_that_tells_visitors_apart_is_refused(tell_apart: Any) -> None:
    @public(seconds=30)
    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("a")
        tell_apart(response)
        return response

    with pytest.raises(UndeclaredCookie, match="tell visitors"):
        through(view, asked())


def test_the_mark_can_be_read_and_lasts_a_second_at_least() -> None:
    assert is_public(plain) and not is_public(_varies)
    with pytest.raises(ValueError, match="one second"):
        public(seconds=0)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/products/", "/privacy/", "/privacy/promises/",
                                  "/privacy/promises.json"])  # fmt: skip
def test_the_bytes_are_the_same_for_two_visitors(path: str) -> None:
    one = Client(HTTP_HOST="127.0.0.1:8000").get(path)
    other = Client(**(SOMEONE | {"HTTP_HOST": "127.0.0.1:8000"})).get(path)
    assert one.status_code == other.status_code == 200
    assert one.content == other.content and one["ETag"] == other["ETag"]
    assert not one.cookies and not other.cookies
