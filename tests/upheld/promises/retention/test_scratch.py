"""What is tried out in HOME is gone afterwards, also where its process was killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from upheld.promises.retention.scratch import Busy, scratch_folder, sweep


def test_it_is_closed_to_others_and_goes_in_the_end(tmp_path: Path) -> None:
    with scratch_folder(tmp_path / "home") as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "copy").write_bytes(b"x")
    assert not list((tmp_path / "home").glob(".scratch-*"))


def test_what_a_killed_process_left_goes_first(tmp_path: Path) -> None:
    left = tmp_path / ".scratch-old"
    left.mkdir()
    (left / "copy").write_bytes(b"x")
    with scratch_folder(tmp_path):
        assert not left.exists()
    left.mkdir()
    sweep(tmp_path)
    assert not left.exists()
    sweep(tmp_path)


def test_one_at_a_time_and_nobody_sweeps_under_it(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as folder:
        with pytest.raises(Busy), scratch_folder(tmp_path):
            pass
        sweep(tmp_path)
        assert folder.exists()
