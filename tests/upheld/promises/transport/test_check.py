"""Settings under which data could travel in the clear stop the start."""

import pytest
from pytest_django import Settings

from upheld.policy import current
from upheld.promises.transport.check import GATE, check


def test_the_store_as_it_stands_may_start() -> None:
    assert check(current()) == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("UPHELD_ORIGIN", "http://shop.example.com", "in the clear"),
        ("UPHELD_TRUSTED_PROXIES", ("proxy.example.com",), "no address"),
        ("USE_X_FORWARDED_HOST", True, "host or scheme"),
        ("SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO", "https"), "host or scheme"),
        ("ALLOWED_HOSTS", ["*"], "host or scheme"),
    ],
)
def test_each_danger_is_named(settings: Settings, name: str, value: object, words: str) -> None:
    setattr(settings, name, value)
    (finding,) = check(current())
    assert words in finding.problem and finding.remedy and finding.clause == "P18"


def test_a_missing_gate_is_named(settings: Settings) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != GATE]
    assert "not installed" in check(current())[0].problem


def test_an_encrypted_loopback_origin_may_start(settings: Settings) -> None:
    settings.UPHELD_ORIGIN = "https://127.0.0.1:8443"
    assert check(current()) == []
