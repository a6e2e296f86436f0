"""`python -m bench.serve_pages PORT`: the server of `upheld serve` around `bench.pages_app`."""

from __future__ import annotations

import sys

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

if __name__ == "__main__":
    Server(
        "bench.pages_app:application",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=1,
        backlog=1024,
        log_access=False,
        log_level=LogLevels.warning,
    ).serve()
