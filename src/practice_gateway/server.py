"""HTTP in and out: pages for people, `/v1/` for the store, `/control` for tests."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from practice_gateway import pages
from practice_gateway.api import Api, dispute_as_wished, read_wishes
from practice_gateway.hosted import HostedPage
from practice_gateway.mailbox import Mailbox
from practice_gateway.reply import Reply, json_reply
from practice_gateway.shapes import dispute_shape, error_shape, session_shape

_BODY_MAX = 64 * 1024
_HOSTS = {"127.0.0.1", "localhost"}


class Server(ThreadingHTTPServer):
    """One thread a connection."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, Handler)
        self.stopping = threading.Event()
        self._fault_lock = threading.Lock()

    def serve(self, api: Api, hosted: HostedPage, mailbox: Mailbox | None) -> None:
        """Say what this server serves; before `serve_forever`."""
        self.api, self.hosted, self.mailbox = api, hosted, mailbox

    def stop(self) -> None:
        """End `serve_forever` and every request that hangs on purpose."""
        self.stopping.set()
        self.shutdown()
        self.server_close()

    def next_fault(self) -> str:
        """The fault of this call, counted down where the control said how often."""
        with self._fault_lock:
            troubles = self.api.troubles
            if troubles.api and troubles.api_times:
                left = troubles.api_times - 1
                wishes = {"api_times": left} if left else {"api_times": 0, "api": ""}
                self.api.troubles = troubles.changed(wishes)
            return troubles.api


class Handler(BaseHTTPRequestHandler):
    """The requests of one connection, one after the other."""

    server: Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together, or the second waits for the first to arrive
    timeout = 30
    server_version, sys_version = "practice", ""

    def do_GET(self) -> None:
        """Pages, JSON and look-ups."""
        self._answer("GET")

    def do_POST(self) -> None:
        """Buttons, calls and control."""
        self._answer("POST")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: addresses hold session ids."""

    def _answer(self, method: str) -> None:
        closes, self.close_connection = self.close_connection, True
        if (urlsplit(f"//{self.headers.get('Host', '')}").hostname or "") not in _HOSTS:
            return self._send(json_reply(400, error_shape("host", "Ask for 127.0.0.1.")))
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > _BODY_MAX:
            return self._send(json_reply(413, error_shape("size", "Too large.")))
        body = self.rfile.read(int(length))
        self.close_connection = closes  # unread, a body would pass for the next request
        path = urlsplit(self.path).path
        if path.startswith("/v1/"):
            return self._api(method, body)
        if path == "/control":
            return self._send(self._control(method, body))
        return self._send(self._page(method, path, body))

    def _api(self, method: str, body: bytes) -> None:
        fault = self.server.next_fault()
        if fault == "hang":
            self.server.stopping.wait(self.server.api.troubles.hang_seconds)
        if fault == "500":
            return self._send(json_reply(500, error_shape("api_error", "Wished for.")))
        headers = {name.title(): value for name, value in self.headers.items()}
        reply = self.server.api.answer(method, self.path, body, headers)
        if fault in {"drop", "hang"}:
            self.close_connection = True
            return None
        return self._send(reply)

    def _page(self, method: str, path: str, body: bytes) -> Reply:
        if path.startswith("/pay/"):
            return self.server.hosted.answer(method, path, body)
        if path == "/partner/readers" and method == "POST":
            # Plays a company that a buyer may agree to. It needs no memory for that.
            return json_reply(200, {"taken": True})
        if path == "/page.css":
            return Reply(200, pages.STYLE, "text/css; charset=utf-8")
        if path == "/mail.json" and self.server.mailbox:
            return json_reply(200, self.server.mailbox.caught())
        if path == "/":
            return Reply(200, pages.front(self.server.api.store_origin))
        return Reply(404, pages.not_found())

    def _control(self, method: str, body: bytes) -> Reply:
        api = self.server.api
        # A page elsewhere can post a form or plain text here, but not JSON.
        if method == "POST" and self.headers.get_content_type() != "application/json":
            return json_reply(415, error_shape("control", "Send JSON."))
        try:
            wishes = read_wishes(body) if method == "POST" else {}
            again = wishes.pop("resend", None)
            disputed = wishes.pop("dispute", None)
            api.troubles = api.troubles.changed(wishes)
            if disputed is not None:
                dispute_as_wished(api, disputed)
        except (ValueError, TypeError) as error:
            return json_reply(400, error_shape("control", str(error)))
        if again is not None and not api.sender.resend(str(again), api.troubles):
            return json_reply(404, error_shape("control", "No such event."))
        sessions = [session_shape(s, api.origin, expanded=True) for s in api.book.sessions()]
        events = [event.summary() for event in api.sender.events]
        disputes = [dispute_shape(each) for each in api.book.disputes()]
        return json_reply(200, {"sessions": sessions, "events": events, "disputes": disputes})

    def _send(self, reply: Reply) -> None:
        store = self.server.api.store_origin
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "same-origin")
        self.send_header(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; "
            f"frame-ancestors 'none'; form-action 'self' {store}",
        )
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)
