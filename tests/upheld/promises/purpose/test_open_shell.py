"""A purpose opened by hand is recorded first, with the reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection

from upheld.db import entry_point, in_force
from upheld.db.purpose import purpose_for_test
from upheld.ledger import LedgerEntry
from upheld.policy.errors import UndeclaredPurpose
from upheld.promises.purpose.models import PurposeOpening
from upheld.promises.purpose.open_shell import open_shell

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_it_opens_the_purpose_after_recording_it() -> None:
    with entry_point("command", "shell"):
        with open_shell("support", " ticket 1234 ", NOW):
            assert in_force() == "support"
        assert in_force() is None
    entry = LedgerEntry.objects.get(event="PurposeOpened")
    assert entry.facts == '{"command":"shell","purpose":"support"}'
    with purpose_for_test("oversee"):
        opening = PurposeOpening.objects.get()
    assert (opening.pk, opening.purpose, opening.reason) == (entry.index, "support", "ticket 1234")
    assert opening.opened_at == NOW


@pytest.mark.django_db(transaction=True)
def test_the_record_is_committed_before_anything_opens() -> None:
    with entry_point("command", "shell"), open_shell("support", "ticket 1234", NOW):
        assert not connection.in_atomic_block
        assert LedgerEntry.objects.filter(event="PurposeOpened").exists()


@pytest.mark.parametrize(
    ("name", "reason", "said"),
    [
        ("spy", "why", "is not in the policy"),
        ("take_payment", "why", "is not opened by hand"),
        ("support", "  ", "is opened only with a reason"),
        ("support", "x" * 501, "is opened only with a reason"),
    ],
)
def test_a_refusal_says_why_and_records_nothing(name: str, reason: str, said: str) -> None:
    refused = pytest.raises(UndeclaredPurpose, match=said)
    with entry_point("command", "shell"), refused as caught, open_shell(name, reason, NOW):
        pass
    assert "Remedy: " in str(caught.value)
    assert not LedgerEntry.objects.filter(event="PurposeOpened").exists()


@pytest.mark.sqlite_only
def test_only_the_shell_command_can_record_it() -> None:
    refused = pytest.raises(UndeclaredPurpose)
    with entry_point("route", "catalog:home"), refused, open_shell("support", "why", NOW):
        pass
    connection.needs_rollback = False  # the refusal dooms the test's own transaction too


@pytest.mark.sqlite_only
def test_the_reason_is_read_by_overseers_alone() -> None:
    refused = pytest.raises(UndeclaredPurpose, match=r"upheld_purpose_opening\.reason")
    shell = open_shell("support", "ticket 1234", NOW)
    with entry_point("command", "shell"), shell, refused:
        PurposeOpening.objects.get()
    connection.needs_rollback = False
    with entry_point("route", "catalog:home"):
        assert PurposeOpening.objects.values_list("purpose").get() == ("support",)
