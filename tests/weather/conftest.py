"""Each battery takes a copy of the seeded store."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.weather.store import Store


@pytest.fixture
def weather_store(seeded: Path) -> Iterator[Callable[..., Store]]:
    """Makes a store of one's own, not yet started."""
    made: list[Store] = []

    def make(**options: Any) -> Store:
        folder = Path(tempfile.mkdtemp(prefix="upheld-weather-"))
        shutil.copytree(seeded, folder, dirs_exist_ok=True)
        made.append(Store(folder=folder, **options))
        return made[-1]

    yield make
    for store in made:
        store.close()
