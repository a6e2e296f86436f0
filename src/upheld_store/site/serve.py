"""The web server: granian, one blocking thread a worker, the keeper inside by default."""

from __future__ import annotations

import logging
import os

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server as Granian

from upheld_store.site.environment import Environment
from upheld_store.site.ports import refuse_taken


def serve(environment: Environment, port: int, workers: int, *, keeper: bool) -> None:
    """Serve until stopped. Listens on loopback: TLS and the world are the front's business."""
    refuse_taken([port])
    os.environ["UPHELD_KEEPER_INSIDE"] = "1" if keeper else "0"
    keeping = "the keeper runs inside" if keeper else "nothing is kept: run `upheld keep --loop`"
    print(f"Serving {environment.origin}/ from 127.0.0.1:{port}; {keeping}.", flush=True)
    server = Granian(
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
    )
    # Ctrl-C reaches every process of the terminal at once. A worker that ends then is no surprise.
    logging.getLogger("_granian").addFilter(
        lambda record: not (server.interrupt_signal and "Unexpected exit" in record.getMessage())
    )
    server.serve()
