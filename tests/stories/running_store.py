"""A real store for a story: a server with its keeper, a practice gateway and a mailbox."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from practice_gateway.practice import Options, Practice
from tests.own_database import OwnDatabase, on_postgresql
from tests.template import ROOT, environ_of
from upheld.vault.keys import read_lasting_key

_START_SECONDS_MAX = 90


def free_port() -> int:
    """The first of three ports in a row that nobody uses."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        try:
            for number in (port + 1, port + 2):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
        except (OSError, OverflowError):
            continue
        return port


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class RunningStore:
    """A store of its own: a copy of `template` that is served, with the gateway and the mailbox in
    the test's process; without one, `upheld demo` from nothing. `clock` is a libfaketime offset
    such as `+59d`; `more` are variables that it gets besides."""

    template: Path | None = None
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="upheld-story-")))
    port: int = field(default_factory=free_port)
    clock: str | None = None
    more: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    practice: Practice | None = None
    database: OwnDatabase | None = None

    def __post_init__(self) -> None:
        if self.template:
            shutil.copytree(self.template, self.folder, dirs_exist_ok=True)
            if on_postgresql():
                self._move_in()

    def _move_in(self) -> None:
        """The template stands on SQLite; here the same stock is made anew."""
        self.database = OwnDatabase()
        (self.home / "store.sqlite3").unlink()
        for verb in ("upgrade", "seed"):
            ran = self.run(verb)
            assert ran.returncode == 0, ran.stdout + ran.stderr

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    def environ(self) -> dict[str, str]:
        """What the processes of this store get."""
        smtp = f"smtp://127.0.0.1:{self.port + 2}"
        return environ_of(self.folder, self.port, self.gateway, smtp) | {
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_NO_CACHE": "1",
            **(self.database.environ() if self.database else {}),
            **self.more,
        }

    def command(self, *words: str) -> list[str]:
        """`upheld WORDS` under this store's clock."""
        clock = ["faketime", "-f", self.clock] if self.clock else []
        return [*clock, sys.executable, "-m", "upheld_store.site", *words]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One verb, to its end."""
        return subprocess.run(
            self.command(*words),
            env=self.environ(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def _start_gateway(self) -> None:
        """It outlives the server: what was paid stays paid."""
        if self.template is None or self.practice is not None:
            return
        name, secret = "practice", read_lasting_key(self.keys, "practice_gateway").hex()
        if self.more.get("UPHELD_GATEWAY") == "stripe":
            name, secret = "stripe", self.more["UPHELD_STRIPE_WEBHOOK_SECRET"]
        self.practice = Practice(
            Options(
                port=self.port + 1,
                smtp_port=self.port + 2,
                store_origin=self.origin,
                webhook_url=f"{self.origin}/payments/{name}/webhook/",
                secret=secret,
            )
        )
        self.practice.start()

    def start(self) -> RunningStore:
        """Until the store answers. Raises `RuntimeError` with its output if it never does."""
        self._start_gateway()
        verb = "serve" if self.template else "demo"
        with (self.folder / "server.log").open("ab") as log:
            # Whoever started the tests in the background made them deaf to Ctrl-C, and their
            # children with them.
            self.process = subprocess.Popen(
                ["env", "--default-signal=INT", *self.command(verb, "--port", str(self.port))],
                env=self.environ(),
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS_MAX
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.get("/readyz")
                urllib.request.urlopen(f"{self.gateway}/mail.json", timeout=5).close()
                return self
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError((self.folder / "server.log").read_text("utf-8", errors="replace"))

    def stop(self) -> None:
        """End every process that `start` started."""
        if self.process is None:
            return
        # Under a moved clock the first process is faketime's own, which passes no signal on.
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        # That process ends before those it started: the next start needs all their ports.
        ports = range(self.port, self.port + (1 if self.practice else 3))
        while any(_is_listening(port) for port in ports):
            time.sleep(0.05)
        self.process = None

    def close(self) -> None:
        """End and remove everything."""
        self.stop()
        if self.practice:
            self.practice.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> str:
        """The body of one page. Raises `OSError` on anything but success."""
        request = urllib.request.Request(f"{self.origin}{path}", headers=dict(headers or {}))
        with urllib.request.urlopen(request, timeout=15) as answer:
            return str(answer.read().decode())

    def mails(self) -> list[dict[str, Any]]:
        """What the practice mail server caught, newest first."""
        with urllib.request.urlopen(f"{self.gateway}/mail.json", timeout=5) as answer:
            mails: list[dict[str, Any]] = json.loads(answer.read())
        return mails

    def promises(self) -> dict[str, dict[str, Any]]:
        """The public promises.json by id."""
        rows = json.loads(self.get("/privacy/promises.json"))["promises"]
        return {row["id"]: row for row in rows}

    def bytes_of_home(self) -> dict[str, bytes]:
        """Every file the store wrote, media left out, and its database where that is a server's."""
        files = {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and "media" not in path.parts
        }
        return files | ({"store in a server": self.database.dump()} if self.database else {})
