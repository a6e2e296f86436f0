"""A relay that catches mail on loopback, and an order to write about."""

from __future__ import annotations

import dataclasses
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_django import Settings

from upheld.policy import current, install
from upheld.promises.mail import Content
from upheld_store.orders.models import Order, OrderContact, OrderLink

NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)
ANNA = UUID(int=1)


@dataclass
class Caught:
    """What one relay received, and how it answers."""

    url: str = ""
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answer_recipient: str = "250 OK"
    answer_data: str = "250 OK"
    wait_seconds: float = 0
    greeted_as: list[str] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, replies: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.greeted_as.append(hostname)
        return replies

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer_recipient.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.answer_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer_data.startswith("2"):
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=policy.default)
            self.messages.append(message)
            self.recipients += envelope.rcpt_tos
        time.sleep(self.wait_seconds)
        self.before_answer()
        return self.answer_data


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def catching(caught: Caught, port: int, context: ssl.SSLContext | None = None) -> Iterator[None]:
    """Run a relay on `port` for the length of the body."""
    server = Controller(
        caught, hostname="127.0.0.1", port=port, ssl_context=context, server_hostname="relay"
    )
    server.start()
    try:
        yield
    finally:
        server.stop()


@pytest.fixture
def relay(settings: Settings) -> Iterator[Caught]:
    """A living relay; `settings.UPHELD_SMTP_URL` leads to it."""
    port = free_port()
    caught = Caught(url=f"smtp://127.0.0.1:{port}")
    settings.UPHELD_SMTP_URL = caught.url
    with catching(caught, port):
        yield caught


@dataclass
class Words:
    """What the next letter says; a renderer of the tests reads it."""

    to: str = "anna@example.com"
    subject: str = "Your order"
    during: Callable[[str], None] = lambda key: None


_words = Words()


def render(ground_key: str, now: datetime) -> Content:
    """The renderer that the tests put in the inventory's place."""
    _words.during(ground_key)
    return Content(to=_words.to, subject=_words.subject, text="Héllo.\n", html="<p>Héllo.</p>")


@pytest.fixture
def words() -> Iterator[Words]:
    """Letters of the kind `receipt` say what this value says."""
    global _words
    _words = Words()
    held = current()
    inventory = dataclasses.replace(
        held.inventory, mails={**held.inventory.mails, "receipt": f"{__name__}:render"}
    )
    install(dataclasses.replace(held, inventory=inventory))
    yield _words
    install(held)


def place_order(subject: UUID = ANNA, number: str = "7KQ2M-VX41D") -> Order:
    """An order with its contact and link. Needs `deliver_order` in force."""
    order = Order.objects.create(
        number=number,
        subject_id=subject,
        cart_digest=number,
        total_minor=0,
        currency="USD",
        policy_version=1,
        placed_at=NOW,
    )
    OrderContact.objects.create(order=order, email="anna@example.com", name="Anna Larsen")
    OrderLink.make(order, 1, NOW)
    return order
