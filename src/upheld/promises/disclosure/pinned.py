"""Connecting to a declared host: resolved once, looked at, and then that very address."""

from __future__ import annotations

import socket
import time
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
_NAT64 = IPv6Network("64:ff9b::/96")


class EgressFailed(OSError):
    """The network or the other side failed. Says which host and what kind of failure, never
    what was sent."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"{host}: {reason}")


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
        try:
            return socket.create_connection((address, port), timeout=left)
        except OSError:
            continue
    raise EgressFailed(host, "no connection")


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine and no other."""
    address = _literal(host)
    return host == "localhost" if address is None else address.is_loopback


def _may_be(host: str, resolved: str) -> bool:
    address = _literal(resolved)
    if address is None:
        return False
    declared = _literal(host)
    if declared is not None:  # an address is its own declaration
        return address == declared
    return address.is_loopback if is_loopback(host) else is_public(address)


def is_public(address: Address) -> bool:
    """Whether `address` belongs to the internet, those hidden in IPv6 forms included."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def _literal(text: str) -> Address | None:
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None
