from __future__ import annotations

from pathlib import Path

import pytest

from tests.upheld.policy.owner_folder import OwnerFolder


@pytest.fixture
def owner(tmp_path: Path) -> OwnerFolder:
    """A copy of the demo's policy that a test may spoil."""
    return OwnerFolder.copied_to(tmp_path)
