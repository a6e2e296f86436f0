"""The web server: granian, one blocking thread a worker, the keeper inside by default."""

from __future__ import annotations

import logging
import os
import signal
import threading

from django.db import connections
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server as Granian

from upheld_store.site.environment import Environment
from upheld_store.site.ports import refuse_taken

# A worker that is told to stop twice at once can wait for itself for ever; then it is ended.
_STOP_SECONDS_MAX = 3


def serve(environment: Environment, port: int, workers: int, *, keeper: bool) -> None:
    """Serve until stopped. Listens on loopback: TLS and the world are the front's business."""
    refuse_taken([port])
    # Workers are forked. A connection they inherit leaves them with locks that only their parent
    # holds: once it is killed, another process would take the database for unused and cut its log.
    connections.close_all()
    os.environ["UPHELD_KEEPER_INSIDE"] = "1" if keeper else "0"
    keeping = "the keeper runs inside" if keeper else "nothing is kept: run `upheld keep --loop`"
    links = f"links lead to {environment.origin}/ (UPHELD_ORIGIN)"
    print(f"Serving on 127.0.0.1:{port}; {links}; {keeping}.", flush=True)
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
        workers_kill_timeout=_STOP_SECONDS_MAX,
    )
    # A worker that ends because all were told to is no failure to report.
    logging.getLogger("_granian").addFilter(
        lambda record: not (server.interrupt_signal and "Unexpected exit" in record.getMessage())
    )
    _take_interrupts_alone()
    server.serve()


def _take_interrupts_alone() -> None:
    """Ctrl-C reaches every process of a terminal at once. The workers inherit that they do not
    hear it, and are stopped once, by their parent. Whoever started us may have seen to that."""
    heard = signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    if heard:
        threading.Thread(target=_end_at_interrupt, name="interrupts", daemon=True).start()


def _end_at_interrupt() -> None:
    signal.sigwait({signal.SIGINT})
    os.kill(os.getpid(), signal.SIGTERM)
