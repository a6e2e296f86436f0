"""What the engine's tests share: a key folder that is theirs alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from upheld.vault.keys import KeyFolder, prepare_lasting_keys


@pytest.fixture
def own_keys(tmp_path: Path, settings: Settings) -> KeyFolder:
    """An empty `days/` and fresh lasting keys, for this test only."""
    settings.UPHELD_KEYS = tmp_path / "keys"
    prepare_lasting_keys(settings.UPHELD_KEYS)
    return KeyFolder(settings.UPHELD_KEYS)
