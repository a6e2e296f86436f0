"""A store made for one run, and the servers that it needs; all gone afterwards."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_WAIT_SECONDS_MAX = 60
_PORTS_BEGIN, _PORTS = 20_000, 12_000


class BenchFailed(Exception):
    """Something that is to be measured does not run."""


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody uses, below those that the system gives to
    connections: they are taken some time later."""
    while True:
        port = _PORTS_BEGIN + secrets.randbelow(_PORTS - count)
        try:
            for number in range(port, port + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
        except (OSError, OverflowError):
            continue
        return port


class Throwaway:
    """The demo's policy and stock in folders of their own, on one database."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="upheld-bench-"))
        self.port = free_ports(3)
        self.origin = f"http://127.0.0.1:{self.port}"
        self.gateway = f"http://127.0.0.1:{self.port + 1}"
        self.environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("UPHELD_", "DJANGO_"))
        } | {
            "UPHELD_STORE": str(ROOT / "demo"),
            "UPHELD_HOME": str(self.folder / "home"),
            "UPHELD_KEYS": str(self.folder / "keys"),
            "UPHELD_ORIGIN": self.origin,
            "UPHELD_PRACTICE_URL": self.gateway,
            "UPHELD_SMTP_URL": f"smtp://127.0.0.1:{self.port + 2}",
            "DJANGO_SETTINGS_MODULE": "upheld_store.site.settings",
        }
        self.environ |= urls

    def make(self) -> None:
        """Schema, stock, and what a day asks of the keeper once, such as the proofs: otherwise a
        first start would be measured. Raises `BenchFailed`."""
        for verb in ("upgrade", "seed", "keep"):
            ran = self.run("-m", "upheld_store.site", verb)
            if ran.returncode:
                raise BenchFailed(f"upheld {verb}:\n{ran.stdout}{ran.stderr}")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Our own Python with these words, to its end."""
        return subprocess.run(  # noqa: S603 - our own interpreter and words
            [sys.executable, *words],
            env=self.environ, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

    @contextmanager
    def serving(self, *words: str, path: str = "/healthz", port: int = 0) -> Iterator[int]:
        """A server process that answers `path` at `port`; its process id."""
        with (self.folder / "servers.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
                [sys.executable, *words],
                env=self.environ, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            self._await(process, f"http://127.0.0.1:{port or self.port}{path}")
            yield process.pid
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    @contextmanager
    def store(self, workers: int = 1) -> Iterator[tuple[int, int]]:
        """`upheld serve` with the practice gateway and its mailbox beside it; their process ids."""
        with self.practice() as gateway, self.serving(
            "-m", "upheld_store.site", "serve",
            "--port", str(self.port), "--workers", str(workers),
        ) as pid:  # fmt: skip
            yield pid, gateway

    @contextmanager
    def practice(self) -> Iterator[int]:
        """The practice gateway alone."""
        secret = (self.folder / "keys" / "lasting" / "practice_gateway.key").read_bytes()
        self.environ["PRACTICE_WEBHOOK_SECRET"] = secret.hex()
        words = (
            "-m", "practice_gateway", "--port", str(self.port + 1),
            "--smtp-port", str(self.port + 2), "--store-origin", self.origin,
            "--webhook-url", f"{self.origin}/payments/practice/webhook/",
        )  # fmt: skip
        with self.serving(*words, path="/mail.json", port=self.port + 1) as pid:
            yield pid

    def _await(self, process: subprocess.Popen[bytes], url: str) -> None:
        deadline = time.monotonic() + _WAIT_SECONDS_MAX
        while time.monotonic() < deadline and process.poll() is None:
            try:
                urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - our own server
                return
            except OSError:
                threading.Event().wait(0.1)
        raise BenchFailed((self.folder / "servers.log").read_text("utf-8", "replace")[-3000:])

    def remove(self) -> None:
        """Everything that it wrote."""
        shutil.rmtree(self.folder, ignore_errors=True)
