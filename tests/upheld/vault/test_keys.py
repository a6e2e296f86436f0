"""The key folder: one key a day, whole or not at all, and gone when it is gone."""

from __future__ import annotations

import multiprocessing
import os
import queue
from datetime import date, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest

from upheld.vault import keys as module
from upheld.vault.keys import (
    KEY_BYTES,
    LASTING_NAMES,
    KeyFolder,
    KeyMissing,
    fingerprint,
    prepare_lasting_keys,
    read_lasting_key,
    read_secret_key,
)

DAY = date(2026, 11, 23)


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    made = KeyFolder(tmp_path / "keys")
    made.prepare()
    return made


def test_a_days_key_is_made_once_and_closed_to_others(folder: KeyFolder) -> None:
    assert folder.day_key(DAY) is None
    key = folder.make_day_key(DAY)
    assert len(key) == KEY_BYTES and folder.make_day_key(DAY) == key == folder.day_key(DAY)
    assert (folder.days / "2026-11-23.key").stat().st_mode & 0o777 == 0o600
    for place in (folder.path, folder.days, folder.lasting):
        assert place.stat().st_mode & 0o777 == 0o700
    assert os.listdir(folder.days) == ["2026-11-23.key"]


def test_nothing_derives_a_days_key(folder: KeyFolder) -> None:
    keys = {folder.make_day_key(DAY + timedelta(days=n)) for n in range(50)}
    assert len(keys) == 50
    folder.destroy_day(DAY)
    assert folder.make_day_key(DAY) not in keys


def test_destroyed_with_every_copy(folder: KeyFolder) -> None:
    folder.make_day_key(DAY)
    key_file = folder.days / "2026-11-23.key"
    for copy in ("2026-11-23.key.bak", ".2026-11-23.key.0123", "copy of 2026-11-23.key"):
        (folder.days / copy).write_bytes(key_file.read_bytes())
    folder.make_day_key(DAY + timedelta(days=1))
    assert folder.destroy_day(DAY) is True
    assert folder.destroy_day(DAY) is False
    assert folder.days_on_disk() == [DAY + timedelta(days=1)]


def test_the_bytes_are_overwritten_before_the_name_goes(folder: KeyFolder, tmp_path: Path) -> None:
    key = folder.make_day_key(DAY)
    second_name = tmp_path / "second name"
    os.link(folder.days / "2026-11-23.key", second_name)
    folder.destroy_day(DAY)
    assert second_name.read_bytes() != key and len(second_name.read_bytes()) >= KEY_BYTES


def test_nobody_reads_the_bytes_it_is_overwritten_with(
    folder: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.make_day_key(DAY)
    seen: list[object] = []
    real = os.write

    def spy(handle: int, content: bytes) -> int:
        written = real(handle, content)
        seen.append((folder.day_key(DAY), folder.days_on_disk()))
        return written

    monkeypatch.setattr(os, "write", spy)
    folder.destroy_day(DAY)
    assert seen == [(None, [DAY])]  # and whoever is killed here leaves a name that tells the day


@pytest.mark.parametrize("content", [b"half", b"k" * 32])
def test_nor_who_had_opened_it_before(
    folder: KeyFolder, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.days / f"{DAY}.key").write_bytes(content)
    opened = Path.open

    def open_and_lose(path: Path, *args: Any, **options: Any) -> Any:
        file = opened(path, *args, **options)
        monkeypatch.undo()
        folder.destroy_day(DAY)
        return file

    monkeypatch.setattr(Path, "open", open_and_lose)
    assert folder.day_key(DAY) is None


def test_a_planted_link_is_removed_and_not_followed(folder: KeyFolder, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (folder.days / "2026-11-23.key").symlink_to(victim)
    assert folder.destroy_day(DAY) is True
    assert victim.read_text() == "untouched" and folder.days_on_disk() == []


def test_the_order_of_the_disk(folder: KeyFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written: content, then name, then folder. Destroyed: content, then name, then folder."""
    steps: list[str] = []
    for name in ("write", "fsync", "link", "unlink"):
        real = getattr(os, name)

        def spy(*args: object, _real=real, _name=name, **words: object) -> object:
            kind = ""
            if _name == "fsync":
                kind = " folder" if os.path.isdir(f"/proc/self/fd/{args[0]}") else " file"
            steps.append(_name + kind)
            return _real(*args, **words)

        monkeypatch.setattr(os, name, spy)
    folder.make_day_key(DAY)
    assert steps[:3] == ["write", "fsync file", "link"] and steps[-1] == "fsync folder"
    steps.clear()
    folder.destroy_day(DAY)
    assert steps == ["write", "fsync file", "unlink", "fsync folder"]


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 31, b"x" * 33])
def test_a_damaged_day_key_opens_nothing_and_is_replaced(folder: KeyFolder, content: bytes) -> None:
    file = folder.days / "2026-11-23.key"
    file.write_bytes(content)
    assert folder.day_key(DAY) is None and folder.days_on_disk() == [DAY]
    key = folder.make_day_key(DAY)
    assert len(key) == KEY_BYTES and folder.day_key(DAY) == key
    assert os.listdir(folder.days) == [file.name]


def test_a_damaged_or_missing_lasting_key_is_never_made_anew(folder: KeyFolder) -> None:
    prepare_lasting_keys(folder.path)
    (folder.lasting / "log.key").write_bytes(b"short")
    with pytest.raises(KeyMissing):
        folder.lasting_key("log")
    with pytest.raises(KeyMissing):
        prepare_lasting_keys(folder.path)
    assert (folder.lasting / "log.key").read_bytes() == b"short"
    (folder.lasting / "secret.key").unlink()
    with pytest.raises(KeyMissing):
        read_secret_key(folder.path)


def test_a_folder_that_lost_its_secret_key_gets_no_other(tmp_path: Path) -> None:
    secret = read_secret_key(tmp_path)
    assert read_secret_key(tmp_path) == secret
    (tmp_path / "lasting" / "secret.key").unlink()
    with pytest.raises(KeyMissing):
        read_secret_key(tmp_path)
    assert not (tmp_path / "lasting" / "secret.key").exists()


def test_an_empty_folder_gets_every_lasting_key(tmp_path: Path) -> None:
    secret = read_secret_key(tmp_path / "new")
    assert len(secret) == 2 * KEY_BYTES and read_secret_key(tmp_path / "new") == secret
    found = {read_lasting_key(tmp_path / "new", name) for name in LASTING_NAMES}
    assert len(found) == len(LASTING_NAMES)


def test_strangers_and_impossible_days(folder: KeyFolder) -> None:
    (folder.days / "notes.txt").write_text("")
    (folder.days / "2026-13-45.key").write_text("")
    assert folder.strangers() == ["2026-13-45.key", "notes.txt"] and folder.days_on_disk() == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    nowhere = KeyFolder(tmp_path / "none")
    assert nowhere.days_on_disk() == [] and nowhere.strangers() == []
    assert nowhere.destroy_day(DAY) is False and nowhere.day_key(DAY) is None


def _make(path: Path, damaged: bool, answers: multiprocessing.Queue[bytes]) -> None:
    answers.put(KeyFolder(path).make_day_key(DAY))


def _make_when_told(path: Path, go: Event, answers: multiprocessing.Queue[bytes]) -> None:
    go.wait(20)
    answers.put(KeyFolder(path).make_day_key(DAY))


@pytest.mark.parametrize("damaged", [False, True])
def test_processes_at_once_get_one_key(folder: KeyFolder, damaged: bool) -> None:
    if damaged:
        (folder.days / "2026-11-23.key").write_bytes(b"short")
    fork = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[bytes] = fork.Queue()
    workers = [fork.Process(target=_make, args=(folder.path, damaged, answers)) for _ in range(8)]
    for worker in workers:
        worker.start()
    found = {answers.get(timeout=20) for _ in workers}
    for worker in workers:
        worker.join(timeout=20)
    assert found == {folder.day_key(DAY)}


def test_whoever_finds_a_damaged_key_waits_for_who_replaces_it(folder: KeyFolder) -> None:
    """Without the lock the second would destroy the key that the first has just made."""
    file = folder.days / "2026-11-23.key"
    file.write_bytes(b"short")
    fork = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[bytes] = fork.Queue()
    go = fork.Event()
    second = fork.Process(target=_make_when_told, args=(folder.path, go, answers))
    second.start()  # before the lock is taken: a child would inherit it
    with module._alone_in(folder.days):
        go.set()
        with pytest.raises(queue.Empty):
            answers.get(timeout=0.5)
        file.unlink()
        file.write_bytes(bytes(KEY_BYTES))
    assert answers.get(timeout=20) == bytes(KEY_BYTES) == folder.day_key(DAY)
    second.join(timeout=20)


def test_a_crash_while_writing_leaves_no_half_key(
    folder: KeyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        folder.make_day_key(DAY)
    assert folder.day_key(DAY) is None and os.listdir(folder.days) == []


def test_a_fingerprint_names_and_does_not_tell() -> None:
    key = bytes(range(32))
    assert len(fingerprint(key)) == 16 and fingerprint(key) != fingerprint(bytes(32))
    assert key.hex()[:16] not in fingerprint(key)
