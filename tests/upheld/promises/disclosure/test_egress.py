"""The HTTP client against a real server on loopback."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import pytest

from tests.upheld.promises.disclosure.certificate import write_certificate
from tests.upheld.promises.disclosure.conftest import Bend
from upheld.policy.errors import UndeclaredDisclosure
from upheld.promises.disclosure import Disclosure, disclose, egress
from upheld.promises.disclosure.egress import EgressFailed, request

NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.purpose("take_payment")]


class Answers(BaseHTTPRequestHandler):
    """Answers by path; remembers what it was asked."""

    asked: list[tuple[str, str, dict[str, str], bytes]] = []

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.asked.append((self.command, self.path, headers, self.rfile.read(length)))
        getattr(self, "answer_" + self.path.strip("/").partition("?")[0], self.answer_plain)()

    do_POST = do_GET

    def answer_plain(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def answer_away(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def answer_huge(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(40):
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass  # the client hung up, as it should

    def answer_short(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "500")
        self.end_headers()
        self.wfile.write(b"only this")

    def answer_drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(50):
                self.wfile.write(b"x")
                time.sleep(0.05)
        except OSError:
            pass  # the client hung up, as it should

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    server.handle_error = lambda *args: None  # type: ignore[method-assign]  # a refused handshake is no news
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    Answers.asked.clear()
    try:
        scheme = "http" if context is None else "https"
        yield f"{scheme}://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def origin() -> Iterator[str]:
    with serving() as address:
        yield address


@pytest.fixture
def row() -> Disclosure:
    return disclose(
        "gateway",
        subject=UUID(int=1),
        fields=("payment.reference",),
        purpose="take_payment",
        now=NOW,
    )


def test_a_declared_host_answers(row: Disclosure, origin: str) -> None:
    answer = request(
        row,
        "POST",
        f"{origin}/plain?a=1",
        headers={"X-Kind": "one"},
        body=b"a=1",
        timeout_seconds=5,
    )
    assert (answer.status, answer.body) == (200, b"hello")
    assert answer.headers["content-type"] == "text/plain"
    method, path, headers, body = Answers.asked[0]
    assert (method, path, body) == ("POST", "/plain?a=1", b"a=1")
    assert headers["x-kind"] == "one"
    # Nothing of ours is told that nobody asked for.
    assert set(headers) == {"host", "accept-encoding", "content-length", "x-kind", "connection"}


def test_a_redirect_is_an_answer(row: Disclosure, origin: str) -> None:
    answer = request(row, "GET", f"{origin}/away", timeout_seconds=5)
    assert (answer.status, answer.headers["location"]) == (302, "/elsewhere")
    assert len(Answers.asked) == 1


@pytest.mark.parametrize("path", ["huge", "short"])
def test_an_answer_of_the_wrong_size_is_none(row: Disclosure, origin: str, path: str) -> None:
    with pytest.raises(EgressFailed, match="an answer"):
        request(row, "GET", f"{origin}/{path}", timeout_seconds=5)


def test_a_dripping_answer_ends_in_time(row: Disclosure, origin: str) -> None:
    start = time.monotonic()
    with pytest.raises(EgressFailed):
        request(row, "GET", f"{origin}/drip", timeout_seconds=0.4)
    assert time.monotonic() - start < 2


def test_a_dead_server_is_network_trouble(row: Disclosure) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(EgressFailed) as failure:
            request(row, "GET", f"http://127.0.0.1:{taken.getsockname()[1]}/", timeout_seconds=2)
    assert isinstance(failure.value, OSError)


def test_a_server_that_speaks_nonsense(row: Disclosure) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def babble() -> None:
            channel, _ = listening.accept()
            with channel:
                channel.recv(1024)
                channel.sendall(b"what is this\r\n\r\n")

        thread = threading.Thread(target=babble)
        thread.start()
        with pytest.raises(EgressFailed, match="BadStatusLine"):
            request(
                row, "GET", f"http://127.0.0.1:{listening.getsockname()[1]}/x", timeout_seconds=2
            )
        thread.join()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.1:{port}/", "http://10.0.0.1:{port}/", "https://evil.example.com/",
        "http://127.0.0.1@evil.example.com/", "http://user:secret@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}\\@evil.example.com/", "http://127.0.0.1:{port}/\r\nX-A: b",
        "http://127.0.0.1:{port}/ HTTP/1.1", "http://127.0.0.1:{port}/é", "http://127.0.0.1:99999/",
        "//127.0.0.1:{port}/", "ftp://127.0.0.1/", "file:///etc/passwd", "http:///x", "",
        "http://2130706433:{port}/", "http://0x7f.1:{port}/", "http://[::2]:{port}/",
    ],
)  # fmt: skip
def test_an_address_that_is_not_declared_is_refused(row: Disclosure, origin: str, url: str) -> None:
    with pytest.raises(UndeclaredDisclosure):
        request(row, "GET", url.replace("{port}", origin.rpartition(":")[2]), timeout_seconds=2)
    assert Answers.asked == []


def test_plain_http_stays_on_this_machine(row: Disclosure, bend: Bend) -> None:
    bend("recipients", "gateway", hosts=frozenset({"pay.example.com"}))
    with pytest.raises(UndeclaredDisclosure, match="without encryption"):
        request(row, "GET", "http://pay.example.com/", timeout_seconds=2)


def test_a_forged_row_sends_nothing(origin: str) -> None:
    forged = Disclosure(
        subject_id=UUID(int=1),
        recipient="gateway",
        fields=["payment.reference"],
        purpose="take_payment",
        policy_version=1,
        at=NOW,
    )
    with pytest.raises(UndeclaredDisclosure):
        request(forged, "GET", origin, timeout_seconds=2)
    assert Answers.asked == []


@pytest.mark.parametrize(
    ("method", "headers"),
    [("TRACE", {}), ("GET /x", {}), ("GET", {"Host": "evil.example.com"}),
     ("GET", {"Transfer-Encoding": "chunked"}), ("GET", {"X-A": "b\r\nHost: evil.example.com"})],
)  # fmt: skip
def test_a_header_cannot_make_another_request(
    row: Disclosure, origin: str, method: str, headers: dict[str, str]
) -> None:
    with pytest.raises(ValueError):
        request(row, method, origin, headers=headers, timeout_seconds=2)
    assert Answers.asked == []


@pytest.fixture
def certificate(tmp_path: Path) -> Callable[[str], tuple[Path, ssl.SSLContext]]:
    def make(name: str) -> tuple[Path, ssl.SSLContext]:
        file = write_certificate(tmp_path / f"{name}.pem", name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return file, context

    return make


def test_a_certificate_must_be_known_and_fit(
    row: Disclosure,
    certificate: Callable[[str], tuple[Path, ssl.SSLContext]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours, ours_context = certificate("127.0.0.1")
    other, other_context = certificate("127.0.0.9")
    with serving(ours_context) as origin:
        with pytest.raises(EgressFailed, match="SSLCertVerificationError"):
            request(row, "GET", f"{origin}/plain", timeout_seconds=5)
        assert Answers.asked == []
        trusting = ssl.create_default_context(cafile=str(ours))
        monkeypatch.setattr(egress, "tls_context", lambda: trusting)
        assert request(row, "GET", f"{origin}/plain", timeout_seconds=5).status == 200
    with serving(other_context) as origin:
        monkeypatch.setattr(
            egress, "tls_context", lambda: ssl.create_default_context(cafile=str(other))
        )
        with pytest.raises(EgressFailed, match="SSLCertVerificationError"):
            request(row, "GET", f"{origin}/plain", timeout_seconds=5)


def test_the_real_context_verifies() -> None:
    context = egress.tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
