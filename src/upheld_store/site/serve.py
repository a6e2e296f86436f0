"""The web server: granian, one blocking thread a worker, the keeper inside by default."""

from __future__ import annotations

import os

from django.db import connections
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server as Granian

from upheld_store.site.environment import Environment


def serve(environment: Environment, port: int, workers: int, *, keeper: bool) -> None:
    """Serve until stopped. Listens on loopback: TLS and the world are the front's business."""
    # Workers are forked. A connection they inherit leaves them with locks that only their parent
    # holds: once it is killed, another process would take the database for unused and cut its log.
    connections.close_all()
    os.environ["UPHELD_KEEPER_INSIDE"] = "1" if keeper else "0"
    Granian(
        "upheld_store.site.wsgi:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=1,
        backlog=1024,
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    ).serve()
