"""Control, faults, mail, and what the server refuses."""

from __future__ import annotations

import http.client
import json
import smtplib
import socket
import subprocess
import sys
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest

from tests.practice_gateway.caller import Caller


@pytest.mark.parametrize(
    "wishes",
    [{"no_such": 1}, {"copies": "2"}, {"copies": 99}, {"forge": "well"}, {"delay_seconds": -1}],
)
def test_unknown_wishes_are_refused(caller: Caller, wishes: dict[str, object]) -> None:
    status, answer = caller.control(**wishes)
    assert status == 400 and answer["error"]["message"]


def test_control_takes_json_alone(caller: Caller) -> None:
    """A page elsewhere can make a browser post a form or text, but not JSON."""
    status, _, _ = caller.ask("POST", "/control", b'{"lose": true}', Content_Type="text/plain")
    assert status == 415
    broken = caller.ask("POST", "/control", b"[", Content_Type="application/json")
    assert broken[0] == 400
    assert not caller.practice.api.troubles.lose


def test_other_hosts_are_refused(caller: Caller) -> None:
    assert caller.ask("GET", "/", Host="evil.example.com")[0] == 400


def test_large_bodies_are_refused(caller: Caller) -> None:
    assert caller.ask("POST", "/control", b"x" * 70_000)[0] == 413


def test_faults_as_often_as_wished(caller: Caller) -> None:
    caller.control(api="500", api_times=1)
    assert caller.call("GET", "/cs_test_00")[0] == 500
    assert caller.call("GET", "/cs_test_00")[0] == 404


@pytest.mark.parametrize("fault", ["drop", "hang"])
def test_the_work_is_done_and_the_answer_lost(caller: Caller, fault: str) -> None:
    caller.control(api=fault, hang_seconds=0.05)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        caller.open("key-1")
    caller.control(reset=True)
    assert caller.open("key-1")["id"] == caller.practice.book.sessions()[0].id


def test_mail_is_caught_newest_first(caller: Caller) -> None:
    mailbox = caller.practice.mailbox
    assert mailbox is not None
    for subject in ("First", "Second"):
        mail = EmailMessage()
        mail["Subject"], mail["To"], mail["X-Upheld-Mail"] = subject, "ada@example.com", "receipt"
        mail.set_content("plain words")
        mail.add_alternative("<p>words</p>", subtype="html")
        with smtplib.SMTP("127.0.0.1", mailbox.port, "localhost", timeout=10) as relay:
            relay.send_message(mail, "shop@example.com", ["ada@example.com"])
    caught = json.loads(caller.ask("GET", "/mail.json")[2])
    assert [mail["subject"] for mail in caught] == ["Second", "First"]
    assert caught[0]["to"] == "ada@example.com"
    assert caught[0]["text"].strip() == "plain words" and "<p>words</p>" in caught[0]["html"]
    assert "X-Upheld-Mail: receipt" in caught[0]["headers"]


def test_without_a_secret_it_does_not_start() -> None:
    words = [
        sys.executable,
        "-m",
        "practice_gateway",
        "--port",
        "1",
        "--smtp-port",
        "1",
        "--store-origin",
        "http://127.0.0.1:8000",
        "--webhook-url",
        "http://127.0.0.1:8000/",
    ]
    ended = subprocess.run(words, env={}, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 2 and "PRACTICE_WEBHOOK_SECRET" in ended.stderr


def test_a_taken_port_is_said(caller: Caller) -> None:
    port = str(urlsplit(caller.practice.origin).port)
    words = [
        sys.executable,
        "-m",
        "practice_gateway",
        "--port",
        port,
        "--smtp-port",
        "0",
        "--store-origin",
        "http://127.0.0.1:8000",
        "--webhook-url",
        "http://127.0.0.1:8000/",
    ]
    environ = {"PRACTICE_WEBHOOK_SECRET": "x"}
    ended = subprocess.run(
        words, env=environ, capture_output=True, text=True, timeout=20, check=False
    )
    assert ended.returncode == 1 and "cannot listen" in ended.stderr


def test_a_connection_serves_more_than_one_request(caller: Caller) -> None:
    """And none after a body that was refused unread: the rest of it would pass for a request."""
    host, port = "127.0.0.1", int(caller.practice.origin.rpartition(":")[2])
    line = http.client.HTTPConnection(host, port, timeout=10)
    for path in ("/", "/page.css"):
        line.request("GET", path)
        assert line.getresponse().read()
        assert line.sock is not None
    line.close()
    with socket.create_connection((host, port), timeout=10) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999\r\n\r\n")
        raw.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        answers = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answers.count(b"HTTP/1.1 ") == answers.count(b"HTTP/1.1 413 ") == 1
