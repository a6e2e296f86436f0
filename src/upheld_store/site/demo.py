"""`upheld demo`: everything a stranger needs to try the store, started and stopped as one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from types import FrameType

from upheld.vault.keys import prepare_lasting_keys, read_lasting_key
from upheld_store.site.environment import read_environment
from upheld_store.site.ports import refuse_taken

PORTS = 3  # the store's, then the practice gateway's and its mail server's
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
    refuse_taken(range(port, port + PORTS))
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
    logins = _logins(environ)
    # `upgrade` has printed the start's one line already; refusals go to the other stream.
    # Ctrl-C is ours alone to hear: it would reach them too, and to be stopped twice can hang.
    unheard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    store = _upheld(environ, "serve", "--port", str(port), output=subprocess.DEVNULL)
    children = [_gateway(environ, port), store]
    signal.pthread_sigmask(signal.SIG_SETMASK, unheard)
    try:
        _announce(environment.origin, environment.practice_url, logins, store)
        return _wait_for_any(children)
    finally:
        _stop(children)


def _environ(port: int) -> dict[str, str]:
    local = {
        "UPHELD_STORE": os.environ.get("UPHELD_STORE", "demo"),
        "UPHELD_ORIGIN": os.environ.get("UPHELD_ORIGIN", f"http://127.0.0.1:{port}"),
        "UPHELD_PRACTICE_URL": f"http://127.0.0.1:{port + 1}",
        "UPHELD_SMTP_URL": os.environ.get("UPHELD_SMTP_URL", f"smtp://127.0.0.1:{port + 2}"),
        "UPHELD_GATEWAY": os.environ.get("UPHELD_GATEWAY", "practice"),
    }
    return dict(os.environ) | local


def _upheld(
    environ: dict[str, str], *words: str, output: int | None = None
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "upheld_store.site", *words]
    return subprocess.Popen(command, env=environ, stdout=output)  # noqa: S603  # our own words


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


def _logins(environ: dict[str, str]) -> str:
    # A process of its own: this one has no models, since it decides the environment first.
    command = [sys.executable, "-m", "upheld_store.site.demo_logins"]
    made = subprocess.run(  # noqa: S603  # our own interpreter and words
        command, env=environ, stdout=subprocess.PIPE, text=True, check=False
    )
    return made.stdout.rstrip() or "  The demo's accounts could not be made."


def _announce(origin: str, practice_url: str, logins: str, store: subprocess.Popen[bytes]) -> None:
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
        f"  Staff pages         {origin}/staff/\n\n{logins}\n\n"
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
    # Whoever signaled the whole group has told them already: let that arrive first.
    _pause(0.3)
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
