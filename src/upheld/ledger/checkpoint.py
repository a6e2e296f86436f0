"""The signed statement "the log of this name has this size and this root"."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from upheld.ledger.note import (
    NoteUnreadable,
    is_signature,
    read_note,
    strict_base64,
    write_note,
    write_verifier_key,
)
from upheld.policy import current
from upheld.vault.keys import lasting_key

_ROOT_BYTES = 32
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_BEGUN = re.compile(r"/([0-9]{8}T[0-9]{6}Z)/after/", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What one checkpoint says; `note` is the whole of it, signatures included."""

    origin: str
    size: int
    root: bytes
    note: bytes

    @property
    def age_rank(self) -> tuple[str, int]:
        """Sorts checkpoints of one store: a log that goes on after a restore has a later name
        (see `upheld.ledger.log.go_on`), and within a name it grows."""
        begun = _BEGUN.search(self.origin)
        return (begun[1] if begun else "", self.size)

    def is_signed_by(self, public: bytes) -> bool:
        """Whether this key signed it, under the log's own name."""
        return read_note(self.note).is_signed_by(self.origin, public)


class Signer:
    """Signs and checks with the lasting key `log`, read once for a run of checkpoints."""

    __slots__ = ("_private", "fingerprint", "public")

    def __init__(self) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(lasting_key("log"))
        self.public = self._private.public_key().public_bytes_raw()
        self.fingerprint = hashlib.sha256(self.public).hexdigest()[:16]

    def sign(self, origin: str, size: int, root: bytes) -> bytes:
        """64 bytes of Ed25519 over the checkpoint's text."""
        return self._private.sign(checkpoint_text(origin, size, root).encode())

    def is_ours(self, origin: str, size: int, root: bytes, signature: bytes) -> bool:
        """Whether this key signed exactly this name, size and root."""
        return is_signature(checkpoint_text(origin, size, root).encode(), signature, self.public)

    def note(self, origin: str, size: int, root: bytes, signature: bytes) -> bytes:
        """The checkpoint as others keep it."""
        return write_note(checkpoint_text(origin, size, root), origin, self.public, signature)

    def verifier_key(self, origin: str) -> str:
        """What others check the notes of this log with."""
        return write_verifier_key(origin, self.public)


def log_name() -> str:
    """The log's address without scheme, on the site that the policy names: it stays when the
    store moves to another machine."""
    return f"{urlsplit(current().controller.site).netloc}/privacy/log"


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """The text of a C2SP checkpoint: origin, size, root in base64, a line each."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def read_checkpoint(note: bytes) -> Checkpoint:
    """What the note says, whoever signed it. Raises `NoteUnreadable`."""
    lines = read_note(note).text.split("\n")
    origin, size, root = lines[0], "".join(lines[1:2]), strict_base64("".join(lines[2:3]))
    if not origin or not _SIZE.fullmatch(size) or len(root) != _ROOT_BYTES:
        raise NoteUnreadable("This note is no checkpoint: origin, size and root, a line each.")
    return Checkpoint(origin, int(size), root, note)
