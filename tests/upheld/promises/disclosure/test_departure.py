"""Nothing leaves on a row that is not committed, not there, or not what it says."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import transaction

from tests.upheld.promises.disclosure.conftest import Bend
from upheld.policy import current
from upheld.policy.errors import UndeclaredDisclosure
from upheld.promises.disclosure import Disclosure, disclose
from upheld.promises.disclosure.departure import may_leave

NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
HOST = "127.0.0.1"

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("deliver_order")]


@pytest.fixture
def row() -> Disclosure:
    return disclose(
        "mail_relay",
        subject=UUID(int=1),
        fields=("order.email",),
        purpose="deliver_order",
        now=NOW,
    )


def test_a_recorded_disclosure_may_leave(row: Disclosure) -> None:
    assert may_leave(row, HOST) is current().recipients["mail_relay"]
    assert may_leave(Disclosure.objects.get(pk=row.pk), HOST)


@pytest.mark.django_db(transaction=True)
def test_nothing_leaves_while_the_record_could_be_rolled_back() -> None:
    with transaction.atomic():
        row = disclose(
            "mail_relay",
            subject=UUID(int=1),
            fields=("order.email",),
            purpose="deliver_order",
            now=NOW,
        )
        with pytest.raises(UndeclaredDisclosure, match="transaction is open"):
            may_leave(row, HOST)
        with transaction.atomic(), pytest.raises(UndeclaredDisclosure, match="transaction is open"):
            may_leave(row, HOST)
    assert may_leave(row, HOST)


@pytest.mark.django_db(transaction=True)
def test_a_record_that_was_rolled_back_is_no_record() -> None:
    with transaction.atomic():
        row = disclose(
            "mail_relay",
            subject=UUID(int=1),
            fields=("order.email",),
            purpose="deliver_order",
            now=NOW,
        )
        transaction.set_rollback(True)
    with pytest.raises(UndeclaredDisclosure, match="no recorded disclosure"):
        may_leave(row, HOST)


def test_a_forged_one_is_refused(row: Disclosure) -> None:
    facts = {
        "subject_id": row.subject_id,
        "recipient": "mail_relay",
        "fields": ["order.email"],
        "purpose": "deliver_order",
        "policy_version": 1,
        "at": NOW,
    }
    for forged in (Disclosure(**facts), Disclosure(pk=row.pk + 1000, **facts)):
        with pytest.raises(UndeclaredDisclosure, match="no recorded disclosure"):
            may_leave(forged, HOST)
    with pytest.raises(UndeclaredDisclosure, match="needs a Disclosure"):
        may_leave("mail_relay", HOST)  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("recipient", "gateway"),
        ("fields", ["order.email", "order.name"]),
        ("purpose", "support"),
        ("subject_id", UUID(int=2)),
        ("policy_version", 99),
        ("at", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_changed_one_is_refused(row: Disclosure, fact: str, value: object) -> None:
    setattr(row, fact, value)
    with pytest.raises(UndeclaredDisclosure, match="differs from the recorded"):
        may_leave(row, HOST)


@pytest.mark.parametrize("host", ["evil.example.com", "127.0.0.1.example.com", "10.0.0.1", ""])
def test_only_declared_hosts(row: Disclosure, host: str) -> None:
    with pytest.raises(UndeclaredDisclosure, match="no declared host") as refusal:
        may_leave(row, host)
    assert refusal.value.clause == "P24"


def test_whoever_is_on_this_machine_has_all_its_loopback_names(row: Disclosure, bend: Bend) -> None:
    for host in ("localhost", "127.0.0.2", "::1"):
        assert may_leave(row, host)
    bend("recipients", "mail_relay", hosts=frozenset({"mail.example.com"}))
    for host in ("localhost", "127.0.0.1", "::1"):
        with pytest.raises(UndeclaredDisclosure):
            may_leave(row, host)


def test_a_host_must_be_the_recipients_own(row: Disclosure, bend: Bend) -> None:
    bend("recipients", "gateway", hosts=frozenset({"pay.example.com"}))
    with pytest.raises(UndeclaredDisclosure, match="no declared host of mail_relay"):
        may_leave(row, "pay.example.com")
