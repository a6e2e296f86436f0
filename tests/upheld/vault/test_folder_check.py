"""Where the key folder may lie, and who may read it."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from upheld.vault.folder_check import check_key_folder
from upheld.vault.keys import KeyFolder, prepare_lasting_keys


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    prepare_lasting_keys(path)
    KeyFolder(path).make_day_key(date(2026, 11, 23))
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    return path


def test_beside_each_other_and_closed_is_right(keys: Path, home: Path) -> None:
    assert check_key_folder(keys, home) == []


def test_one_inside_the_other_is_refused(keys: Path, home: Path) -> None:
    for pair in ((home / "keys", home), (keys, keys / "home"), (keys, keys)):
        assert "inside one another" in check_key_folder(*pair)[0].problem


def test_a_link_does_not_hide_it(keys: Path, home: Path) -> None:
    (home / "keys").symlink_to(keys)
    found = check_key_folder(home / "keys", home)  # it really lies beside; the settings resolve it
    assert [f.problem for f in found] == ["A link where a key should be."]
    (home.parent / "beside").symlink_to(home)
    assert check_key_folder(home.parent / "beside" / "inner", home) != []


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701])
def test_a_folder_open_to_others_is_refused(keys: Path, home: Path, mode: int) -> None:
    (keys / "days").chmod(mode)
    found = check_key_folder(keys, home)
    assert len(found) == 1 and f"{mode:04o}" in found[0].problem and "chmod" in found[0].remedy


@pytest.mark.parametrize("name", ["days/2026-11-23.key", "lasting/log.key"])
def test_a_key_open_to_others_is_refused(keys: Path, home: Path, name: str) -> None:
    (keys / name).chmod(0o640)
    assert [f.file for f in check_key_folder(keys, home)] == [str(keys / name)]


def test_links_and_strangers_are_refused(keys: Path, home: Path) -> None:
    (keys / "lasting" / "log.key").rename(home / "log.key")
    (keys / "lasting" / "log.key").symlink_to(home / "log.key")
    stranger = keys / "days" / "notes.txt"
    stranger.write_text("")
    stranger.chmod(0o600)
    found = " ".join(f.problem for f in check_key_folder(keys, home))
    assert "link" in found and "belongs to no day" in found


def test_a_lost_or_damaged_lasting_key_is_named(keys: Path, home: Path) -> None:
    (keys / "lasting" / "log.key").unlink()
    (keys / "lasting" / "backup.key").write_bytes(b"half")
    found = check_key_folder(keys, home)
    assert [Path(f.file).name for f in found] == ["log.key", "backup.key"]
    assert all("recovery file" in f.remedy for f in found)


@pytest.mark.parametrize("place", [".", "days.old", "days/kept"])
def test_a_copy_of_a_key_elsewhere_in_the_folder_is_refused(
    place: str, keys: Path, home: Path
) -> None:
    (keys / place).mkdir(mode=0o700, exist_ok=True)
    shutil.copy(keys / "days" / "2026-11-23.key", keys / place)
    found = " ".join(f.problem for f in check_key_folder(keys, home))
    assert "no keeper looks" in found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_folder_is_refused(keys: Path, home: Path) -> None:
    os.chown(keys / "days", 65534, 65534)
    assert "another user" in check_key_folder(keys, home)[0].problem


def test_a_folder_that_is_not_there_yet_is_no_finding(tmp_path: Path) -> None:
    assert check_key_folder(tmp_path / "none", tmp_path / "home") == []
