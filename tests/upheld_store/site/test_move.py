"""A store is copied to another database whole, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models

from upheld.db import entry_point
from upheld.policy.errors import ActRefused
from upheld.web.content import ContentVersion
from upheld_store.site import move
from upheld_store.site.move import move_store

pytestmark = pytest.mark.usefixtures("only_store_here")

PLANT = """
import datetime
from upheld.vault.models import SealedValue
SealedValue.objects.create(table_name="t", row_key="1", field="f", day=datetime.date(2026, 1, 2),
    key_fingerprint="0", ciphertext=bytes(range(256)))
"""


def upheld(
    url: str, *words: str, owner: str = "", typed: str = ""
) -> subprocess.CompletedProcess[str]:
    environ = dict(os.environ) | {"UPHELD_DATABASE_URL": url, "UPHELD_DATABASE_OWNER_URL": owner}
    return subprocess.run(
        [sys.executable, "-m", "upheld_store.site", *words],
        env=environ, capture_output=True, text=True, check=False, timeout=240, input=typed,
    )  # fmt: skip


@pytest.fixture
def filled(tmp_path: Path) -> str:
    """A store on SQLite with products, a log, a person's words and bytes."""
    url = f"sqlite:///{tmp_path / 'here.sqlite3'}"
    shell = ("shell", "--for", "support", "--reason", "a test")
    for words in (("upgrade",), ("seed",), ("seed", "--products", "300"), shell):
        done = upheld(url, *words, typed=PLANT if words is shell else "")
        assert done.returncode == 0, done.stderr
        assert "Error" not in done.stderr
    return url


def test_there_and_back(filled: str, tmp_path: Path) -> None:
    """Through PostgreSQL where there is one, else through another file."""
    there, owner = f"sqlite:///{tmp_path / 'there.sqlite3'}", ""
    if connection.vendor == "postgresql":
        host = connection.settings_dict["HOST"]
        there = f"postgres://upheld_run@/upheld_move?host={host}"
        owner = f"postgres://upheld_owner@/upheld_move?host={host}"
    moved = upheld(filled, "move", there, owner=owner)
    assert moved.returncode == 0, moved.stderr
    assert "each compared" in moved.stdout
    if owner:
        assert psql("SELECT row_key FROM upheld_sealed_value_20260102") == "1\n"
    checked = upheld(there, "check")  # without the owner, as a server runs
    assert checked.returncode == 0, checked.stdout
    again = upheld(filled, "move", there, owner=owner)
    assert again.returncode == 1 and "has" in again.stderr and "tables already" in again.stderr
    back = upheld(there, "move", f"sqlite:///{tmp_path / 'back.sqlite3'}", owner=owner)
    assert back.returncode == 0, back.stderr
    assert back.stdout.split(" rows")[0] == moved.stdout.split(" rows")[0]


def psql(sql: str) -> str:
    """What the copy holds, as a superuser sees it."""
    host = connection.settings_dict["HOST"]
    words = [os.environ["UPHELD_TEST_PSQL"], "-h", host, "-U", "upheld", "-d", "upheld_move"]
    return subprocess.run([*words, "-tAc", sql], capture_output=True, text=True, check=True).stdout


@pytest.mark.sqlite_only
def test_a_copy_that_differs_is_refused(
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control of the comparison: one value changes on its way."""
    real = move._batches

    def changed(model: type[models.Model]) -> Iterator[list[models.Model]]:
        for batch in real(model):
            if model is ContentVersion:
                batch[0].version += 1  # type: ignore[attr-defined]
            yield batch

    monkeypatch.setattr(move, "_batches", changed)
    with django_db_blocker.unblock(), entry_point("command", "move"):
        planted = ContentVersion.objects.create(pk=9)
        try:
            with pytest.raises(ActRefused, match="upheld_content_version was not copied as it is"):
                move_store(f"sqlite:///{tmp_path / 'there.sqlite3'}", "")
            with pytest.raises(ActRefused, match="stands on"):
                move_store(f"sqlite:///{connection.settings_dict['NAME']}", "")
        finally:
            planted.delete()


def test_rows_are_compared_whatever_their_order_and_form() -> None:
    assert move._plain(memoryview(b"a")) == move._plain(b"a") == "61"
    assert move._plain({"b": 1}) == {"b": 1}
    assert move._plain(None) is None
