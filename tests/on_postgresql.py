"""Runs the suite on PostgreSQL: `python -m tests.on_postgresql [WORDS FOR PYTEST]`.

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
# These look at source, files and words, and find the same whatever the database is.
WITHOUT_DATABASE = ("tests/house", "tests/upheld/policy", "tests/practice_gateway")


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
        command = [sys.executable, "-m", "pytest", "-m", "not deep and not browser", *words]
        return subprocess.run(command, env=dict(os.environ) | more, check=False).returncode
    finally:
        for server in started:
            server.stop()


def _started(server: Cluster) -> Cluster:
    server.start()
    server.prepare_for_the_suite()
    return server


if __name__ == "__main__":
    sys.exit(main())
