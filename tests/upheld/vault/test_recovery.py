"""The recovery file opens what the key folder opened, and never replaces another's keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from upheld.vault.keys import LASTING_NAMES, KeyFolder, KeyMissing, prepare_lasting_keys
from upheld.vault.recovery import RecoveryRefused, put_back, read_recovery, write_recovery


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    prepare_lasting_keys(tmp_path / "keys")
    return tmp_path / "keys"


def test_there_and_back(keys: Path, tmp_path: Path) -> None:
    target = tmp_path / "recovery.txt"
    write_recovery(keys, LASTING_NAMES, target, "2026-11-25")
    assert target.stat().st_mode & 0o777 == 0o600
    assert "upheld restore" in target.read_text()
    assert put_back(read_recovery(target), tmp_path / "new") == list(LASTING_NAMES)
    old, new = KeyFolder(keys), KeyFolder(tmp_path / "new")
    assert all(old.lasting_key(name) == new.lasting_key(name) for name in LASTING_NAMES)
    assert put_back(read_recovery(target), tmp_path / "new") == [], "twice changes nothing"


def test_it_is_written_once(keys: Path, tmp_path: Path) -> None:
    (tmp_path / "r").write_text("mine")
    with pytest.raises(RecoveryRefused, match="never written over"):
        write_recovery(keys, LASTING_NAMES, tmp_path / "r", "2026-11-25")
    assert (tmp_path / "r").read_text() == "mine"


def test_no_day_key_is_ever_in_it(keys: Path, tmp_path: Path) -> None:
    from datetime import date

    day = KeyFolder(keys).make_day_key(date(2026, 11, 25))
    write_recovery(keys, LASTING_NAMES, tmp_path / "r", "2026-11-25")
    assert day.hex() not in (tmp_path / "r").read_text()


def test_another_stores_keys_are_not_replaced(keys: Path, tmp_path: Path) -> None:
    write_recovery(keys, LASTING_NAMES, tmp_path / "r", "2026-11-25")
    prepare_lasting_keys(tmp_path / "other")
    before = KeyFolder(tmp_path / "other").lasting_key("backup")
    with pytest.raises(RecoveryRefused, match="holds another key"):
        put_back(read_recovery(tmp_path / "r"), tmp_path / "other")
    assert KeyFolder(tmp_path / "other").lasting_key("backup") == before


def test_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("backup = 12\nhello")
    with pytest.raises(RecoveryRefused, match="no keys of a store"):
        read_recovery(tmp_path / "r")


def test_a_folder_of_an_older_version_gets_what_is_new(
    keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = KeyFolder(keys)
    (folder.lasting / "made.txt").unlink()  # it was not written then
    monkeypatch.setattr("upheld.vault.keys.LASTING_NAMES", (*LASTING_NAMES, "brand_new"))
    assert folder.make_new_keys() == ["brand_new"]
    assert folder.make_new_keys() == [] and folder.lasting_key("brand_new")


def test_what_was_made_and_is_lost_is_not_made_again(keys: Path) -> None:
    folder = KeyFolder(keys)
    (folder.lasting / "backup.key").unlink()
    assert folder.make_new_keys() == []
    with pytest.raises(KeyMissing, match="recovery file"):
        folder.lasting_key("backup")
