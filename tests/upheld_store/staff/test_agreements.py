"""Staff see who receives data, and are warned before an agreement runs out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.upheld_store.staff import desk
from upheld import start
from upheld.policy import current, install
from upheld.policy.model import Agreement

pytestmark = pytest.mark.django_db


@pytest.fixture
def _policy_back() -> Iterator[None]:
    policy = current()
    yield
    install(policy)


def lasting(days: int) -> None:
    today = datetime.now(UTC).date()
    recipients = dict(current().recipients)
    agreement = Agreement(date(2026, 1, 1), today + timedelta(days=days), date(2026, 1, 1))
    recipients["mail_relay"] = dataclasses.replace(recipients["mail_relay"], agreement=agreement)
    install(dataclasses.replace(current(), recipients=recipients))


@pytest.mark.usefixtures("_policy_back")
@pytest.mark.parametrize(
    ("days", "says"),
    [(400, None), (30, None), (29, "30 days from now"), (0, "1 day from now"), (-1, "ended on")],
)
def test_a_warning_thirty_days_ahead(days: int, says: str | None) -> None:
    lasting(days)
    _, browser = desk.member("privacy_officer")
    page = browser.get("/staff/promises/").content.decode()
    assert "the mail server that carries our letters to you" in page and "processor" in page
    assert ('role="alert"' in page) == (says is not None)
    assert says is None or says in page
    assert any("(P24)" in note for note in start.notes()) == (says is not None)
