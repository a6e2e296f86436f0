from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.upheld.policy.owner_folder import OwnerFolder
from tests.upheld.promises.notice.shop import Shop


@pytest.fixture
def shop(tmp_path: Path, settings: Settings) -> Shop:
    """The demo's policy in a folder of the test's own, never published."""
    owner = OwnerFolder.copied_to(tmp_path)
    settings.UPHELD_POLICY = owner.policy
    return Shop(owner)
