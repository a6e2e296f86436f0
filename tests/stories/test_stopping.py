"""Ctrl-C: a terminal signals every process of the demo at once, and all of them are soon gone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.stories.running_store import RunningStore

# Where a process that is told twice waits for itself, the demo ends it after ten seconds.
SECONDS_MAX = 6


def processes_of(group: int) -> list[str]:
    """What runs in a process group, by its command."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.getpgid(int(pid)) == group:
                with open(f"/proc/{pid}/cmdline", "rb") as words:
                    found.append(words.read().replace(b"\0", b" ").decode())
        except (ProcessLookupError, FileNotFoundError):
            continue
    return found


@pytest.mark.parametrize("pause", [0.0, 1.5])
def test_ctrl_c_stops_everything_at_once(
    own_store: Callable[..., RunningStore], pause: float
) -> None:
    store = own_store(template=None)
    assert store.process is not None
    group = store.process.pid
    assert len(processes_of(group)) >= 4
    time.sleep(pause)  # the first proofs run meanwhile
    os.killpg(group, signal.SIGINT)
    began = time.monotonic()
    store.process.wait(timeout=20)
    assert time.monotonic() - began < SECONDS_MAX
    assert [words for words in processes_of(group) if words] == []
    told = (store.folder / "server.log").read_text("utf-8")
    assert "Unexpected exit" not in told and "Traceback" not in told
    store.process = None
