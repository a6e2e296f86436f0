"""The words of one letter, and the message built of them."""

from __future__ import annotations

import base64
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from email import policy as mail_policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from upheld.policy.model import Controller

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\_]{1,255}")
# Control characters, line and paragraph separators, lone surrogates.
_BREAKING = frozenset({"Cc", "Zl", "Zp", "Cs"})
_LINE_CHARACTERS_MAX = 320
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


def build_message(content: Content, envelope: Envelope) -> EmailMessage:
    """The message as it goes out. Raises `UnfitContent` where an address or the subject is not
    exactly one line of the plain kind; nothing is mended, because mending guesses."""
    message = EmailMessage(policy=mail_policy.SMTP)
    try:
        message["From"] = Address(envelope.sender.name, addr_spec=envelope.sender.email)
        message["To"] = Address(addr_spec=_plain_address(content.to))
        message["Subject"] = _one_line(content.subject)
        message["Date"] = format_datetime(envelope.now)
        message["Message-ID"] = envelope.message_id
        message["Auto-Submitted"] = "auto-generated"
        message["X-Upheld-Mail"] = envelope.kind
        if envelope.checkpoint is not None:
            message[CHECKPOINT_HEADER] = _in_words(envelope.checkpoint)
        message.set_content(content.text)
        message.add_alternative(content.html, subtype="html")
    except (ValueError, IndexError, UnicodeError):
        # The email package's own message may quote the value.
        raise UnfitContent("An address or a subject is not fit for a header.") from None
    return message


def _in_words(note: bytes) -> str:
    """Base64 in pieces short enough that a header is folded between them."""
    encoded = base64.b64encode(note).decode()
    pieces = range(0, len(encoded), _WORD_CHARACTERS)
    return " ".join(encoded[begin : begin + _WORD_CHARACTERS] for begin in pieces)


def _plain_address(address: str) -> str:
    """`address` with its domain in ASCII. Raises `ValueError` unless it is one bare address."""
    _one_line(address)
    if not _ADDRESS.fullmatch(address):
        raise ValueError
    local, _, domain = address.partition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def _one_line(text: str) -> str:
    breaking = any(unicodedata.category(character) in _BREAKING for character in text)
    if breaking or not text.strip() or len(text) > _LINE_CHARACTERS_MAX:
        raise ValueError
    return text
