"""An old backup resurrects no one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import models

from tests.upheld.promises.erasure.conftest import LATER, asked, keeper
from tests.upheld.promises.erasure.test_carry_on import found_in_rows
from tests.upheld_store.account import Visitor
from upheld.db import entry_point, reveal_without_purpose
from upheld.db.purpose import purpose_for_test
from upheld.policy import current
from upheld.promises.erasure.models import Erasure, ErasureState, Tombstone
from upheld.promises.erasure.tombstones import (
    ListBroken,
    apply_list,
    newest_list,
    prune_tombstones,
    subjects_with_rows,
)
from upheld.promises.mail.models import OutboxMail
from upheld.promises.retention.walk import model_of

pytestmark = pytest.mark.django_db
Bought = Callable[[str], str]
Registered = Callable[[str], Visitor]
NOW = datetime.now(UTC)
_PERSONAL = (
    "store_customers_customer", "account_emailaddress", "store_customers_profile",
    "store_customers_credential", "store_orders_ordercontact", "store_licensing_licensekey",
    "store_payments_paymentreference",
)  # fmt: skip


def erase(email: str, now: datetime = NOW) -> Erasure:
    erasure = asked(email, now)
    keeper(erasure, now)
    OutboxMail.objects.all().delete()
    return keeper(erasure, now)


def in_backup() -> list[models.Model]:
    """Every row of somebody's, as an archive would hold it."""
    with reveal_without_purpose(reason="a test makes a backup", reviewed_by="the test"):
        return [row for name in _PERSONAL for row in model_of(name)._base_manager.all()]


@contextmanager
def restored(rows: list[models.Model]) -> Iterator[None]:
    """The archive's rows are there again, and nothing of the erasures since."""
    Tombstone.objects.all().delete()
    Erasure.objects.all().delete()
    for row in rows:
        table = current().inventory.tables[row._meta.db_table]
        with purpose_for_test(min(table.writes) if table.writes else "manage_account"):
            save: Any = super(type(row), row).save if hasattr(row, "hold") else row.save
            save(force_insert=True)
    yield


def test_what_was_erased_does_not_come_back(registered: Registered) -> None:
    registered("ada@example.com")
    Visitor().register("eve@example.com")
    archive = in_backup()
    erase("ada@example.com")
    listed = newest_list()
    back = [row for row in archive if not type(row)._base_manager.filter(pk=row.pk).exists()]
    with restored(back):
        assert found_in_rows("ada@example.com"), "the control: the backup does hold the person"
        with entry_point("command", "erase"):
            assert apply_list(listed, NOW) >= 1
        assert found_in_rows("ada@example.com") == []
        assert found_in_rows("eve@example.com") != []
        with entry_point("command", "erase"):
            assert apply_list(listed, NOW) in (0, 1), "what has a reason to stay is looked at again"
    assert not OutboxMail.objects.filter(kind="erasure_receipt").exists(), "no second receipt"


def test_what_may_stay_goes_by_itself_after_a_restore_too(bought: Bought) -> None:
    bought("ada@example.com")
    archive = in_backup()
    erase("ada@example.com")
    listed = newest_list()
    back = [row for row in archive if not type(row)._base_manager.filter(pk=row.pk).exists()]
    with restored(back), entry_point("command", "erase"):
        apply_list(listed, NOW)
    again = Erasure.objects.get()
    assert again.state == ErasureState.BEGUN
    assert keeper(again, NOW + LATER).state == ErasureState.DONE


def test_without_the_list_it_would_have_come_back(bought: Bought) -> None:
    bought("ada@example.com")
    archive = in_backup()
    erase("ada@example.com")
    empty = newest_list_of_nothing()
    back = [row for row in archive if not type(row)._base_manager.filter(pk=row.pk).exists()]
    with restored(back), entry_point("command", "erase"):
        assert apply_list(empty, NOW) == 0
    assert "store_orders_ordercontact" in found_in_rows("ada@example.com")


def newest_list_of_nothing() -> bytes:
    stones = list(Tombstone.objects.all())
    Tombstone.objects.all().delete()
    listed = newest_list()
    Tombstone.objects.bulk_create(stones)
    return listed


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:-10],
        lambda data: data.replace(b'"format":1', b'"format":2'),
        lambda data: (
            newest_list_of_nothing().split(b"\n")[0] + b"\n" + data.split(b"\n")[1] + b"\n"
        ),
        lambda data: b"\xff" + data,
    ],
)
def test_a_list_that_was_touched_is_refused(bought: Bought, spoil: Any) -> None:
    bought("ada@example.com")
    erase("ada@example.com")
    data = newest_list()
    with entry_point("command", "erase"), pytest.raises(ListBroken):
        apply_list(spoil(data), NOW)


def test_the_list_names_nobody(registered: Registered) -> None:
    registered("ada@example.com")
    erasure = asked("ada@example.com", NOW)
    subjects = [str(each.subject_id) for each in erasure.subjects.all()]
    keeper(erasure, NOW)
    text = newest_list().decode()
    assert text.count("T") >= len(subjects)
    for number in subjects:
        assert number not in text and number.replace("-", "") not in text


def test_a_subject_with_rows_and_a_tombstone_is_found(bought: Bought) -> None:
    bought("ada@example.com")
    known = set(Tombstone.objects.values_list("digest", flat=True))
    assert subjects_with_rows(current(), known) == set()
    erasure = asked("ada@example.com", NOW)
    subject = erasure.subjects.get().subject_id
    Tombstone.set_up([subject], NOW)
    known = set(Tombstone.objects.values_list("digest", flat=True))
    assert subjects_with_rows(current(), known) == {subject}


def test_tombstones_outlive_backups_and_then_go(bought: Bought) -> None:
    bought("ada@example.com")
    erase("ada@example.com")
    days = timedelta(days=current().erasure.tombstones_kept_days)
    assert prune_tombstones(NOW + days) == 0
    assert prune_tombstones(NOW + days + timedelta(seconds=1)) >= 1
