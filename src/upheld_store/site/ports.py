"""Is a port still free? Asked before anything is started, since the web server would share a
taken port with whoever has it, and visitors would meet now one store, now the other."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from upheld_store.site.owner_files import EnvironmentInvalid


def refuse_taken(ports: Iterable[int]) -> None:
    """Raises `EnvironmentInvalid` with the first port that cannot be listened on."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except PermissionError as error:
                raise EnvironmentInvalid(
                    f"Port {port} is not yours to open. Choose one above 1023."
                ) from error
            except OSError as error:
                raise EnvironmentInvalid(
                    f"Port {port} is taken. Stop what uses it, or choose another: "
                    "PORT=9000 make demo, or --port 9000."
                ) from error
