"""A backup is good because it was restored; a restore opens the store only when it is done."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django import Settings

from tests.upheld.ledger.test_held_against import checkpoint
from tests.upheld.ledger.test_log import fill
from tests.upheld.promises.mail.conftest import ANNA, place_order
from upheld import ledger
from upheld.db import entry_point
from upheld.db.purpose import purpose_for_test
from upheld.ledger.events import DataRemoved
from upheld.ledger.models import LedgerEntry
from upheld.policy.errors import ActRefused
from upheld.promises.erasure.carry_on import carry_on
from upheld.promises.erasure.models import Erasure, ErasureSubject
from upheld.promises.erasure.tombstones import newest_list
from upheld.promises.retention import backups
from upheld.promises.retention.closing import closed_mark, is_closed
from upheld.promises.retention.models import Backup
from upheld.vault.archive import ArchiveBroken, reading
from upheld.vault.keys import KeyFolder, lasting_key, prepare_lasting_keys
from upheld.web.content import read_version
from upheld_store.catalog.models import Category
from upheld_store.orders.models import Order, OrderContact
from upheld_store.site import back_up, put_back, tombstone_list
from upheld_store.site.environment import Environment, read_environment

pytestmark = pytest.mark.usefixtures("only_store_here")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Open for a second database too, which pytest-django's own mark is not."""
    with django_db_blocker.unblock():
        yield
        with entry_point("command", "migrate"):
            call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)


@pytest.fixture
def own_keys(tmp_path: Path, settings: Settings) -> KeyFolder:
    settings.UPHELD_KEYS = tmp_path / "keys"
    prepare_lasting_keys(settings.UPHELD_KEYS)
    return KeyFolder(settings.UPHELD_KEYS)


@pytest.fixture
def environment(own_keys: KeyFolder, tmp_path: Path, settings: Settings) -> Environment:
    settings.UPHELD_HOME = tmp_path / "home"
    (tmp_path / "home" / "media").mkdir(parents=True)
    (tmp_path / "home" / "media" / "book.pdf").write_bytes(b"a book")
    return replace(read_environment(), home=tmp_path / "home", keys=own_keys.path)


@contextmanager
def as_verb(name: str) -> Iterator[None]:
    with entry_point("command", name):
        yield


def make(folder: Path, environment: Environment, now: datetime = NOW) -> back_up.Made:
    with as_verb("backup"):
        return back_up.back_up(folder, environment, now)


def bring(given: Path, environment: Environment, **how: bool) -> put_back.PutBack:
    with as_verb("restore"):
        return put_back.put_back(given, environment, NOW + timedelta(hours=1), **how)


def names(path: Path) -> list[str]:
    with reading(path, lasting_key("backup")) as tar:
        return [member.name for member in tar]


def test_what_is_in_it_and_what_is_not(environment: Environment, tmp_path: Path) -> None:
    KeyFolder(environment.keys).make_day_key(NOW.date())
    fill(3)
    made = make(tmp_path / "b", environment)
    found = names(made.path)
    assert {"store.sqlite3", "media/book.pdf", "store/store.toml", "manifest.json"} <= set(found)
    assert "store/policy/policy.toml" in found
    assert not [name for name in found if "key" in name or name.startswith("/")]
    assert stat.S_IMODE(os.stat(made.path).st_mode) == 0o600 and made.rows > 3
    assert Backup.objects.get().name == made.path.name
    assert LedgerEntry.objects.get(index=3).event == "BackupMade"
    beside = ledger.read_checkpoint((tmp_path / "b" / back_up.CHECKPOINT).read_bytes())
    assert beside == checkpoint() and not list(environment.home.glob(".scratch-*"))


def test_there_and_back(environment: Environment, tmp_path: Path) -> None:
    kept = Category.objects.create(name="Kept", slug="kept")
    fill(3)
    make(tmp_path / "b", environment)
    lost, version = checkpoint(), read_version()
    Category.objects.create(name="Lost", slug="lost")
    (environment.home / "media" / "book.pdf").unlink()
    done = bring(tmp_path / "b", environment)
    assert list(Category.objects.values_list("pk", "name")) == [(kept.pk, "Kept")]
    assert (environment.home / "media" / "book.pdf").read_bytes() == b"a book"
    assert read_version() > version + 1000, "no page in memory passes for a new one"
    assert done.erased == 0 and not is_closed()
    newest = checkpoint()
    assert ledger.verify().ok and newest.origin.endswith(f"/after/4/{lost.root.hex()}")
    assert not ledger.verify([lost]).ok, "the checkpoint of the lost entry tells"
    events = LedgerEntry.objects.order_by("index").values_list("event", flat=True)
    assert list(events)[3] == "LogContinued", "before anything else is signed"
    assert list(events)[-1] == "StoreRestored"
    assert ledger.kept_outside() == newest and Backup.objects.count() == 1


def test_a_backup_that_cannot_be_restored_is_none(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of "good only after it was restored": a copy that loses a row on its way."""
    fill(3)
    real = back_up.copy_out

    def loses(target: Path) -> None:
        real(target)
        with target.open("r+b") as file:
            file.seek(8192)
            file.write(b"\xff" * 4096)

    monkeypatch.setattr(back_up, "check_copy", lambda path: {"upheld_ledger_entry": 3})
    monkeypatch.setattr(back_up, "copy_out", loses)
    with pytest.raises(ArchiveBroken):
        make(tmp_path / "b", environment)
    assert list((tmp_path / "b").iterdir()) == [] and not Backup.objects.exists()


def test_old_archives_go_when_their_period_is_over(
    environment: Environment, tmp_path: Path
) -> None:
    first = make(tmp_path / "b", environment, NOW - timedelta(days=30))
    second = make(tmp_path / "b", environment, NOW - timedelta(days=29))
    third = make(tmp_path / "b", environment)
    assert third.removed == [first.path] and second.path.exists() and not first.path.exists()


@pytest.mark.parametrize("inside", ["home", "keys", "store"])
def test_not_into_what_it_is_a_copy_of(
    environment: Environment, inside: str, tmp_path: Path
) -> None:
    with pytest.raises(ActRefused, match="lies inside"):
        make(getattr(environment, inside) / "b", environment)


def test_without_a_declared_period_none_is_made(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = backups.current()
    none = replace(policy, retention=replace(policy.retention, backup_days=None))
    monkeypatch.setattr(backups, "current", lambda: none)
    with pytest.raises(ActRefused, match="backup_days = 30"):
        make(tmp_path / "b", environment)


def test_a_restore_that_fails_half_way_leaves_the_store_closed(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(3)
    make(tmp_path / "b", environment)

    def fails(*_: object) -> None:
        assert is_closed(), "closed before the first byte changes"
        raise OSError(28, "No space left on device", "store.sqlite3")

    with monkeypatch.context() as patch:
        patch.setattr(put_back, "_bring_media", fails)
        with pytest.raises(OSError, match="No space"):
            bring(tmp_path / "b", environment)
    assert is_closed()
    bring(tmp_path / "b", environment)
    assert not is_closed() and ledger.verify().ok


@pytest.mark.parametrize("harm", ["cut", "of another", "none"])
def test_a_bad_archive_changes_nothing(
    environment: Environment, tmp_path: Path, harm: str, own_keys: KeyFolder
) -> None:
    fill(3)
    path = make(tmp_path / "b", environment).path
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    elif harm == "of another":
        (own_keys.lasting / "backup.key").write_bytes(bytes(32))
    else:
        path.unlink()
    Category.objects.create(name="New", slug="new")
    with pytest.raises(ActRefused):
        bring(tmp_path / "b", environment)
    assert Category.objects.exists() and not closed_mark().exists()


def test_the_newest_known_checkpoint_is_named_wherever_it_lies(
    environment: Environment, tmp_path: Path
) -> None:
    """The database in place is behind the file beside the keys: that one is named."""
    fill(3)
    make(tmp_path / "b", environment)
    with transaction.atomic():
        ledger.append(DataRemoved("a_table", 1), NOW)
    ledger.keep_outside()
    newest = checkpoint()
    for _ in range(2):  # the second time the newest is that of the log which has gone on
        bring(tmp_path / "b", environment)
        assert checkpoint().origin.endswith(f"/after/{newest.size}/{newest.root.hex()}")
        assert checkpoint().age_rank >= newest.age_rank  # here within one second
        newest = checkpoint()


def test_who_was_erased_since_does_not_come_back(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list of after the erasure lies beside an archive of before it."""
    with purpose_for_test("deliver_order"):
        place_order(ANNA)
        Order.objects.update(state="canceled")  # an open one would be a reason to stay
    make(tmp_path / "b", environment)
    with as_verb("erase"):
        erased = Erasure.ask(None, NOW, NOW, has_receipt=False)
        with transaction.atomic():
            ErasureSubject(erasure=erased, subject_id=ANNA).save()
        carry_on(erased, NOW, ask_others=False)
    assert orders_with_contact() == 0
    (tmp_path / "b" / tombstone_list.NAME).write_bytes(newest_list())
    real = put_back.apply_list

    def watched(data: bytes, now: datetime) -> int:
        assert is_closed() and orders_with_contact() == 1, "back, and nobody is served"
        return real(data, now)

    monkeypatch.setattr(put_back, "apply_list", watched)
    assert bring(tmp_path / "b", environment).erased == 1
    assert orders_with_contact() == 0 and not is_closed()
    told = LedgerEntry.objects.get(event="StoreRestored").read_facts()
    assert told == {"erased": 1, "made": "2026-11-25"}


def orders_with_contact() -> int:
    with purpose_for_test("deliver_order"):
        return OrderContact.objects.count()


def test_a_list_that_was_cut_changes_nothing(environment: Environment, tmp_path: Path) -> None:
    make(tmp_path / "b", environment)
    path = tmp_path / "b" / tombstone_list.NAME
    path.write_bytes(path.read_bytes()[:-2])
    Category.objects.create(name="New", slug="new")
    with pytest.raises(ActRefused, match="list of erasures was changed"):
        bring(tmp_path / "b", environment)
    assert Category.objects.exists() and not is_closed()


def test_without_the_list_nothing_is_put_back_but_on_the_owners_word(
    environment: Environment, tmp_path: Path
) -> None:
    make(tmp_path / "b", environment)
    (tmp_path / "b" / tombstone_list.NAME).unlink()
    with pytest.raises(ActRefused, match="--accept-missing-erasures"):
        bring(tmp_path / "b", environment)
    assert not LedgerEntry.objects.filter(event="StoreRestored").exists()
    assert bring(tmp_path / "b", environment, accept_missing=True).lacks_list
    assert LedgerEntry.objects.filter(event="ErasuresMissing").exists()
