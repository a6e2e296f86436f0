"""Two servers with two keepers on one database, and workers whose parent was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.stories.running_store import free_port

pytestmark = pytest.mark.usefixtures("only_store_here")
_SECONDS_MAX = 90
# What each keeper found to do, as the queue has it: name, times taken, whether it is done.
ASK = """
from upheld.jobs.models import Job
for job in Job.objects.order_by("pk"): print("job", job.key, job.attempts, bool(job.done_at))
"""


class Place:
    """One store's folders and database, and every process that was started on it."""

    def __init__(self, folder: Path) -> None:
        self.environ = dict(os.environ) | {
            "UPHELD_HOME": str(folder / "home"), "UPHELD_KEYS": str(folder / "keys"),
            "UPHELD_DATABASE_URL": f"sqlite:///{folder / 'many.sqlite3'}",
        }  # fmt: skip
        if connection.vendor == "postgresql":
            host = connection.settings_dict["HOST"]
            for name, login in (("", "upheld_run"), ("OWNER_", "upheld_owner")):
                url = f"postgres://{login}@/upheld_many?host={host}"
                self.environ[f"UPHELD_DATABASE_{name}URL"] = url
        self.servers: list[subprocess.Popen[bytes]] = []
        self.orphans: list[int] = []

    def upheld(self, *words: str, typed: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "upheld_store.site", *words],
            env=self.environ, input=typed, capture_output=True, text=True, check=True, timeout=240,
        )  # fmt: skip
        return done.stdout + done.stderr

    def serve(self, *words: str) -> tuple[subprocess.Popen[bytes], int]:
        port = free_port()
        command = [sys.executable, "-m", "upheld_store.site", "serve", "--port", str(port), *words]
        server = subprocess.Popen(command, env=self.environ, stdout=subprocess.DEVNULL)
        self.servers.append(server)
        until(lambda: answers(port))
        return server, port

    def jobs(self) -> list[tuple[str, int, bool]]:
        told = self.upheld("shell", "--for", "support", "--reason", "a test", typed=ASK + "\n")
        rows = [line.split()[-3:] for line in told.splitlines() if "job " in line]
        return [(key, int(attempts), done == "True") for key, attempts, done in rows]


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + _SECONDS_MAX
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        threading.Event().wait(0.3)


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def lives(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    for server in place.servers:
        server.send_signal(signal.SIGTERM)
    for pid in filter(lives, place.orphans):
        os.kill(pid, signal.SIGKILL)
    for server in place.servers:
        server.wait(timeout=30)


def test_each_thing_is_done_once_though_a_parent_is_killed(place: Place) -> None:
    place.upheld("upgrade")
    place.upheld("seed")
    first, _ = place.serve("--workers", "2")
    _, second_port = place.serve()
    orphans = children(first.pid)
    place.orphans += orphans
    first.kill()
    first.wait()
    assert [pid for pid in orphans if lives(pid)], "the control: its workers live on"
    _, third_port = place.serve()
    until(lambda: (found := place.jobs()) and all(done for _, _, done in found))
    found = place.jobs()
    assert answers(second_port) and answers(third_port)
    keys = [key for key, _, _ in found]
    assert len(keys) == len(set(keys)) >= 4
    # A run counts only if nobody took the job over: `attempts` is the fence, and it only grows.
    assert [(key, attempts) for key, attempts, _ in found if attempts != 1] == []
