"""No cookie leaves but as declared; no other site writes in a visitor's name."""

from collections.abc import Callable

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from upheld.policy import current
from upheld.policy.errors import UndeclaredCookie
from upheld.promises.cookies import middleware, set_cookie
from upheld.promises.cookies.middleware import CookieGate
from upheld.promises.transport.visits import Visit, Visitor, cookie_header, without_error_log

pytestmark = pytest.mark.urls("tests.upheld.promises.cookies.site")
PROPER = {"path": "/", "httponly": True, "samesite": "Lax"}


def through_the_gate(dress: Callable[[HttpResponse], None]) -> HttpResponse:
    def view(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("page")
        dress(response)
        return response

    answer = CookieGate(view)(RequestFactory().get("/"))
    assert isinstance(answer, HttpResponse)
    return answer


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("visitor", PROPER),
        ("sessionid", PROPER | {"max_age": 60}),
        ("__Host-cart", PROPER | {"max_age": 60, "secure": True}),
        ("cart", PROPER | {"max_age": 14 * 86400 + 1}),
        ("cart", PROPER),
        ("cart", PROPER | {"expires": "Fri, 01 Jan 2027 00:00:00 GMT"}),
        ("cart", PROPER | {"max_age": 60, "httponly": False}),
        ("cart", PROPER | {"max_age": 0, "httponly": False}),  # a value is no removal
        ("cart", PROPER | {"max_age": 60, "samesite": "None"}),
        ("cart", PROPER | {"max_age": 60, "samesite": None}),
        ("cart", PROPER | {"max_age": 60, "path": "/cart/"}),
        ("cart", PROPER | {"max_age": 60, "domain": "example.com"}),
        ("age", PROPER | {"max_age": 60}),
    ],
)
def test_what_is_not_as_declared_does_not_leave(name: str, flags: dict[str, object]) -> None:
    with pytest.raises(UndeclaredCookie):
        through_the_gate(lambda response: response.set_cookie(name, "x", **flags))  # type: ignore[arg-type]


def test_a_raw_header_does_not_leave() -> None:
    with pytest.raises(UndeclaredCookie, match="raw header"):
        through_the_gate(lambda r: r.__setitem__("Set-Cookie", "cart=x; Path=/"))


def test_without_secure_it_does_not_leave_a_public_origin(settings: Settings) -> None:
    settings.UPHELD_ORIGIN = "https://shop.example.com"
    for name, flags in (("cart", PROPER), ("__Host-cart", PROPER)):
        with pytest.raises(UndeclaredCookie):
            through_the_gate(lambda r, n=name, f=flags: r.set_cookie(n, "x", max_age=60, **f))  # type: ignore[misc]
    proper = PROPER | {"secure": True, "max_age": 60}
    answer = through_the_gate(lambda r: r.set_cookie("__Host-cart", "x", **proper))  # type: ignore[arg-type]
    assert "__Host-cart" in answer.cookies


def test_what_is_as_declared_leaves_and_may_be_removed() -> None:
    request = RequestFactory().get("/")
    assert through_the_gate(lambda r: set_cookie(r, request, "cart", "x")).cookies
    assert through_the_gate(lambda r: r.delete_cookie("cart", samesite="Lax")).cookies


def test_the_visitor_gets_a_plain_error_and_no_cookie() -> None:
    with without_error_log():
        visit = Visitor().get("/tracking/")
    assert visit.status == 500 and not visit.set_cookies
    assert "tracked" not in visit.text


def test_the_cart_survives_from_visit_to_visit() -> None:
    given = Visitor().post("/cart/", {})
    assert Visitor().get("/cart/", cookie=cookie_header(given.set_cookies)).text == "full"
    emptied = Visitor().get("/empty/", cookie=cookie_header(given.set_cookies))
    assert emptied.status == 200 and "Max-Age=0" in emptied.set_cookies[0]


def write(path: str = "/cart/", **headers: str) -> Visit:
    """A POST with exactly these of the two headers that tell where it comes from."""
    visitor = Visitor()
    return visitor.send("POST", path, b"a=b", headers)


OWN, OTHER = "http://127.0.0.1:8000", "https://evil.example.com"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec_fetch_site": "same-origin"}, 200),
        ({"sec_fetch_site": "same-origin", "origin": OWN}, 200),
        ({"sec_fetch_site": "same-origin", "origin": "null"}, 200),
        ({"sec_fetch_site": "none"}, 200),
        ({"origin": OWN}, 200),
        ({"host": "localhost:8000", "origin": "http://localhost:8000"}, 200),
        ({}, 403),
        ({"origin": "null"}, 403),
        ({"origin": OTHER}, 403),
        ({"origin": "http://127.0.0.1:8001"}, 403),
        ({"origin": "https://127.0.0.1:8000"}, 403),
        ({"origin": "http://localhost:8000"}, 403),
        ({"origin": ""}, 403),
        ({"origin": "http://[::1"}, 403),
        ({"sec_fetch_site": "cross-site", "origin": OWN}, 403),
        ({"sec_fetch_site": "same-site", "origin": OWN}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-origin", "origin": OTHER}, 403),
        ({"sec_fetch_site": ""}, 403),
        ({"referer": f"{OWN}/"}, 403),
    ],
)
def test_who_may_write(headers: dict[str, str], status: int) -> None:
    visit = write(**headers)
    assert visit.status == status
    assert bool(visit.set_cookies) is (status == 200)
    if status == 403:
        assert "did not come from a page of ours" in visit.text


def test_reading_asks_nothing() -> None:
    assert Visitor().get("/cart/", sec_fetch_site="cross-site").status == 200


def test_a_declared_route_takes_writes_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert write("/hook/").status == 403

    class Excepting:
        """A policy whose inventory excepts one route."""

        cookies = current().cookies
        hsts_days = current().hsts_days

        class inventory:
            cross_site_routes = {"hook": "The authority is in a signature."}

    monkeypatch.setattr(middleware, "current", lambda: Excepting)
    assert write("/hook/").status == 200
    assert write("/cart/").status == 403
    assert write("/nowhere/").status == 403


def test_the_stores_own_exceptions_are_routes_with_a_reason() -> None:
    assert all(current().inventory.cross_site_routes.values())
