"""A PostgreSQL server for one run, where its programs can be found."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster import Cluster, binaries, deploy, readable_copy

_DATABASE = "upheld_bench"


@contextmanager
def throwaway_server() -> Iterator[dict[str, str] | None]:
    """What the environment says of an empty database made as deploy/postgresql.sql makes one, or
    None without a server. It syncs to disk as a real one does, unlike the one of the tests."""
    found = binaries()
    if found is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="upheld-bench-pg-"))
    folder.chmod(0o755)
    try:
        server = Cluster(readable_copy(found, folder), folder / "server", durable=True)
        server.start()
        try:
            deploy(server.bin / "psql", server.socket, _DATABASE)
            yield {
                "UPHELD_DATABASE_URL": server.url("upheld_run", _DATABASE),
                "UPHELD_DATABASE_OWNER_URL": server.url("upheld_owner", _DATABASE),
            }
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
