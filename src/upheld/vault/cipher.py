"""AES-256-GCM of one value, bound to the one place where it may be read."""

from __future__ import annotations

import json
import secrets
from datetime import date

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class SealBroken(Exception):
    """The bytes are not what was sealed in this place: altered, moved, or of another key."""


def place(table: str, row: str, field: str, day: date) -> bytes:
    """The additional data: a value moved to another row, field or day does not open there."""
    return json.dumps([table, row, field, day.isoformat()], separators=(",", ":")).encode()


def encrypt(key: bytes, value: str, where: bytes) -> bytes:
    """Nonce and ciphertext. The nonce is random: a day's key seals far fewer than 2**32 values."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, value.encode(), where)


def decrypt(key: bytes, sealed: bytes, where: bytes) -> str:
    """Raises `SealBroken`."""
    try:
        opened = AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], where)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("A sealed value does not open in its place.") from error
    return opened.decode()
