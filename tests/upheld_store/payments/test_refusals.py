"""Refused webhooks leave one line a minute, and nothing of what they hold."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from upheld_store.payments.refusals import log_refusal


def test_one_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    start = datetime(2026, 12, 1, tzinfo=UTC)
    with caplog.at_level(logging.WARNING, logger="upheld.payments"):
        for second in range(0, 121, 10):
            log_refusal("test_one_line", "too old", start + timedelta(seconds=second))
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["refused a webhook of test_one_line: too old"] * 3
