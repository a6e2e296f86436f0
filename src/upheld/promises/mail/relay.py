"""The only SMTP client: implicit TLS with a verified name, or this very machine."""

from __future__ import annotations

import contextlib
import io
import smtplib
import socket
import time
from dataclasses import dataclass, field
from email.generator import BytesGenerator
from email.message import Message
from email.policy import SMTPUTF8, compat32
from email.utils import parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

from upheld.promises.disclosure import Disclosure
from upheld.promises.disclosure.closed import way_out
from upheld.promises.disclosure.departure import may_leave
from upheld.promises.disclosure.egress import tls_context
from upheld.promises.disclosure.pinned import EgressFailed, connect, is_loopback

TIMEOUT_SECONDS = 20
_PORTS = {"smtps": 465, "smtp": 25}
_PERMANENT = 500


class RelayUrlUnsafe(ValueError):
    """`UPHELD_SMTP_URL` would send in the clear or cannot be read. Never quotes it: a password
    may stand in it."""


class RelayFailed(Exception):
    """The relay did not take the letter now; a later try may do. Carries no address."""


class RelayRefused(Exception):
    """The relay will never take this letter. Carries its code, never its words, which quote
    the address."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"refused with code {code}")


@dataclass(frozen=True, slots=True)
class Relay:
    """Where letters are handed over."""

    host: str
    port: int
    encrypted: bool
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)


def read_relay(url: str) -> Relay:
    """`smtps://user:password@host` → where to send. Raises `RelayUrlUnsafe`: plain `smtp://`
    goes to this machine alone, because STARTTLS can be stripped on the way."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise RelayUrlUnsafe("UPHELD_SMTP_URL cannot be read.") from None
    host = (parts.hostname or "").lower()
    if parts.scheme not in _PORTS or not host or parts.path.strip("/") or parts.query:
        raise RelayUrlUnsafe("UPHELD_SMTP_URL is neither smtps://host nor smtp://host.")
    if parts.scheme == "smtp" and not is_loopback(host):
        raise RelayUrlUnsafe("UPHELD_SMTP_URL would send letters in the clear to another machine.")
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return Relay(host, port or _PORTS[parts.scheme], parts.scheme == "smtps", user, password)


def hand_over(disclosure: Disclosure, message: Message, relay: Relay, our_name: str) -> None:
    """Give one message to the relay on a committed disclosure; returns once it is accepted.
    Raises `UndeclaredDisclosure`, `RelayFailed` (try later), `RelayRefused` (never)."""
    may_leave(disclosure, relay.host)
    try:
        with way_out(relay.host, disclosure.pk):
            _converse(message, relay, our_name)
    except smtplib.SMTPRecipientsRefused as error:
        raise _of_code(min(code for code, _ in error.recipients.values())) from None
    except smtplib.SMTPDataError as error:
        raise _of_code(error.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        # The address needs a form of mail that the relay does not speak.
        raise RelayRefused(_PERMANENT + 53) from None
    except (smtplib.SMTPException, OSError) as error:
        # What the relay says of our login or sender is the owner's to mend: it stays queued.
        raise RelayFailed(type(error).__name__) from None


def _converse(message: Message, relay: Relay, our_name: str) -> None:
    client = _Client(relay, our_name)
    try:
        if relay.user is not None:
            client.login(relay.user, relay.password or "")
        _send(client, message)
    finally:
        # What goes wrong in taking leave does not undo an accepted letter.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            client.quit()
        client.close()


def _send(client: _Client, message: Message) -> None:
    """In ASCII headers wherever the addresses allow it, so that every relay takes it."""
    sender, to = parseaddr(message["From"])[1], str(message["To"])
    in_utf8, options = not (sender + to).isascii(), []
    if in_utf8:
        client.ehlo_or_helo_if_needed()
        if not client.has_extn("smtputf8"):
            raise smtplib.SMTPNotSupportedError
        options = ["SMTPUTF8", "BODY=8BITMIME"]
    out = io.BytesIO()
    writer: BytesGenerator[Any] = BytesGenerator(out, policy=SMTPUTF8 if in_utf8 else compat32)
    writer.flatten(message, linesep="\r\n")
    client.sendmail(sender, to, out.getvalue(), options)


def _of_code(code: int) -> RelayRefused | RelayFailed:
    return RelayRefused(code) if code >= _PERMANENT else RelayFailed(f"code {code}")


class _Client(smtplib.SMTP):
    """`smtplib` on a socket that was resolved, looked at and pinned by us."""

    def __init__(self, relay: Relay, our_name: str) -> None:
        self._relay = relay
        # Our name is the store's: by default `smtplib` would tell the machine's.
        super().__init__(relay.host, relay.port, local_hostname=our_name, timeout=TIMEOUT_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = connect(host, port, time.monotonic() + timeout)
        plain.settimeout(timeout)
        if not self._relay.encrypted:
            return plain
        try:
            return tls_context().wrap_socket(plain, server_hostname=host)
        except OSError as error:
            plain.close()
            raise EgressFailed(host, "its certificate or its TLS is not good") from error
