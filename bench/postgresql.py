"""A PostgreSQL server for one run, where its programs can be found."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.on_postgresql import DEPLOY, NOBODY, _binaries, _readable_copy, answers

_DATABASE = "upheld_bench"


@contextmanager
def throwaway_server() -> Iterator[dict[str, str] | None]:
    """What the environment says of an empty database made as deploy/postgresql.sql makes one, or
    None without a server. It syncs to disk as a real one does, unlike the one of the tests."""
    binaries = _binaries()
    if binaries is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="upheld-bench-pg-"))
    folder.chmod(0o755)
    try:
        with _running(binaries, folder) as socket:
            at = f"/{_DATABASE}?host={socket}"
            yield {
                "UPHELD_DATABASE_URL": f"postgres://upheld_run@{at}",
                "UPHELD_DATABASE_OWNER_URL": f"postgres://upheld_owner@{at}",
            }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(binaries: Path, folder: Path) -> Iterator[Path]:
    data, socket = folder / "data", folder / "socket"
    data.mkdir()
    socket.mkdir()
    how: dict[str, Any] = {
        "cwd": "/",
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    if os.geteuid() == 0:
        how |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        binaries = _readable_copy(binaries, folder)
        os.chown(data, NOBODY, NOBODY)
        os.chown(socket, NOBODY, NOBODY)
    words = ["-U", "upheld", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run([binaries / "initdb", "-D", data, *words], check=True, **how)  # noqa: S603
    server = subprocess.Popen(  # noqa: S603 - the binaries found above
        [binaries / "postgres", "-D", data, "-k", socket, "-c", "listen_addresses="], **how
    )
    try:
        deadline = time.monotonic() + 30
        while not answers(binaries, socket) and time.monotonic() < deadline:
            threading.Event().wait(0.1)
        psql = [binaries / "psql", "-q", "-h", socket, "-U", "upheld", "-d", "postgres"]
        words = [*psql, "-v", f"database={_DATABASE}", "-f", DEPLOY]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - found above
        yield socket
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
