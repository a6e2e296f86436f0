"""P43 goes red for a key in a backup, for a value that opens, and for a search that looks away."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from upheld.db.sqlite.driver import Database
from upheld.policy import current
from upheld.promises.proof import Proof
from upheld.promises.retention import backups, prove_backups
from upheld.promises.retention.models import Backup
from upheld.vault.archive import name_of, writing
from upheld.vault.cipher import encrypt, place
from upheld.vault.keys import KeyFolder, lasting_key

pytestmark = [pytest.mark.django_db]
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TODAY = NOW.date()
OVER = TODAY - timedelta(days=60)


@pytest.fixture(autouse=True)
def _home(own_keys: KeyFolder, tmp_path: Path, settings: Settings) -> None:
    settings.UPHELD_HOME = tmp_path / "home"


def sealed_database(path: Path, *values: tuple[date, bytes]) -> bytes:
    """A database with one sealed value a day, each with its key."""
    opened = Database.connect(path, isolation_level=None)
    opened.execute(
        "CREATE TABLE upheld_sealed_value "
        "(table_name TEXT, row_key TEXT, field TEXT, day TEXT, ciphertext BLOB)"
    )
    for day, key in values:
        sealed = encrypt(key, "4242", place("t", "1", "f", day))
        opened.execute(
            "INSERT INTO upheld_sealed_value VALUES ('t', '1', 'f', ?, ?)",
            [day.isoformat(), sealed],
        )
    opened.close()
    data = path.read_bytes()
    path.unlink()
    return data


def archive(folder: Path, made_at: datetime = NOW, **files: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name_of(made_at)
    with writing(path, lasting_key("backup"), made_at) as tar:
        for name, data in files.items():
            head = tarfile.TarInfo(name.replace("__", "/").replace("_dot_", "."))
            head.size = len(data)
            tar.addfile(head, io.BytesIO(data))
    Backup.objects.create(made_at=made_at, folder=str(folder), name=path.name, size=1)
    return path


def prove() -> Proof:
    return prove_backups.prove_backups(current(), NOW)


def test_without_a_backup_a_scratch_one_is_tried() -> None:
    found = prove()
    assert (found.state, found.population) == ("kept", 1) and "scratch" in found.figure


def test_without_a_period_nothing_is_claimed() -> None:
    policy = current()
    none = replace(policy, retention=replace(policy.retention, backup_days=None))
    assert prove_backups.prove_backups(none, NOW).state == "unproven"


def test_a_good_backup(own_keys: KeyFolder, tmp_path: Path) -> None:
    today = own_keys.make_day_key(TODAY)
    data = sealed_database(tmp_path / "x", (OVER, bytes(32)), (TODAY, today))
    archive(tmp_path / "b", store_dot_sqlite3=data, media__a=b"x")
    found = prove()
    assert (found.state, found.population) == ("kept", 3)
    assert "Newest backups opened: 1; keys of days in them: 0." in found.figure
    assert "over in them: 1, none could be read; of days within: 1." in found.figure


@pytest.mark.parametrize("form", [lambda key: key, lambda key: key.hex().encode()])
@pytest.mark.parametrize("where", ["media__a", "store_dot_sqlite3"])
def test_a_key_in_a_backup_is_broken(
    own_keys: KeyFolder, tmp_path: Path, form: Callable[[bytes], bytes], where: str
) -> None:
    key = own_keys.make_day_key(TODAY)
    archive(tmp_path / "b", **{where: b"-" * 1_048_570 + form(key) + b"-" * 99})
    found = prove()
    assert found.state == "broken" and found.figure == "A backup holds the key of a day."


def test_a_file_of_the_key_folder_is_broken(tmp_path: Path) -> None:
    archive(tmp_path / "b", **{"keys__days__2026-09-01.key": b"x"})
    assert "key folder" in prove().figure


def test_a_value_of_day_60_that_opens_is_broken(own_keys: KeyFolder, tmp_path: Path) -> None:
    """The control: the key of a day that is over lies on the disk, so the attempt succeeds."""
    key = own_keys.make_day_key(OVER)
    archive(tmp_path / "b", store_dot_sqlite3=sealed_database(tmp_path / "x", (OVER, key)))
    found = prove()
    assert (
        found.state == "broken" and found.figure == f"A value of {OVER} in a backup could be read."
    )


def test_one_that_cannot_be_opened_is_broken(tmp_path: Path) -> None:
    path = archive(tmp_path / "b", media__a=b"x" * 1000)
    path.write_bytes(path.read_bytes()[:-5])
    assert "cannot be opened" in prove().figure


def test_one_past_its_period_is_broken_and_the_keeper_removes_it(tmp_path: Path) -> None:
    old = archive(tmp_path / "b", NOW - timedelta(days=31), media__a=b"x")
    archive(tmp_path / "b", NOW - timedelta(days=29), media__a=b"x")
    assert "past their 30 days: 1" in prove().figure
    assert backups.prune_backups(NOW) == 1
    assert not old.exists() and Backup.objects.count() == 1 and prove().state == "kept"


def test_a_folder_out_of_reach_is_no_fault(tmp_path: Path) -> None:
    archive(tmp_path / "b", media__a=b"x")
    shutil.rmtree(tmp_path / "b")
    assert prove().state == "kept" and backups.prune_backups(NOW) == 0
    assert Backup.objects.count() == 1, "the disk may come back"


def test_a_search_that_looks_away_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prove_backups, "_look_for_keys", lambda *_: None)
    assert "the search did not see it" in prove().figure


@pytest.mark.parametrize(("answer", "words"), [(True, "without its key"), (False, "its own key")])
def test_an_attempt_that_is_none_is_broken(
    monkeypatch: pytest.MonkeyPatch, answer: bool, words: str
) -> None:
    monkeypatch.setattr(prove_backups, "_opens", lambda *_: answer)
    assert words in prove().figure
