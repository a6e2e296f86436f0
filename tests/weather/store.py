"""A store whose server can be killed at any moment; its gateway and mailbox outlive it."""

from __future__ import annotations

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
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from practice_gateway.practice import Options, Practice
from tests.own_database import OwnDatabase, on_postgresql
from tests.stories.running_store import free_port
from tests.template import ROOT, environ_of, run_python, run_upheld
from upheld.db.sqlite.driver import Database
from upheld.vault.keys import prepare_lasting_keys, read_lasting_key

START_SECONDS_MAX = 30


@dataclass
class Store:
    """`sabotage` names a guard that `tests.weather.sabotage` takes out of the server."""

    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="upheld-weather-")))
    sabotage: str = ""
    workers: int = 2
    home: Path | None = None
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    database: OwnDatabase | None = None
    started_seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        prepare_lasting_keys(self.folder / "keys")
        secret = read_lasting_key(self.folder / "keys", "practice_gateway").hex()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.gateway = Practice(
            Options(
                port=0,
                smtp_port=0,
                store_origin=self.origin,
                webhook_url=f"{self.origin}/payments/practice/webhook/",
                secret=secret,
            )
        )
        self.gateway.start()
        assert self.gateway.mailbox is not None
        self.environ = environ_of(
            self.folder, self.port, self.gateway.origin,
            f"smtp://127.0.0.1:{self.gateway.mailbox.port}",
        )  # fmt: skip
        if self.home:
            self.environ["UPHELD_HOME"] = str(self.home)
        if self.database:
            self.environ |= self.database.environ()
        elif on_postgresql():
            self.database = OwnDatabase()
            self.environ |= self.database.environ()
            self._move_in()

    def _move_in(self) -> None:
        """The template stands on SQLite; here the same stock is made anew."""
        (self.folder / "home" / "store.sqlite3").unlink(missing_ok=True)
        for verb in ("upgrade", "seed"):
            ran = self.verb(verb)
            assert ran.returncode == 0, ran.stdout + ran.stderr

    def execute(self, sql: str, rows: Sequence[Sequence[Any]] = ((),)) -> None:
        """Past every guard, into the database of a store; placeholders are `?`."""
        if self.database:
            self.database.execute(sql, rows)
            return
        file = Database.connect(f"{self.environ['UPHELD_HOME']}/store.sqlite3", timeout=20)
        with file:
            file.executemany(sql, rows)
        file.close()

    def begin(self) -> None:
        """Start the server, and do not wait for it."""
        words = ["-m", "upheld_store.site", "serve"]
        if self.sabotage:
            words = ["-m", "tests.weather.sabotage", self.sabotage]
        words += ["--port", str(self.port), "--workers", str(self.workers)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *words],
                env=self.environ, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def start(self) -> Store:
        """Until it answers. Raises `RuntimeError` with its output where it does not."""
        began = time.monotonic()
        self.begin()
        while time.monotonic() - began < START_SECONDS_MAX and self.is_running():
            if self.answers():
                self.started_seconds.append(time.monotonic() - began)
                return self
            time.sleep(0.05)
        self.kill()
        raise RuntimeError(self.log.read_text("utf-8", "replace")[-3000:])

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def answers(self, path: str = "/readyz") -> bool:
        try:
            urllib.request.urlopen(self.origin + path, timeout=5).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL to the whole group, workers and keeper with it."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        self.process.wait(timeout=30)
        deadline = time.monotonic() + 10
        while self.is_listening() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.process = None

    def is_listening(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def verb(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One verb of this store."""
        return run_upheld(self.environ, *words)

    def trouble(self, **wishes: Any) -> None:
        """Make the gateway misbehave; `reset=True` calms it."""
        api = self.gateway.api
        api.troubles = api.troubles.changed(wishes)

    def settle(self) -> None:
        """With no server running: what the keeper would do, until nothing is left to do. Whoever
        was killed at a job held it for some minutes; they pass."""
        long_ago = "'2020-01-01 00:00:00'"
        self.execute(
            f"UPDATE upheld_job SET lease_until = {long_ago} WHERE lease_until > {long_ago}"
        )
        self.execute(f"UPDATE upheld_outbox_mail SET tried_at = {long_ago} WHERE state = 'sending'")
        for verb in ("reconcile", "keep"):
            ran = self.verb(verb)
            assert ran.returncode == 0, ran.stdout + ran.stderr

    def violations(self, evidence: dict[str, Any]) -> list[str]:
        """The oracle's verdict over database, gateway and mailbox."""
        assert self.gateway.mailbox is not None
        evidence = evidence | {
            "sessions": [
                {
                    "id": s.id, "amount": s.amount, "currency": s.currency,
                    "order": s.metadata.get("order", ""), "paid": s.status == "complete",
                }
                for s in self.gateway.book.sessions()
            ],
            "refunds": [
                {"session": refund.session.id, "amount": refund.amount}
                for refund in self.gateway.book.refunds()
                if refund.status != "failed"
            ],
            "mails": self.gateway.mailbox.caught(),
        }  # fmt: skip
        ran = run_python(self.environ, "-m", "tests.weather.oracle", stdin=json.dumps(evidence))
        assert ran.returncode == 0, ran.stderr
        found: list[str] = json.loads(ran.stdout)
        return found

    def close(self) -> None:
        """End and remove everything."""
        self.kill()
        self.gateway.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
