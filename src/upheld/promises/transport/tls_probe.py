"""Starts this application a second time, encrypted, and looks at it from outside.

A plain loopback origin has no TLS to look at, so the proof makes its own: a throw-away
certificate, one server with it and one without, both told that the public origin is encrypted.
Both are ended by a watcher of their own, even if this process is killed meanwhile."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings

HOST = "127.0.0.1"
START_SECONDS_MAX = 30.0
LIFE_SECONDS_MAX = 60
ACCEPTED_PROTOCOLS = frozenset({"TLSv1.2", "TLSv1.3"})
# Runs a server in a process group of its own until it ends, stdin closes or the time is over.
_WATCHER = """
import os, select, signal, subprocess, sys, time
server = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL, start_new_session=True)
end = time.monotonic() + float(sys.argv[1])
try:
    while time.monotonic() < end and server.poll() is None:
        if select.select([sys.stdin], [], [], 0.1)[0]:
            break
    server.terminate()
    server.wait(2)
except subprocess.TimeoutExpired:
    pass
finally:
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
"""


class TwinDidNotStart(Exception):
    """The second server gave no answer in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request brought. `protocol` is None over a plain connection."""

    status: int
    headers: Mapping[str, str]
    protocol: str | None


@dataclass(frozen=True, slots=True)
class TwinFacts:
    """A page and a form over TLS, the same two in the clear."""

    page: Answer
    form: Answer
    plain_page: Answer
    plain_form: Answer


def probe_twin(form_path: str, now: datetime, application: str | None = None) -> TwinFacts:
    """Ask both twins for the first page, and send each the form at `form_path`. `application`
    is `module:name`, by default this site's own. Raises `TwinDidNotStart`."""
    target = application or ":".join(settings.WSGI_APPLICATION.rsplit(".", 1))
    with tempfile.TemporaryDirectory(prefix="upheld-tls-") as folder:
        certificate, key, der = _throw_away_certificate(Path(folder), now)
        secure_port, plain_port = _free_port(), _free_port()
        origin = f"https://{HOST}:{secure_port}"
        own = [f"--ssl-certificate={certificate}", f"--ssl-keyfile={key}"]
        with (
            _server(target, secure_port, origin, own) as secure_server,
            _server(target, plain_port, origin, []) as plain_server,
        ):
            _wait_for(secure_port, secure_server)
            _wait_for(plain_port, plain_server)
            try:
                return TwinFacts(
                    page=ask(HOST, secure_port, "/", pinned=der),
                    form=ask(HOST, secure_port, form_path, pinned=der, origin=origin),
                    plain_page=ask(HOST, plain_port, "/", named=origin),
                    plain_form=ask(HOST, plain_port, form_path, named=origin, origin=origin),
                )
            except (OSError, HTTPException) as error:
                raise TwinDidNotStart(f"{type(error).__name__} instead of an answer") from error


def ask(
    host: str,
    port: int,
    path: str,
    *,
    pinned: bytes | None = None,
    named: str | None = None,
    origin: str | None = None,
) -> Answer:
    """One GET, or with `origin` one POST of an empty form from that origin's own page. With
    `pinned` over TLS, to that very certificate; with `named` in the clear, under that origin's
    host. Otherwise over TLS with a certificate that this machine trusts. Raises `OSError`."""
    connection = HTTPConnection(host, port, timeout=5)
    plain = socket.create_connection((host, port), timeout=5)
    channel = None if named else _encrypted(plain, host, pinned)
    connection.sock = channel or plain
    headers = {"Accept": "text/html", "Connection": "close"}
    if named:
        headers["Host"] = named.removeprefix("https://")
    body = None
    if origin:
        body = urlencode({"birth_year": ""})
        headers |= {
            "Origin": origin,
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
        }
    try:
        connection.request("POST" if origin else "GET", path, body=body, headers=headers)
        return _answer(connection.getresponse(), channel.version() if channel else None)
    finally:
        connection.close()
        plain.close()


def _answer(response: HTTPResponse, protocol: str | None) -> Answer:
    response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, protocol)


def _encrypted(plain: socket.socket, host: str, pinned: bytes | None) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    if pinned is not None:
        # Nobody vouches for a throw-away certificate: it is compared byte by byte instead.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    channel = context.wrap_socket(plain, server_hostname=host)
    if pinned is not None and channel.getpeercert(binary_form=True) != pinned:
        channel.close()
        raise ssl.SSLError("another certificate than the throw-away one")
    return channel


def _throw_away_certificate(folder: Path, now: datetime) -> tuple[Path, Path, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "upheld throw-away")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.astimezone(UTC) - timedelta(hours=1))
        .not_valid_after(now.astimezone(UTC) + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(HOST))]), False)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.touch(mode=0o600)
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate_file, key_file, certificate.public_bytes(serialization.Encoding.DER)


@contextmanager
def _server(
    target: str, port: int, origin: str, options: list[str]
) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        sys.executable, "-m", "granian", target, "--interface=wsgi", f"--host={HOST}",
        f"--port={port}", "--workers=1", "--blocking-threads=1", "--no-ws", "--no-log", *options,
    ]  # fmt: skip
    environment = os.environ | {"UPHELD_ORIGIN": origin, "UPHELD_KEEPER_INSIDE": "0"}
    watcher = subprocess.Popen(  # noqa: S603  # our own interpreter, and no text from outside
        [sys.executable, "-c", _WATCHER, str(LIFE_SECONDS_MAX), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        # Ctrl-C reaches every process of a terminal: a watcher that died of it would leave its
        # server behind. It ends by itself as soon as this process does.
        start_new_session=True,
    )
    try:
        yield watcher
    finally:
        if watcher.stdin:
            watcher.stdin.close()
        watcher.wait()  # it ends the server, then itself, after LIFE_SECONDS_MAX at the latest


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
            return
        except OSError:
            # Not `time.sleep`, which fails under a clock that libfaketime moved.
            threading.Event().wait(0.05)
    if server.poll() is not None:
        raise TwinDidNotStart("it ended before it answered")
    raise TwinDidNotStart(f"no answer within {START_SECONDS_MAX:.0f} seconds")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind((HOST, 0))
        return int(held.getsockname()[1])
