"""The words of one letter, and the message built of them."""

from __future__ import annotations

import base64
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from email.charset import Charset
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr
from typing import Any

from upheld.policy.model import Controller

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\_]{1,255}")
# Control characters, line and paragraph separators, lone surrogates.
_BREAKING = frozenset({"Cc", "Zl", "Zp", "Cs"})
_LINE_CHARACTERS_MAX = 320
_TEXT_LINE_BYTES_MAX = 998
_AS_IT_IS = Charset("utf-8")
_AS_IT_IS.body_encoding = None  # type: ignore[assignment]  # eight bits, unencoded
# The log's newest checkpoint, in base64: whoever keeps the letter can hold the store to it.
CHECKPOINT_HEADER = "X-Upheld-Checkpoint"
_WORD_CHARACTERS = 64


class UnfitContent(ValueError):
    """Words that could become a header or a second recipient. Never says which."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a renderer returns: one address, a subject, the same words as text and as HTML.
    Its text form shows none of it."""

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What makes a message this letter and no other."""

    kind: str
    message_id: str
    sender: Controller
    now: datetime
    checkpoint: bytes | None = None


def build_message(content: Content, envelope: Envelope) -> Message:
    """The message as it goes out. Raises `UnfitContent` where an address or the subject is not
    exactly one line of the plain kind; nothing is mended, because mending guesses. Each header
    is looked at here and taken as it is: to parse it again costs more than the whole sending."""
    message = MIMEMultipart("alternative", policy=compat32)
    sender = envelope.sender
    try:
        headers = {
            "From": formataddr((sender.name, _plain_address(sender.email))),
            "To": _plain_address(content.to),
            "Subject": _one_line(content.subject),
            "Date": format_datetime(envelope.now),
            "Message-ID": envelope.message_id,
            "Auto-Submitted": "auto-generated",
            "X-Upheld-Mail": envelope.kind,
        }
        if envelope.checkpoint is not None:
            headers[CHECKPOINT_HEADER] = _in_words(envelope.checkpoint)
        for name, value in headers.items():
            message[name] = _unbroken(value)
    except (ValueError, IndexError, UnicodeError):
        # The email package's own message may quote the value.
        raise UnfitContent("An address or a subject is not fit for a header.") from None
    message.attach(_part(content.text, "plain"))
    message.attach(_part(content.html, "html"))
    return message


def _part(text: str, subtype: str) -> MIMEText:
    """As it is, where its lines are short enough for mail; in base 64 otherwise."""
    fits = max(map(len, text.encode().split(b"\n"))) <= _TEXT_LINE_BYTES_MAX
    charset: Any = _AS_IT_IS if fits else "utf-8"  # either will do; the stubs know the name alone
    return MIMEText(text, subtype, charset, policy=compat32)


def _in_words(note: bytes) -> str:
    """Base64 in pieces short enough that a header is folded between them."""
    encoded = base64.b64encode(note).decode()
    pieces = range(0, len(encoded), _WORD_CHARACTERS)
    return " ".join(encoded[begin : begin + _WORD_CHARACTERS] for begin in pieces)


def _plain_address(address: str) -> str:
    """`address` with its domain in ASCII. Raises `ValueError` unless it is one bare address."""
    if not _ADDRESS.fullmatch(_one_line(address)):
        raise ValueError
    local, _, domain = address.partition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def _one_line(text: str) -> str:
    """`text`. Raises `ValueError` where it breaks, is blank or too long for a header."""
    if not text.strip() or len(text) > _LINE_CHARACTERS_MAX:
        raise ValueError
    return _unbroken(text)


def _unbroken(text: str) -> str:
    """`text`. Raises `ValueError` where it could become a second header."""
    if any(unicodedata.category(character) in _BREAKING for character in text):
        raise ValueError
    return text
