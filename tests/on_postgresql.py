"""Runs the suite on PostgreSQL: `python -m tests.on_postgresql [--deep] [WORDS FOR PYTEST]`.

`--deep` runs the browser stories and whatever kills servers of its own, and nothing else.

The whole suite runs in two processes, each with a server of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.cluster import TESTER, Cluster, binaries, readable_copy

PROCESSES = 2
# These look at source, files and words, or start what stands on SQLite, whatever the suite is on.
WITHOUT_DATABASE = (
    "tests/house",
    "tests/examples",
    "tests/practice_gateway",
    "tests/upheld/policy",
    "tests/upheld_store/site/test_command_line.py",
    "tests/stories/test_stopping.py",
)
_QUICK, _DEEP = "not deep and not browser and not own_servers", "browser or own_servers"


def main() -> int:
    """Exit status of the suite; without a server it says so and fails where CI is set."""
    found = binaries()
    if found is None:
        print("SKIPPED: no PostgreSQL server here; the suite ran on SQLite alone.")
        return 1 if os.environ.get("CI") else 0
    folder = Path(tempfile.mkdtemp(prefix="upheld-pg-"))
    folder.chmod(0o755)
    try:
        return _run(readable_copy(found, folder), folder, sys.argv[1:])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(found: Path, folder: Path, words: list[str]) -> int:
    tier = {"UPHELD_TEST_TIER": "deep"} if "--deep" in words else {}
    words = [word for word in words if word != "--deep"]
    narrow = any(word.startswith("tests") for word in words)
    if not narrow:
        ignored = [f"--ignore={path}" for path in WITHOUT_DATABASE]
        words = ["tests", "-n", str(PROCESSES), "--dist", "loadfile", *ignored, *words]
    count = PROCESSES if "-n" in words else 1
    servers = [Cluster(found, folder / str(n)) for n in range(count)]
    started: list[Cluster] = []
    try:
        with ThreadPoolExecutor() as pool:
            for server in pool.map(_started, servers):
                started.append(server)
        urls = " ".join(server.url(TESTER, "postgres") for server in servers)
        more = {"UPHELD_TEST_SERVERS": urls, "UPHELD_TEST_PSQL": str(found / "psql")}
        command = [sys.executable, "-m", "pytest", "-m", _DEEP if tier else _QUICK, *words]
        environ = dict(os.environ) | more | tier
        return subprocess.run(command, env=environ, check=False).returncode
    finally:
        for server in started:
            server.stop()


def _started(server: Cluster) -> Cluster:
    server.start()
    server.prepare_for_the_suite()
    return server


if __name__ == "__main__":
    sys.exit(main())
