"""A seeded store with nothing left to do: stories and weather start on copies of it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def environ_of(folder: Path, port: int, practice: str, smtp: str) -> dict[str, str]:
    """What each process of a store in this folder gets."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("UPHELD_", "DJANGO_"))}
    return ours | {
        "UPHELD_STORE": str(ROOT / "demo"),
        "UPHELD_HOME": str(folder / "home"),
        "UPHELD_KEYS": str(folder / "keys"),
        "UPHELD_ORIGIN": f"http://127.0.0.1:{port}",
        "UPHELD_PRACTICE_URL": practice,
        "UPHELD_SMTP_URL": smtp,
        "DJANGO_SETTINGS_MODULE": "upheld_store.site.settings",
    }


def run_python(
    environ: Mapping[str, str], *words: str, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Our own Python, to its end."""
    return subprocess.run(
        [sys.executable, *words], env=environ, cwd=ROOT, input=stdin,
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def run_upheld(environ: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """One verb, to its end."""
    return run_python(environ, "-m", "upheld_store.site", *words)


def make_template(folder: Path) -> Path:
    """HOME and keys with the demo's stock, once for all processes of a run of the suite. What a
    keeper does once a day is done: a copy that starts today need not prove everything again."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            store = folder / "store"
            environ = environ_of(store, 8000, "http://127.0.0.1:8001", "smtp://127.0.0.1:8002")
            for verb in ("upgrade", "seed", "keep"):
                ran = run_upheld(environ, verb)
                assert ran.returncode == 0, ran.stdout + ran.stderr
            (folder / "made").touch()
    return folder / "store"


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder to copy."""
    own = tmp_path_factory.getbasetemp()
    return make_template((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "template")
