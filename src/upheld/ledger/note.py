"""Signed notes as C2SP defines them: a text, and below it who signed it."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_DASH = "\N{EM DASH} "
NOTE_BYTES_MAX = 16 * 1024


class NoteUnreadable(ValueError):
    """The bytes are no signed note, or not of the kind that was asked for."""


@dataclass(frozen=True, slots=True)
class Note:
    """`text` ends in a newline; each signature is key name, key id and bytes."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def is_signed_by(self, name: str, public: bytes) -> bool:
        """Whether this key signed it under this name. Other signatures are ignored, as the
        definition wants; one of a known key that fails spoils the note."""
        mine = [s for n, i, s in self.signatures if (n, i) == (name, key_id(name, public))]
        return bool(mine) and all(is_signature(self.text.encode(), s, public) for s in mine)


def strict_base64(text: str) -> bytes:
    """What `text` spells, in its one spelling: a decoder that looks away from the bits left over
    lets two files say the same. Raises `NoteUnreadable`."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if base64.b64encode(data).decode() != text:
        raise NoteUnreadable("A line that should be base64 is not.")
    return data


def key_id(name: str, public: bytes) -> bytes:
    """Four bytes that name an Ed25519 key under a name."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:_KEY_ID_BYTES]


def is_signature(text: bytes, signature: bytes, public: bytes) -> bool:
    """Whether `signature` is this key's over exactly `text`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def write_note(text: str, name: str, public: bytes, signature: bytes) -> bytes:
    """The note with its one signature."""
    signed = base64.b64encode(key_id(name, public) + signature).decode()
    return f"{text}\n{_DASH}{name} {signed}\n".encode()


def read_note(data: bytes) -> Note:
    """Raises `NoteUnreadable`."""
    try:
        whole = data.decode() if len(data) <= NOTE_BYTES_MAX else ""
    except UnicodeDecodeError:
        whole = ""
    text, blank, below = whole.rpartition("\n\n")
    lines = below.removesuffix("\n").split("\n")
    control = any(letter < " " and letter != "\n" for letter in whole)
    if control or not (text and blank and below.endswith("\n")):
        raise NoteUnreadable("This is no signed note: a text, an empty line, then signatures.")
    return Note(text + "\n", tuple(_signature(line) for line in lines))


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    signed = strict_base64(encoded)
    if not line.startswith(_DASH) or not name or "+" in name or len(signed) <= _KEY_ID_BYTES:
        raise NoteUnreadable("A line below the note's text is no signature.")
    return name, signed[:_KEY_ID_BYTES], signed[_KEY_ID_BYTES:]


def write_verifier_key(name: str, public: bytes) -> str:
    """The public key as programs that check notes take it."""
    encoded = base64.b64encode(_ED25519 + public).decode()
    return f"{name}+{key_id(name, public).hex()}+{encoded}"


def read_verifier_key(text: str) -> tuple[str, bytes]:
    """Name and public key. Raises `NoteUnreadable`."""
    name, _, rest = text.strip().partition("+")
    identifier, _, encoded = rest.partition("+")
    whole = strict_base64(encoded)
    kind, public = whole[:1], whole[1:]
    if kind != _ED25519 or key_id(name, public).hex() != identifier:
        raise NoteUnreadable("This is no verifier key of an Ed25519 signature.")
    return name, public
