"""A throw-away store for the whole run: its own HOME, keys and database, the demo's policy.

A plugin, not a conftest: pytest-django reads the settings before any conftest is loaded, and would
take the developer's own store."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="upheld-test-"))
os.environ.update(
    {
        "UPHELD_STORE": str(Path(__file__).parents[1] / "demo"),
        "UPHELD_HOME": str(FOLDER / "home"),
        # The browser's driver leaves a loop running in the thread of the tests.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        "UPHELD_KEYS": str(FOLDER / "keys"),
        "UPHELD_ORIGIN": "http://127.0.0.1:8000",
    }
)
# A server for each process of the suite (see tests/on_postgresql.py); the first for a lone one.
if servers := os.environ.get("UPHELD_TEST_SERVERS", "").split():
    os.environ["UPHELD_DATABASE_URL"] = servers[
        int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ]
# WhiteNoise warns of a folder that is not there yet.
(FOLDER / "home" / "static").mkdir(parents=True)
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
