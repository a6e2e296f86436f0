"""A vault's end: the key first, once, on a clock that can be believed."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connections

from upheld.db.purpose import entry_point, purpose_for_test
from upheld.ledger import LedgerEntry, append, verify
from upheld.ledger.events import PromiseProven
from upheld.policy.errors import Expired
from upheld.promises.retention import SealedRef, due_vaults, open_sealed, seal
from upheld.promises.retention.due_vaults import KeyStands, destroy_due_vaults, reclaim_vaults
from upheld.vault import Clock
from upheld.vault.keys import KeyFolder
from upheld.vault.models import SealedValue, VaultDay

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = NOW.date()
OVER = datetime(2027, 1, 22, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_keys")]


@pytest.fixture(autouse=True)
def _as_the_keeper() -> Iterator[None]:
    with entry_point("command", "keep"):
        yield


def sealed(now: datetime = NOW, row: str = "7") -> SealedRef:
    with purpose_for_test("take_payment"):
        return seal(
            {"payment.card_last4": "4242"}, table="payments", row=row, day=now.date(), now=now
        )


def destroy(now: datetime) -> list[date]:
    return destroy_due_vaults(now, Clock(now, 0.0))


def events(name: str) -> list[dict[str, object]]:
    found = LedgerEntry.objects.filter(event=name).order_by("index")
    return [entry.read_facts() for entry in found]


def test_at_midnight_and_not_a_second_earlier(own_keys: KeyFolder) -> None:
    sealed()
    assert destroy(OVER - timedelta(seconds=1)) == []
    assert own_keys.days_on_disk() == [DAY] and events("VaultDestroyed") == []
    assert destroy(OVER) == [DAY]
    assert own_keys.days_on_disk() == []
    assert events("VaultDestroyed") == [{"day": str(DAY), "values": 1}]
    assert VaultDay.objects.get().destroyed_at == OVER and verify().ok


def test_again_is_nothing(own_keys: KeyFolder) -> None:
    sealed()
    assert destroy(OVER) == [DAY] and destroy(OVER) == [] and len(events("VaultDestroyed")) == 1


def test_the_space_follows_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_vaults, "_BATCH_ROWS", 2)
    for row in range(5):
        sealed(row=str(row))
    sealed(NOW + timedelta(days=1), "later")
    assert reclaim_vaults(100) == 0
    destroy(OVER)
    assert [reclaim_vaults(3), reclaim_vaults(3), reclaim_vaults(3)] == [3, 2, 0]
    assert SealedValue.objects.get().row_key == "later"


def test_the_key_goes_before_the_database_hears_of_it(
    own_keys: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, a lock, a kill: the record is made later, the key is gone now."""
    sealed()

    def full(*_: object) -> None:
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr(due_vaults, "append", full)
    with pytest.raises(DatabaseError):
        destroy(OVER)
    assert own_keys.days_on_disk() == []
    monkeypatch.setattr(due_vaults, "append", append)
    VaultDay.objects.update(destroyed_at=None)  # the test's outer transaction kept it
    assert destroy(OVER) == [DAY] and len(events("VaultDestroyed")) == 1


def test_all_that_was_missed_in_a_long_sleep(own_keys: KeyFolder) -> None:
    for later in range(5):
        sealed(NOW + timedelta(days=later), str(later))
    assert destroy(OVER + timedelta(days=3)) == [DAY + timedelta(days=n) for n in range(4)]
    assert own_keys.days_on_disk() == [DAY + timedelta(days=4)]


def test_a_key_without_a_record_goes_too(own_keys: KeyFolder) -> None:
    own_keys.make_day_key(DAY)
    assert destroy(OVER) == [DAY] and events("VaultDestroyed") == [{"day": str(DAY), "values": 0}]


def test_a_record_without_a_key_is_closed_too() -> None:
    VaultDay.objects.create(day=DAY, opened_at=NOW)
    assert destroy(OVER) == [DAY] and VaultDay.objects.get().destroyed_at == OVER


def test_a_key_made_between_destruction_and_record_goes_too(
    own_keys: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A seal that began a moment before midnight, on another process."""
    sealed()
    real = due_vaults._record

    def slow_seal_then_record(day: date, now: datetime) -> bool:
        own_keys.make_day_key(day)
        return real(day, now)

    monkeypatch.setattr(due_vaults, "_record", slow_seal_then_record)
    assert destroy(OVER) == [DAY] and own_keys.days_on_disk() == []


def test_a_key_that_comes_back_is_destroyed_again_and_said(own_keys: KeyFolder) -> None:
    sealed()
    copy = (own_keys.days / f"{DAY}.key").read_bytes()
    destroy(OVER)
    (own_keys.days / f"{DAY}.key").write_bytes(copy)
    assert destroy(OVER + timedelta(hours=1)) == [] and own_keys.days_on_disk() == []
    assert events("KeyFoundAgain") == [{"day": str(DAY)}] and len(events("VaultDestroyed")) == 1


def test_a_moved_clock_halts_and_says_so_once(own_keys: KeyFolder) -> None:
    ref = sealed()
    clock = Clock(NOW, 0.0)
    clock.read(OVER, 60.0)
    for minutes in range(3):
        assert destroy_due_vaults(OVER + timedelta(minutes=minutes), clock) == []
    assert own_keys.days_on_disk() == [DAY] and events("VaultDestroyed") == []
    assert events("DestructionHalted") == [{"code": "moved"}]
    with purpose_for_test("take_payment"), pytest.raises(Expired):
        open_sealed(ref, OVER)
    assert destroy(OVER + timedelta(hours=1)) == [DAY]  # a new process: the gap was sleep


def test_a_clock_before_the_newest_entry_halts(own_keys: KeyFolder) -> None:
    sealed()
    append(PromiseProven("P20", 1), OVER + timedelta(days=10))
    assert destroy(OVER) == []
    assert events("DestructionHalted") == [{"code": "before_newest_entry"}]
    assert own_keys.days_on_disk() == [DAY]


def test_a_halt_that_lasts_is_said_every_day() -> None:
    clock = Clock(NOW, 0.0)
    for hours in (0, 23, 24, 47, 48):
        now = OVER + timedelta(hours=hours)
        clock.read(now, 0.0)
        destroy_due_vaults(now, clock)
    assert len(events("DestructionHalted")) == 3


def test_a_key_that_cannot_be_removed_is_an_error(
    own_keys: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed()

    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "open", read_only)
    monkeypatch.setattr(os, "unlink", read_only)
    with pytest.raises(KeyStands, match=str(DAY)):
        destroy(OVER)


def test_one_key_that_cannot_be_removed_saves_no_other(
    own_keys: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed()
    sealed(NOW + timedelta(days=1), "8")
    real = KeyFolder.destroy_day

    def stuck(folder: KeyFolder, day: date) -> bool:
        if day == DAY:
            raise PermissionError
        return real(folder, day)

    monkeypatch.setattr(KeyFolder, "destroy_day", stuck)
    with pytest.raises(KeyStands):
        destroy(OVER + timedelta(days=1))
    assert own_keys.days_on_disk() == [DAY]


@pytest.mark.django_db(transaction=True)
def test_two_keepers_at_once_do_it_once(own_keys: KeyFolder) -> None:
    for later in range(10):
        sealed(NOW + timedelta(days=later), str(later))
    recorded: list[date] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with entry_point("command", "keep"):
                recorded.extend(destroy(OVER + timedelta(days=30)))
                reclaim_vaults(100)
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failures == [] and sorted(recorded) == [DAY + timedelta(days=n) for n in range(10)]
    assert len(events("VaultDestroyed")) == 10 and own_keys.days_on_disk() == []
    assert not SealedValue.objects.exists() and verify().ok
