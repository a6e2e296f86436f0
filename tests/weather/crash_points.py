"""Every write call of an act, found by strace, and the act killed at any one of them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.own_database import on_postgresql
from tests.template import ROOT
from tests.weather.flow import BEGIN, END
from tests.weather.store import Store

WRITES = (
    "pwrite64", "write", "fsync", "fdatasync", "ftruncate", "rename", "link", "unlink",
    *(["sendto"] if on_postgresql() else []),  # there every statement is one
)  # fmt: skip
_CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)")
_FILES = re.compile(r"^\d+<(/[^>]*)>")


@dataclass(frozen=True)
class Point:
    """The `number`th call of this kind in the whole process."""

    call: str
    number: int

    def __str__(self) -> str:
        return f"{self.call} {self.number}"


def _strace(store: Store, words: list[str], *options: str) -> subprocess.CompletedProcess[str]:
    act = [sys.executable, "-m", "tests.weather.flow", *words]
    return subprocess.run(
        ["strace", "-f", "-y", *options, *act],
        env=store.environ | {"PYTHONDONTWRITEBYTECODE": "1"}, cwd=ROOT,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def facts_file(store: Store, facts: dict[str, Any]) -> str:
    path = store.folder / "facts.json"
    path.write_text(json.dumps(facts), "utf-8")
    return str(path)


def points_of(store: Store, act: str, facts: dict[str, Any], *sabotage: str) -> list[Point]:
    """Runs the act to its end and lists its writes to files, in their order."""
    out = store.folder / "strace.log"
    looks = "newfstatat,stat,statx,access"
    ran = _strace(
        store, [act, facts_file(store, facts), *sabotage],
        "--seccomp-bpf", "-o", str(out), "-e", f"trace={','.join(WRITES)},{looks}",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-2000:]
    return between_the_marks(out)


def between_the_marks(log: Path) -> list[Point]:
    """Calls on sockets and pipes are counted, since strace counts them, but are no points."""
    counted: Counter[str] = Counter()
    inside, found = False, []
    for line in log.read_text("utf-8", "replace").splitlines():
        match = _CALL.match(line)
        if match is None:
            continue
        call, rest = match.groups()
        if BEGIN in rest or END in rest:
            inside = BEGIN in rest
        if call not in WRITES:
            continue
        counted[call] += 1
        whole = call in {"rename", "link", "unlink", "sendto"}
        if inside and (whole or _FILES.match(rest)):
            found.append(Point(call, counted[call]))
    return found


def kill_at(store: Store, act: str, facts: dict[str, Any], point: Point, *sabotage: str) -> bool:
    """SIGKILL in place of that very call. Whether it came to it: ids are random, so a page of an
    index more or less is written. (With `--seccomp-bpf` strace 6.1 would forget the signal.)"""
    ran = _strace(
        store, [act, facts_file(store, facts), *sabotage], "-o", "/dev/null",
        "-e", f"trace={point.call}",
        "-e", f"inject={point.call}:signal=KILL:when={point.number}",
    )  # fmt: skip
    killed = ran.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}
    assert killed or ran.returncode == 0, (point, ran.stderr[-500:])
    return killed


def fail_at(store: Store, act: str, facts: dict[str, Any], point: Point, error: str) -> str:
    """From that very call on, every one of its kind fails with this error. What the act said."""
    ran = _strace(
        store, [act, facts_file(store, facts)], "-o", "/dev/null",
        "-e", f"trace={point.call}",
        "-e", f"inject={point.call}:error={error}:when={point.number}+",
    )  # fmt: skip
    return ran.stdout + ran.stderr
