"""The whole gateway as one object: starts and stops its parts together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from practice_gateway.api import Api
from practice_gateway.book import Book
from practice_gateway.hosted import HostedPage
from practice_gateway.mailbox import Mailbox
from practice_gateway.sender import Post, Sender, post_over_http
from practice_gateway.server import Server

# How soon the server notices that it is to stop.
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Options:
    """Where to listen, and which store this is for. Port 0 takes a free one."""

    port: int
    store_origin: str
    webhook_url: str
    secret: str
    smtp_port: int | None = None
    clock: Callable[[], float] = field(default=time.time)
    post: Post = post_over_http


class Practice:
    """A running practice gateway. Usable as a context manager."""

    def __init__(self, options: Options) -> None:
        self.book = Book(options.clock)
        self.sender = Sender(options.webhook_url, options.secret, options.clock, post=options.post)
        self.mailbox = Mailbox(options.smtp_port) if options.smtp_port is not None else None
        self.server = Server(("127.0.0.1", options.port))
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.api = Api(self.book, self.sender, self.origin, options.store_origin.rstrip("/"))
        self.server.serve(self.api, HostedPage(self.api), self.mailbox)
        self._threads = [
            threading.Thread(
                target=self.server.serve_forever, args=(_POLL_SECONDS,), name="gateway", daemon=True
            ),
            threading.Thread(target=self.sender.run, name="webhooks", daemon=True),
        ]

    def start(self) -> None:
        """Serve pages, interface, webhooks and mail. Raises `OSError` where a port is taken."""
        if self.mailbox:
            try:
                self.mailbox.start()
            except OSError:
                self.server.server_close()
                raise
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop everything that `start` started."""
        self.server.stop()
        self.sender.stop()
        for thread in self._threads:
            thread.join(timeout=10)
        if self.mailbox:
            self.mailbox.stop()

    def __enter__(self) -> Practice:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
