"""Encryption, our own host and strict headers, on every answer."""

import pytest
from django.test import RequestFactory, override_settings
from pytest_django import Settings

from upheld.policy import current
from upheld.promises.transport.middleware import STRICT_HEADERS
from upheld.promises.transport.visits import Visitor, without_error_log

PUBLIC = "https://shop.example.com"
pytestmark = pytest.mark.urls("tests.upheld.promises.transport.site")


@pytest.fixture
def public_origin(settings: Settings) -> None:
    settings.UPHELD_ORIGIN = PUBLIC
    settings.ALLOWED_HOSTS = ["shop.example.com"]


def in_the_clear(method: str, path: str, **meta: str) -> object:
    """A request whose connection is not encrypted, though the origin is."""
    request = RequestFactory().generic(method, path, HTTP_HOST="shop.example.com", **meta)
    return Visitor().handler.get_response(request)


@pytest.mark.parametrize("path", ["/", "/personal/", "/none/", "/failing/"])
def test_every_answer_is_strict(path: str) -> None:
    with without_error_log():
        visit = Visitor().get(path)
    for name, value in STRICT_HEADERS.items():
        assert visit.headers[name.lower()] == value
    assert "content-security-policy" in visit.headers
    assert "strict-transport-security" not in visit.headers


def test_only_public_pages_may_be_kept() -> None:
    assert Visitor().get("/").headers["cache-control"] == "public, max-age=60"
    for path in ("/personal/", "/none/"):
        assert Visitor().get(path).headers["cache-control"] == "no-store"


def test_another_host_gets_a_sentence() -> None:
    visit = Visitor().get("/personal/", host="evil.example.com")
    assert visit.status == 400
    assert "not our address" in visit.text and "evil" not in visit.text
    assert visit.headers["x-frame-options"] == "DENY"


def test_a_forwarded_host_is_ignored() -> None:
    assert Visitor().get("/personal/", x_forwarded_host="evil.example.com").status == 200


@pytest.mark.usefixtures("public_origin")
def test_a_page_in_the_clear_is_redirected_to_our_own_origin() -> None:
    response = in_the_clear("GET", "/personal/?a=1")
    assert (response.status_code, response["Location"]) == (308, f"{PUBLIC}/personal/?a=1")
    elsewhere = in_the_clear("GET", "//evil.example.com/")
    assert elsewhere["Location"].startswith(f"{PUBLIC}/")


@pytest.mark.usefixtures("public_origin")
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_form_in_the_clear_is_refused_unread(method: str) -> None:
    response = in_the_clear(method, "/personal/", HTTP_SEC_FETCH_SITE="same-origin")
    assert response.status_code == 403
    assert "without encryption" in response.content.decode()
    assert f"{PUBLIC}/personal/" in response.content.decode()


@pytest.mark.usefixtures("public_origin")
def test_over_tls_it_is_taken_and_the_browser_told_to_stay() -> None:
    visit = Visitor().post("/personal/", {})
    assert visit.status == 200
    seconds = current().hsts_days * 86400
    assert visit.headers["strict-transport-security"] == f"max-age={seconds}"


@pytest.mark.usefixtures("public_origin")
def test_only_a_declared_proxy_says_that_it_was_encrypted(
    settings: Settings,
) -> None:
    said = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_SEC_FETCH_SITE": "same-origin"}
    assert in_the_clear("POST", "/personal/", **said).status_code == 403
    settings.UPHELD_TRUSTED_PROXIES = ("10.1.0.0/16", "127.0.0.1")
    assert in_the_clear("POST", "/personal/", **said).status_code == 200
    plain = said | {"HTTP_X_FORWARDED_PROTO": "https, http"}
    assert in_the_clear("POST", "/personal/", **plain).status_code == 403
    for stranger in ("192.0.2.1", "", "not an address"):
        response = in_the_clear("POST", "/personal/", REMOTE_ADDR=stranger, **said)
        assert response.status_code == 403


def test_without_encryption_a_public_http_origin_serves_nothing() -> None:
    with override_settings(
        UPHELD_ORIGIN="http://shop.example.com", ALLOWED_HOSTS=["shop.example.com"]
    ):
        assert Visitor().get("/personal/").status == 403


def test_a_machine_gets_a_problem() -> None:
    visit = Visitor().get("/", host="evil.example.com", accept="application/json")
    assert visit.headers["content-type"] == "application/problem+json"
