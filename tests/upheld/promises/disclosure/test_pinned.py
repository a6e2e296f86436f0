"""Addresses: what a declared name may lead to."""

from __future__ import annotations

import socket
import time
from ipaddress import ip_address

import pytest

from upheld.promises.disclosure import pinned
from upheld.promises.disclosure.pinned import EgressFailed, connect, is_loopback, is_public


def answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 443)) for a in addresses]
    monkeypatch.setattr(pinned.socket, "getaddrinfo", lambda *a, **k: found)


def soon() -> float:
    return time.monotonic() + 2


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.8", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1",
        "::1", "::", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "2002:7f00:1::", "2001:0:7f00:1::1",
    ],
)  # fmt: skip
def test_these_are_not_the_internet(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_these_are(address: str) -> None:
    assert is_public(ip_address(address))


def test_a_public_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for inside in ("127.0.0.1", "10.0.0.8", "::ffff:127.0.0.1", "64:ff9b::7f00:1"):
        answers(monkeypatch, inside)
        with pytest.raises(EgressFailed, match="not public"):
            connect("api.example.com", 443, soon())


def test_one_inside_address_among_public_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "93.184.215.14", "127.0.0.1")
    with pytest.raises(EgressFailed, match="not public"):
        connect("api.example.com", 443, soon())


def test_the_name_is_asked_once_and_the_answer_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second answer of a rebinding name is never asked for."""
    asked, connected = [], []

    def lookup(host: str, port: int, **kind: object) -> list[object]:
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def open_to(address: tuple[str, int], timeout: float) -> object:
        connected.append(address)
        return object()

    monkeypatch.setattr(pinned.socket, "getaddrinfo", lookup)
    monkeypatch.setattr(pinned.socket, "create_connection", open_to)
    connect("api.example.com", 443, soon())
    assert asked == ["api.example.com"]
    assert connected == [("93.184.215.14", 443)]


def test_localhost_leads_only_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "93.184.215.14")
    with pytest.raises(EgressFailed, match="not public"):
        connect("localhost", 80, soon())


def test_an_address_is_its_own_declaration(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    monkeypatch.setattr(pinned.socket, "create_connection", lambda a, timeout: opened.append(a))
    answers(monkeypatch, "10.0.0.8")
    connect("10.0.0.8", 465, soon())
    assert opened == [("10.0.0.8", 465)]


def test_no_name_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kind: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(pinned.socket, "getaddrinfo", fail)
    with pytest.raises(EgressFailed, match="no address"):
        connect("api.example.com", 443, soon())


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        with pytest.raises(EgressFailed, match="no connection"):
            connect("127.0.0.1", taken.getsockname()[1], soon())


@pytest.mark.parametrize(
    ("host", "ours"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True),
     ("localhost.example.com", False), ("10.0.0.1", False), ("", False)],
)  # fmt: skip
def test_what_is_this_machine(host: str, ours: bool) -> None:
    assert is_loopback(host) is ours
