"""The only HTTP client of engine and store: to declared hosts, on a committed `Disclosure`."""

from __future__ import annotations

import functools
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from types import MappingProxyType
from typing import Any
from urllib.parse import SplitResult, urlsplit

from upheld.policy.errors import UndeclaredDisclosure
from upheld.promises.disclosure.closed import way_out
from upheld.promises.disclosure.departure import may_leave
from upheld.promises.disclosure.models import Disclosure
from upheld.promises.disclosure.pinned import EgressFailed, connect, is_loopback

ANSWER_BYTES_MAX = 1024 * 1024
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
# What the client itself decides; another value would change where or how the words arrive.
_OWN_HEADERS = frozenset({"host", "connection", "content-length", "transfer-encoding"})

__all__ = ["ANSWER_BYTES_MAX", "EgressFailed", "EgressResponse", "request"]


@dataclass(frozen=True, slots=True)
class EgressResponse:
    """What the other side answered. Header names are in lower case; a redirect is an answer
    like any other, because following it would leave the declared host."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def request(
    disclosure: Disclosure,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout_seconds: float = 20,
) -> EgressResponse:
    """Send one request to a declared host and return its answer, within `timeout_seconds` in
    all. Raises `UndeclaredDisclosure` for a host, scheme or row that must not be used, and
    `EgressFailed` where the network or the other side fails or answers too much."""
    target = _target(url)
    host = (target.hostname or "").lower()
    may_leave(disclosure, host)
    if target.scheme != "https" and not (target.scheme == "http" and is_loopback(host)):
        raise UndeclaredDisclosure(
            clause="P06",
            field=host,
            problem="would be reached without encryption",
            remedy="Use an https address; plain http goes to this machine alone.",
        )
    _refuse_unfit(method, headers or {})
    deadline = time.monotonic() + timeout_seconds
    try:
        with way_out(host, disclosure.pk), _open(target, host, deadline) as channel:
            return _exchange(channel, deadline, (method, target, dict(headers or {}), body))
    except EgressFailed:
        raise
    except (OSError, HTTPException) as error:
        raise EgressFailed(host, f"no usable answer ({type(error).__name__})") from error


def _target(url: str) -> SplitResult:
    """The parts of an address that is only what it seems: no login in it, no odd characters."""
    try:
        # `urlsplit` drops tabs and line ends silently; here they are an attack.
        if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            raise ValueError
        parts = urlsplit(url)
        if "@" in parts.netloc or parts.port == 0:
            raise ValueError
    except ValueError as error:
        raise UndeclaredDisclosure(
            clause="P15",
            field="an address",
            problem="is not a plain web address",
            remedy="Build it from a configured origin and a fixed path.",
        ) from error
    return parts


def _refuse_unfit(method: str, headers: Mapping[str, str]) -> None:
    if method not in _METHODS or _OWN_HEADERS & {name.lower() for name in headers}:
        raise ValueError("The method is not one of ours, or a header is the client's to set.")


def _open(target: SplitResult, host: str, deadline: float) -> socket.socket:
    secure = target.scheme == "https"
    plain = connect(host, target.port or (443 if secure else 80), deadline)
    if not secure:
        return plain
    plain.settimeout(max(deadline - time.monotonic(), 0.001))
    try:
        return tls_context().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Certificate and name verified, TLS 1.2 or newer. Made once: it reads the root store."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _exchange(
    channel: socket.socket,
    deadline: float,
    words: tuple[str, SplitResult, dict[str, str], bytes | None],
) -> EgressResponse:
    method, target, headers, body = words
    # The connection object writes the request; the socket is already the pinned one.
    connection = HTTPConnection(target.netloc)
    connection.sock = channel
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    channel.settimeout(max(deadline - time.monotonic(), 0.001))
    connection.request(method, path, body=body, headers={**headers, "Connection": "close"})
    timed: Any = _Timed(channel, deadline)  # of a socket, HTTPResponse uses makefile() alone
    answer = HTTPResponse(timed, method=method)
    answer.begin()
    received = answer.read(ANSWER_BYTES_MAX + 1)
    if len(received) > ANSWER_BYTES_MAX:
        raise EgressFailed(target.hostname or "", f"an answer over {ANSWER_BYTES_MAX} bytes")
    if answer.length:  # the other side stopped before the length it had announced
        raise EgressFailed(target.hostname or "", "an answer that broke off")
    named = {name.lower(): value for name, value in answer.getheaders()}
    return EgressResponse(answer.status, MappingProxyType(named), received)


class _Timed(io.RawIOBase):
    """A socket read within one deadline for everything, so that an answer that drips in byte by
    byte ends as well."""

    def __init__(self, channel: socket.socket, deadline: float) -> None:
        self._channel, self._deadline = channel, deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        """What `HTTPResponse` asks of a socket."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # any buffer
        """The next bytes. Raises `TimeoutError` at the deadline."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline")
        self._channel.settimeout(left)
        return self._channel.recv_into(buffer)
