"""A copy of one moment, and a copy back under the eyes of whoever has the database open."""

from __future__ import annotations

from pathlib import Path

import pytest

from upheld.db.sqlite.copying import CopyBroken, check_copy, copy_database, rows_of
from upheld.db.sqlite.driver import Database


def database(path: Path, *rows: int):
    opened = Database.connect(path, isolation_level=None)
    opened.execute("PRAGMA journal_mode = WAL")
    opened.execute("CREATE TABLE a (n INTEGER PRIMARY KEY, at TEXT)")
    opened.executemany("INSERT INTO a (n) VALUES (?)", [(row,) for row in rows])
    return opened


def test_what_is_not_committed_is_not_copied(tmp_path: Path) -> None:
    writer = database(tmp_path / "here", 1, 2)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO a (n) VALUES (3)")
    copy_database(tmp_path / "here", tmp_path / "copy")
    writer.execute("COMMIT")
    assert check_copy(tmp_path / "copy") == {"a": 2}
    assert list(rows_of(tmp_path / "copy", "a", ("n",))) == [(1,), (2,)]
    assert list(rows_of(tmp_path / "copy", "b", ("n",))) == []
    assert not (tmp_path / "copy-wal").exists(), "the copy is one file"
    writer.close()


def test_who_has_it_open_goes_on_with_what_was_put_back(tmp_path: Path) -> None:
    reader = database(tmp_path / "here", *range(2000))
    assert reader.execute("SELECT count(*) FROM a").fetchone() == (2000,)
    database(tmp_path / "old", 7).close()
    copy_database(tmp_path / "old", tmp_path / "here")
    assert reader.execute("SELECT n FROM a").fetchall() == [(7,)]
    reader.execute("INSERT INTO a (n) VALUES (8)")
    assert reader.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    reader.close()


def test_nothing_of_the_old_stays_in_the_file(tmp_path: Path) -> None:
    old = database(tmp_path / "here", 1)
    old.execute("UPDATE a SET at = ?", ["zephyrine-quillfeather" * 400])
    old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    old.close()
    assert b"zephyrine" in (tmp_path / "here").read_bytes()
    database(tmp_path / "new", *range(5)).close()
    copy_database(tmp_path / "new", tmp_path / "here")
    left = b"".join(path.read_bytes() for path in tmp_path.glob("here*"))
    assert b"zephyrine" not in left


@pytest.mark.parametrize("harm", ["torn", "no database", "a loose key"])
def test_a_damaged_copy_is_refused(tmp_path: Path, harm: str) -> None:
    opened = database(tmp_path / "here", *range(3000))
    opened.execute("CREATE TABLE b (a INTEGER REFERENCES a (n))")
    if harm == "a loose key":
        opened.execute("INSERT INTO b VALUES (9999)")
    opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    opened.close()
    data = bytearray((tmp_path / "here").read_bytes())
    if harm == "torn":
        data[4096:] = data[: len(data) - 4096]
    elif harm == "no database":
        data = bytearray(b"hello" * 1000)
    (tmp_path / "copy").write_bytes(data)
    with pytest.raises(CopyBroken):
        check_copy(tmp_path / "copy")
