"""From nothing to a store, and from an archive and the recovery file back to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from upheld.policy.errors import ActRefused
from upheld_store.site.new_store import new_store

TODAY = date(2026, 11, 25)


def upheld(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """One verb, as an owner types it in `folder`."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("UPHELD_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "upheld_store.site", *words],
        env=environ | more, cwd=folder, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


def test_the_folder_is_the_starters_without_its_goods(tmp_path: Path) -> None:
    made = new_store(tmp_path / "shop", "", "", TODAY)
    assert (made.store / "policy" / "policy.toml").is_file()
    assert (made.store / "store.toml").is_file() and not (made.store / "stock").exists()
    assert not (made.store / "policy" / "published").exists()
    assert made.home == tmp_path / "shop-var" and made.keys == tmp_path / "shop-var-keys"
    assert f"UPHELD_KEYS={made.keys}" in (made.store / ".env").read_text()
    assert made.recovery.stat().st_mode & 0o777 == 0o600
    assert (made.store / ".env").stat().st_mode & 0o777 == 0o600


def test_the_environment_names_the_folders_where_it_does(tmp_path: Path) -> None:
    made = new_store(tmp_path / "shop", str(tmp_path / "h"), str(tmp_path / "k"), TODAY)
    assert (made.home, made.keys) == (tmp_path / "h", tmp_path / "k")
    assert (tmp_path / "k" / "lasting" / "backup.key").is_file()


@pytest.mark.parametrize("there", ["shop/a", "shop-recovery.txt", "shop"])
def test_nothing_is_ever_written_over(tmp_path: Path, there: str) -> None:
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("mine")
    with pytest.raises(ActRefused):
        new_store(tmp_path / "shop", "", "", TODAY)
    assert (tmp_path / there).read_text() == "mine"


@pytest.mark.sqlite_only  # whole processes with a database of their own
def test_an_empty_machine_gets_the_store_back(tmp_path: Path) -> None:
    """With the archives and the recovery file alone; without the file it stays shut."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    assert "recovery.txt" in upheld(old, "init", "shop").stdout
    for words in (("upgrade",), ("seed", "--products", "3"), ("backup", "bk")):
        ran = upheld(old, *words, UPHELD_STORE="shop")
        assert ran.returncode == 0, ran.stdout + ran.stderr
    kept = (old / "shop-recovery.txt").read_bytes()
    shutil.copytree(old / "bk", new / "bk")
    shutil.rmtree(old)  # the machine is lost

    refused = upheld(new, "restore", "bk", UPHELD_STORE="shop")
    assert refused.returncode == 1 and "--recovery FILE" in refused.stderr
    (new / "paper.txt").write_bytes(kept)
    places = {
        "UPHELD_STORE": "shop",
        "UPHELD_HOME": str(new / "home"),
        "UPHELD_KEYS": str(new / "keys"),
    }
    back = upheld(new, "restore", "bk", "--recovery", "paper.txt", **places)
    assert back.returncode == 0, back.stdout + back.stderr
    status = upheld(new, "verify-log", "--against", "bk/log.checkpoint", **places)
    assert status.returncode == 1 and "an older backup was put back" in status.stderr
    seeded = upheld(new, "seed", "--products", "5", **places)
    assert seeded.returncode == 0 and "The catalog holds 5 products" in seeded.stdout, seeded.stderr
    assert not (new / "keys" / "days").exists() or not list((new / "keys" / "days").glob("*.key"))
