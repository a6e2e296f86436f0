"""The signed statement "the log has this size and this root"."""

from __future__ import annotations

import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from upheld.vault.keys import lasting_key

_ORIGIN = "upheld ledger"


class Signer:
    """Signs and checks with the lasting key `log`, read once for a run of checkpoints."""

    __slots__ = ("_private", "fingerprint")

    def __init__(self) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(lasting_key("log"))
        public = self._private.public_key().public_bytes_raw()
        self.fingerprint = hashlib.sha256(public).hexdigest()[:16]

    def sign(self, size: int, root: bytes) -> bytes:
        """64 bytes of Ed25519 over the checkpoint."""
        return self._private.sign(checkpoint(size, root))

    def is_ours(self, size: int, root: bytes, signature: bytes) -> bool:
        """Whether this key signed exactly this size and root."""
        try:
            self._private.public_key().verify(signature, checkpoint(size, root))
        except InvalidSignature:
            return False
        return True


def checkpoint(size: int, root: bytes) -> bytes:
    """The body of a C2SP checkpoint: origin, size, root in base64, a line each."""
    return f"{_ORIGIN}\n{size}\n{base64.b64encode(root).decode()}\n".encode()
