"""Start-up refuses settings under which purposes could not be enforced."""

from __future__ import annotations

from typing import Any

import pytest
from django import conf

from upheld.policy import current
from upheld.promises.purpose.check import check

FIRST = "upheld.promises.purpose.middleware.PurposeMiddleware"
pytestmark = pytest.mark.django_db


def test_this_store_may_start() -> None:
    assert check(current()) == []


def test_the_middleware_must_come_first(settings: Any) -> None:
    settings.MIDDLEWARE = settings.MIDDLEWARE[1:]
    assert [finding.clause for finding in check(current())] == ["P44"]
    settings.MIDDLEWARE = [settings.MIDDLEWARE[0], FIRST, *settings.MIDDLEWARE[1:]]
    assert [finding.clause for finding in check(current())] == ["P44"]
    settings.MIDDLEWARE = []
    assert "first in MIDDLEWARE" in check(current())[0].remedy


def test_another_sqlite_back_end_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    other = {"other": {"ENGINE": "django.db.backends.sqlite3"}}
    monkeypatch.setattr(conf.settings, "DATABASES", other)
    assert "'other' is opened without the purpose monitor" in check(current())[0].problem
