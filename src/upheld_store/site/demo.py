"""`upheld demo`: everything a stranger needs to try the store, started and stopped as one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from types import FrameType

from upheld.vault.keys import prepare_lasting_keys, read_lasting_key
from upheld_store.site.environment import read_environment

_WAIT_SECONDS_MAX = 60
_STOP_SECONDS_MAX = 10


def run(port: int) -> int:
    """Make HOME ready, seed it, start gateway and store; stop both when one ends or on Ctrl-C."""
    environ = _environ(port)
    os.environ.update(environ)
    environment = read_environment()
    if not environment.is_loopback:
        print("The demo runs on a loopback origin only. Unset UPHELD_ORIGIN.", file=sys.stderr)
        return 1
    taken = [number for number in range(port, port + 3) if _is_taken(number)]
    if taken:
        print(
            f"Port {taken[0]} is taken. Stop what uses it, or choose another: PORT=9000.",
            file=sys.stderr,
        )
        return 1
    prepare_lasting_keys(environment.keys)
    environ["PRACTICE_WEBHOOK_SECRET"] = (
        environment.stripe_webhook_secret
        if _stands_in_for_stripe(environ)
        else read_lasting_key(environment.keys, "practice_gateway").hex()
    )
    for verb in ("upgrade", "seed"):
        status = _upheld(environ, verb).wait()
        if status:
            return status
    children = [_gateway(environ, port), _upheld(environ, "serve", "--port", str(port))]
    try:
        _announce(environment.origin, environment.practice_url, children[1])
        return _wait_for_any(children)
    finally:
        _stop(children)


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _environ(port: int) -> dict[str, str]:
    local = {
        "UPHELD_STORE": os.environ.get("UPHELD_STORE", "demo"),
        "UPHELD_ORIGIN": os.environ.get("UPHELD_ORIGIN", f"http://127.0.0.1:{port}"),
        "UPHELD_PRACTICE_URL": f"http://127.0.0.1:{port + 1}",
        "UPHELD_SMTP_URL": os.environ.get("UPHELD_SMTP_URL", f"smtp://127.0.0.1:{port + 2}"),
        "UPHELD_GATEWAY": os.environ.get("UPHELD_GATEWAY", "practice"),
    }
    return dict(os.environ) | local


def _upheld(environ: dict[str, str], *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "upheld_store.site", *words]
    return subprocess.Popen(command, env=environ)  # noqa: S603  # our own interpreter and words


def _stands_in_for_stripe(environ: dict[str, str]) -> bool:
    """Whether the store speaks to the practice gateway through Stripe's SDK, to try that out."""
    return environ.get("UPHELD_STRIPE_API_BASE") == environ["UPHELD_PRACTICE_URL"]


def _gateway(environ: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    origin = environ["UPHELD_ORIGIN"]
    name = "stripe" if _stands_in_for_stripe(environ) else "practice"
    command = [
        sys.executable,
        "-m",
        "practice_gateway",
        "--port",
        str(port + 1),
        "--smtp-port",
        str(port + 2),
        "--store-origin",
        origin,
        "--webhook-url",
        f"{origin}/payments/{name}/webhook/",
    ]
    return subprocess.Popen(command, env=environ)  # noqa: S603  # our own interpreter and words


def _announce(origin: str, practice_url: str, store: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS_MAX
    while time.monotonic() < deadline and store.poll() is None:
        try:
            urllib.request.urlopen(f"{origin}/healthz", timeout=2).close()  # noqa: S310  # ours
            break
        except OSError:
            _pause(0.2)
    print(
        f"\n  The store           {origin}/\n"
        f"  Promises kept       {origin}/privacy/promises/\n"
        f"  Caught mail         {origin}/demo/mail/\n"
        f"  Practice gateway    {practice_url}/\n"
        f"  Staff pages         {origin}/staff/   after: upheld create-owner you@example.com\n\n"
        "  Ctrl-C stops everything.",
        flush=True,
    )


def _wait_for_any(children: list[subprocess.Popen[bytes]]) -> int:
    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    while all(child.poll() is None for child in children):
        _pause(0.3)
    return 1


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS_MAX
    while time.monotonic() < deadline and any(child.poll() is None for child in children):
        _pause(0.05)
    for child in children:
        if child.poll() is None:
            child.kill()
            child.wait()


def _pause(seconds: float) -> None:
    """Not `time.sleep`, which fails under a clock that libfaketime moved."""
    threading.Event().wait(seconds)
