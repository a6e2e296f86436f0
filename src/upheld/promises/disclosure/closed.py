"""The process is closed to the outside. An audit hook, which nothing can take away again, refuses
every connection, datagram and look-up of a name that does not stand inside a way out; and each
connection that is made there is noted by the hook itself, not by the code that asked for it."""

from __future__ import annotations

import functools
import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from upheld.policy.errors import UndeclaredDisclosure
from upheld.promises.disclosure.addresses import is_loopback

# Where names are looked up, and where bytes are addressed.
_NAMES = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_SENDS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
# Of a network that is set aside for examples: nobody is there, and nothing is sent to it.
_NOBODY = "192.0.2.1"


@dataclass(slots=True)
class WayOut:
    """To one host, for one recorded disclosure; `addresses` are those that were looked at."""

    host: str
    disclosure_id: int
    addresses: set[str] = field(default_factory=set)


_way: ContextVar[WayOut | None] = ContextVar("upheld_way_out", default=None)
_trying: ContextVar[bool] = ContextVar("upheld_trying_the_door", default=False)
_folder: list[Path] = []


def close(folder: Path) -> None:
    """From here on. Connections are noted in `folder`, a file a day; said again, in another."""
    first = not _folder
    _folder[:] = [folder]
    if first:
        sys.addaudithook(_look)


@contextmanager
def way_out(host: str, disclosure_id: int) -> Iterator[None]:
    """Around the two clients' connecting, once the disclosure is known to be committed."""
    token = _way.set(WayOut(host, disclosure_id))
    try:
        yield
    finally:
        _way.reset(token)


def open_address(address: str) -> None:
    """One address of the way's host, which was looked at and may be connected to."""
    way = _way.get()
    if way is not None:
        way.addresses.add(address)


def ways_that_are_open() -> list[str]:
    """Tries each way out without sending anything: only the hook hears of it. Returns the events
    that it let pass: none."""
    nobody = socket.socket()
    tries: list[tuple[str, tuple[Any, ...]]] = [
        ("socket.connect", (nobody, (_NOBODY, 443))),
        ("socket.sendto", (nobody, (_NOBODY, 53))),
        ("socket.sendmsg", (nobody, (_NOBODY, 53))),
        ("socket.getaddrinfo", ("undeclared.invalid", 443, 0, 0, 0)),
        ("socket.gethostbyname", ("undeclared.invalid",)),
        ("socket.gethostbyaddr", (_NOBODY,)),
    ]
    token = _trying.set(True)
    try:
        return [event for event, arguments in tries if _passes(event, arguments)]
    finally:
        _trying.reset(token)
        nobody.close()


def _passes(event: str, arguments: tuple[Any, ...]) -> bool:
    try:
        sys.audit(event, *arguments)
    except UndeclaredDisclosure:
        return False
    return True


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _SENDS:
        _look_at_address(event, *arguments[:2])
    elif event in _NAMES:
        _look_at_name(arguments[0])


def _look_at_name(name: object) -> None:
    host = _text(name)
    way = _way.get()
    if (
        not host
        or is_loopback(host)
        or host == _own_name()
        or (way is not None and host in (way.host, *way.addresses))
    ):
        return
    _refuse(host)


@functools.cache
def _own_name() -> str:
    """What this machine calls itself: libraries ask who that is as they begin to listen."""
    return socket.gethostname()


def _look_at_address(event: str, plain: socket.socket, address: object) -> None:
    if not isinstance(address, tuple):
        return  # a socket of this machine's file system, or one that is connected already
    host = _text(address[0])
    way = _way.get()
    if way is not None and host in way.addresses:
        if event == "socket.connect":
            _note(way.host, address, way.disclosure_id)
    elif not is_loopback(host):
        if not _trying.get():
            plain.close()  # the library closes it after errors of the network alone
            _note(host, address, None)
        _refuse(host)


def _text(name: object) -> str:
    text = name.decode("ascii", "replace") if isinstance(name, bytes) else name
    return text if isinstance(text, str) else ""


def _refuse(host: str) -> None:
    raise UndeclaredDisclosure(
        clause="P15",
        field=host,
        problem="would be reached past the gate",
        remedy="Send through egress.request() with a Disclosure; nothing else reaches out.",
    )


def _note(host: str, address: Any, disclosure_id: int | None) -> None:
    """One line. What cannot be written down is not sent: raises `OSError`."""
    now = datetime.now(UTC)  # nobody hands a moment to an audit hook
    words = {"at": now.isoformat(), "host": host, "port": address[1], "disclosure": disclosure_id}
    _folder[0].mkdir(mode=0o700, parents=True, exist_ok=True)
    with (_folder[0] / f"{now:%Y-%m-%d}.txt").open("a", encoding="utf-8") as file:
        file.write(json.dumps(words) + "\n")
