"""Connecting to a declared host: resolved once, looked at, and then that very address."""

from __future__ import annotations

import socket
import time

from upheld.promises.disclosure.addresses import is_loopback, is_public, literal
from upheld.promises.disclosure.closed import open_address, way_out

__all__ = ["EgressFailed", "addresses_of", "connect", "is_loopback", "is_public"]


class EgressFailed(OSError):
    """The network or the other side failed. Says which host and what kind of failure, never
    what was sent."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"{host}: {reason}")


def addresses_of(host: str) -> list[str]:
    """Where a declared host is just now; nowhere, where its name has no address. Nothing is sent
    to it."""
    try:
        with way_out(host, 0):
            answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return sorted({str(answer[4][0]) for answer in answers})


def connect(host: str, port: int, deadline: float) -> socket.socket:
    """A connected socket before `deadline` (of the monotonic clock). Raises `EgressFailed`,
    also where a public name answers with an address that is not public: such an answer would
    turn a declared host into a way inside (DNS rebinding)."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EgressFailed(host, "its name has no address") from error
    addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    if not addresses or not all(_may_be(host, address) for address in addresses):
        raise EgressFailed(host, "its name leads to an address that is not public")
    for address in addresses:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        open_address(address)
        try:
            return socket.create_connection((address, port), timeout=left)
        except OSError:
            continue
    raise EgressFailed(host, "no connection")


def _may_be(host: str, resolved: str) -> bool:
    address = literal(resolved)
    if address is None:
        return False
    declared = literal(host)
    if declared is not None:  # an address is its own declaration
        return address == declared
    return address.is_loopback if is_loopback(host) else is_public(address)
