"""The demo's stock on the shelves, put there once for all tests of a module."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.upheld_store.catalog.built_stock import STOCK, built
from upheld_store.catalog import seed as seeding

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def quick_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stock's script ran already; take what it made."""

    def copy(stock_dir: Path, folder: Path) -> None:
        shutil.copytree(built(), folder, dirs_exist_ok=True)

    monkeypatch.setattr(seeding, "_build", copy)


@pytest.fixture
def stocked(db: None, settings: Any, tmp_path: Path, quick_build: None) -> Iterator[Path]:
    """The demo's stock in the database; the media folder."""
    settings.MEDIA_ROOT = tmp_path / "media"
    seeding.seed(STOCK, NOW, lambda done, total: None)
    yield tmp_path / "media"
