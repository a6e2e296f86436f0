"""The process is closed: only the two clients' connections pass, and each is written down."""

from __future__ import annotations

import json
import smtplib
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pytest_django import Settings

from upheld.policy import current
from upheld.policy.errors import UndeclaredDisclosure
from upheld.promises.disclosure import Disclosure, closed, connections, disclose
from upheld.promises.disclosure.check import check
from upheld.promises.disclosure.pinned import EgressFailed, connect

NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
# Nobody is there: the address is set aside for examples.
NOBODY = "192.0.2.1"


@pytest.fixture
def notes(tmp_path: Path, settings: Settings) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the hook wrote down."""
    settings.UPHELD_HOME = tmp_path
    before = closed._folder[0]
    closed.close(connections.folder())

    def read() -> list[dict[str, Any]]:
        files = sorted(connections.folder().glob("*.txt"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    yield read
    closed.close(before)


def udp(host: str) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as plain:
        plain.sendto(b"x", (host, 53))


def udp_message(host: str) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as plain:
        plain.sendmsg([b"x"], [], 0, (host, 53))


def raw(host: str) -> None:
    with socket.socket() as plain:
        plain.setblocking(False)
        plain.connect_ex((host, 443))


WAYS: dict[str, Callable[[], object]] = {
    "socket": lambda: socket.create_connection((NOBODY, 443), timeout=0.1),
    "connect_ex": lambda: raw(NOBODY),
    "ipv6": lambda: socket.create_connection(("2001:db8::1", 443), timeout=0.1),
    "http.client": lambda: HTTPConnection(NOBODY, timeout=0.1).request("GET", "/"),
    "urllib": lambda: urllib.request.urlopen(f"http://{NOBODY}/", timeout=0.1),
    "smtplib": lambda: smtplib.SMTP(NOBODY, timeout=0.1),
    "datagram": lambda: udp(NOBODY),
    "datagram message": lambda: udp_message(NOBODY),
    "a name": lambda: socket.getaddrinfo("undeclared.invalid", 443),
    "a name, old way": lambda: socket.gethostbyname("undeclared.invalid"),
    "whose address": lambda: socket.gethostbyaddr(NOBODY),
    "pinned without a way": lambda: connect("undeclared.invalid", 443, time.monotonic() + 5),
}


@pytest.mark.parametrize("name", WAYS)
def test_nothing_else_reaches_out(name: str, notes: Callable[[], list[dict[str, Any]]]) -> None:
    with pytest.raises(UndeclaredDisclosure, match="past the gate"):
        WAYS[name]()
    assert all(note["disclosure"] is None for note in notes())


def test_within_a_way_only_its_own_host(notes: Callable[[], list[dict[str, Any]]]) -> None:
    with closed.way_out("declared.invalid", 7):
        with pytest.raises(UndeclaredDisclosure):
            raw(NOBODY)
        with pytest.raises(UndeclaredDisclosure):
            socket.getaddrinfo("other.invalid", 443)
        with pytest.raises(EgressFailed):
            connect(
                "declared.invalid", 443, time.monotonic() + 5
            )  # it may be asked for; nobody has it


def test_this_machine_is_not_outside(notes: Callable[[], list[dict[str, Any]]]) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        socket.create_connection(server.getsockname(), timeout=1).close()
    assert notes() == []


def test_this_machine_may_ask_for_itself() -> None:
    assert socket.getfqdn()


def test_a_connection_is_written_down_as_it_is_made(
    notes: Callable[[], list[dict[str, Any]]],
) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        with closed.way_out("127.0.0.1", 7):
            connect("127.0.0.1", port, time.monotonic() + 5).close()
    (note,) = notes()
    assert (note["host"], note["port"], note["disclosure"]) == ("127.0.0.1", port, 7)


def test_what_cannot_be_written_down_is_not_sent(
    notes: Callable[[], list[dict[str, Any]]],
) -> None:
    connections.folder().write_text("no folder")
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with closed.way_out("127.0.0.1", 7), pytest.raises(OSError, match=r"127\.0\.0\.1"):
            connect("127.0.0.1", server.getsockname()[1], time.monotonic() + 5)


def test_trying_the_door_writes_nothing(notes: Callable[[], list[dict[str, Any]]]) -> None:
    assert closed.ways_that_are_open() == [] and notes() == []


def test_a_process_without_the_hook_is_found_open() -> None:
    """The control of all the above, in a process of its own, since a hook stays."""
    text = (
        "import sys, types\n"
        "from unittest import mock\n"
        "import importlib.util as u\n"
        "for name in ('upheld.promises.disclosure',):\n"
        "    sys.modules[name] = types.ModuleType(name)\n"
        f"    sys.modules[name].__path__ = [{str(Path(closed.__file__).parent)!r}]\n"
        "from upheld.promises.disclosure import closed\n"
        "print(len(closed.ways_that_are_open()))\n"
        "import pathlib, tempfile\n"
        "closed.close(pathlib.Path(tempfile.mkdtemp()))\n"
        "print(len(closed.ways_that_are_open()))\n"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["6", "0"]


def test_an_open_process_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(current()) == []
    monkeypatch.setattr(closed, "_refuse", lambda host: None)
    assert [found.clause for found in check(current())] == ["P15"]


def test_days_that_are_over_are_removed(notes: Callable[[], list[dict[str, Any]]]) -> None:
    folder = connections.folder()
    folder.mkdir()
    for days in (0, 30, 31, 400):
        (folder / f"{(NOW - timedelta(days=days)).date()}.txt").write_text("")
    assert connections.prune_connections(NOW) == 2
    assert len(list(folder.iterdir())) == 2


@pytest.mark.django_db
@pytest.mark.purpose("take_payment")
def test_half_a_line_is_none(notes: Callable[[], list[dict[str, Any]]]) -> None:
    row: Disclosure = disclose(
        "gateway", subject=UUID(int=1), fields=["payment.reference"], purpose="take_payment",
        now=NOW,
    )  # fmt: skip
    connections.folder().mkdir()
    (connections.folder() / "2026-12-24.txt").write_text(
        json.dumps({"at": "", "host": "h", "port": 1, "disclosure": row.pk}) + '\n{"at": "2026'
    )
    assert list(connections.connections()) == [connections.Connection("h", row.pk)]
