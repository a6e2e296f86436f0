"""The demo's mail server: takes every mail, delivers none, forgets all when it stops."""

from __future__ import annotations

import socket
import threading
from collections import deque
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from practice_gateway.shapes import Shape

MAILS_MAX = 1000
_BYTES_MAX = 2_000_000


class Mailbox:
    """Caught mails, and the SMTP server that catches them. Port 0 takes a free one."""

    def __init__(self, port: int) -> None:
        # As they came, with their recipients: read when somebody looks, which is seldom.
        self._mails: deque[tuple[bytes, list[str]]] = deque(maxlen=MAILS_MAX)
        self._lock = threading.Lock()
        self.port = port or _free_port()
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            server_hostname="localhost",  # else this machine's name is looked up
            data_size_limit=_BYTES_MAX,
        )

    def start(self) -> None:
        """Listen. Raises `OSError` where the port is taken."""
        self._controller.start()

    def stop(self) -> None:
        """Stop listening."""
        self._controller.stop()

    def caught(self) -> list[Shape]:
        """All mails, newest first."""
        with self._lock:
            caught = list(self._mails)
        return [_shape(raw, recipients) for raw, recipients in caught]

    async def handle_DATA(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Called by the mail server for each mail."""
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        with self._lock:
            self._mails.appendleft((raw, [str(to) for to in envelope.rcpt_tos]))
        return "250 taken"


def _free_port() -> int:
    # aiosmtpd cannot be asked for port 0: it knocks at the very port it was given.
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _shape(raw: bytes, recipients: list[str]) -> Shape:
    message = message_from_bytes(raw, EmailMessage, policy=policy.default)
    return {
        "to": ", ".join(recipients),
        "subject": str(message.get("Subject", "")),
        "text": _body(message, "plain"),
        "html": _body(message, "html"),
        "headers": "\n".join(f"{name}: {value}" for name, value in message.items()),
    }


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
