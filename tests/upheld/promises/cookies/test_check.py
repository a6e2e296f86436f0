"""What could set an undeclared cookie stops the start."""

import pytest
from pytest_django import Settings

from upheld.policy import current
from upheld.promises.cookies.check import GATE, WRITES, check


def test_the_store_as_it_stands_may_start() -> None:
    assert check(current()) == []


@pytest.mark.parametrize("name", [GATE, WRITES])
def test_a_missing_gate_is_named(settings: Settings, name: str) -> None:
    settings.MIDDLEWARE = [entry for entry in settings.MIDDLEWARE if entry != name]
    (finding,) = check(current())
    assert name in finding.problem and finding.clause == "P12"


@pytest.mark.parametrize(
    ("name", "cookie"),
    [
        ("django.contrib.sessions.middleware.SessionMiddleware", "sessionid"),
        ("django.middleware.csrf.CsrfViewMiddleware", "csrftoken"),
        ("django.middleware.locale.LocaleMiddleware", "django_language"),
        ("django.contrib.messages.middleware.MessageMiddleware", "messages"),
    ],
)
def test_a_setter_without_its_declaration_is_named(
    settings: Settings, name: str, cookie: str
) -> None:
    settings.SESSION_COOKIE_NAME = "sessionid"
    settings.MESSAGE_STORAGE = "django.contrib.messages.storage.fallback.FallbackStorage"
    settings.MIDDLEWARE = [*(gate for gate in settings.MIDDLEWARE if "upheld" in gate), name]
    (finding,) = check(current())
    assert cookie in finding.problem and f"[cookies.{cookie}]" in finding.remedy


def test_messages_that_stand_in_the_session_need_no_cookie(settings: Settings) -> None:
    settings.MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
    name = "django.contrib.messages.middleware.MessageMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, name]
    assert check(current()) == []


def test_whatever_stands_before_the_gate_is_named(settings: Settings) -> None:
    settings.MIDDLEWARE = ["plugin.middleware.Tracker", *settings.MIDDLEWARE]
    (finding,) = check(current())
    assert "plugin.middleware.Tracker" in finding.problem and "below" in finding.remedy
