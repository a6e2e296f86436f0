"""A client that costs less than the server it measures: requests as bytes, answers by length."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

_LANES = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, header lines in lower case, body."""

    status: int
    headers: dict[str, str]
    cookies: tuple[str, ...]
    body: bytes


class Line:
    """One kept-open connection to one origin."""

    def __init__(self, origin: str) -> None:
        parts = urlsplit(origin)
        self.host, self.port = parts.hostname or "", parts.port or 80
        self._socket: socket.socket | None = None

    def ask(self, method: str, path: str, headers: str = "", body: bytes = b"") -> Answer:
        """One request; opened anew once where the other side had closed."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{headers}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        for again in (False, True):
            if self._socket is None:
                self._socket = socket.create_connection((self.host, self.port), timeout=60)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                self._socket.sendall(head.encode() + body)
                return self._read()
            except (ConnectionError, EOFError):
                self.close()
                if again:
                    raise
        raise AssertionError

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _read(self) -> Answer:
        channel = self._socket
        if channel is None:
            raise EOFError
        got = b""
        while b"\r\n\r\n" not in got:
            more = channel.recv(65536)
            if not more:
                raise EOFError
            got += more
        head, _, body = got.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = [line.partition(":") for line in lines]
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        cookies = tuple(
            value.split(";")[0].strip() for name, _, value in pairs if name.lower() == "set-cookie"
        )
        length = int(headers.get("content-length", "0"))
        while len(body) < length:
            more = channel.recv(65536)
            if not more:
                raise EOFError
            body += more
        if first.startswith("HTTP/1.0") or headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(first.split()[1]), headers, cookies, body)


def requests_per_second(origin: str, path: str, seconds: float, headers: str = "") -> float:
    """GETs of one address over eight kept-open connections. Every answer has the length of the
    first, which is how they are told apart without being read. Raises `ValueError` for any
    status but 200."""
    parts = urlsplit(origin)
    where = (parts.hostname or "", parts.port or 80)
    request = f"GET {path} HTTP/1.1\r\nHost: {where[0]}:{where[1]}\r\n{headers}\r\n".encode()
    lanes = [socket.create_connection(where, timeout=60) for _ in range(_LANES)]
    try:
        size = _length_of_one(lanes[0], request)
        done, began = 0, time.perf_counter()
        while (spent := time.perf_counter() - began) < seconds:
            for lane in lanes:
                lane.sendall(request)
            for lane in lanes:
                _skip(lane, size)
            done += _LANES
        return done / spent
    finally:
        for lane in lanes:
            lane.close()


def _length_of_one(lane: socket.socket, request: bytes) -> int:
    lane.sendall(request)
    got = b""
    while b"\r\n\r\n" not in got:
        got += lane.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise ValueError(head.split(b"\r\n")[0].decode())
    named = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    size = len(head) + 4 + int(named[b"content-length"])
    while len(body) < int(named[b"content-length"]):
        body += lane.recv(65536)
    return size


def _skip(lane: socket.socket, size: int) -> None:
    left = size
    while left > 0:
        got = len(lane.recv(left))
        if not got:
            raise EOFError
        left -= got
