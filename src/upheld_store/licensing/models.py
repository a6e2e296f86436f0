"""License keys: readable by the buyer again and again, useless in a stolen database."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models

from upheld.vault import lasting_key
from upheld_store.orders.models import OrderLine

SEED_BYTES = 37
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def write_key(seed: bytes) -> str:
    """25 random bytes → five groups of five symbols of Crockford's base 32 (125 bits)."""
    symbols = "".join(_ALPHABET[byte % 32] for byte in seed[:25])
    return "-".join(symbols[i : i + 5] for i in range(0, 25, 5))


def digest_of(key: str) -> str:
    """What a key is found by: keyed, so that the database alone cannot test a guess."""
    plain = key.strip().upper().encode()
    return hmac.new(lasting_key("license_keys"), plain, hashlib.sha256).hexdigest()


class LicenseKey(models.Model):
    """One key for one copy. `sealed` opens only with the lasting key outside the database."""

    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="license_keys")
    copy = models.PositiveIntegerField()
    issued_at = models.DateTimeField()
    sealed = models.BinaryField()
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "store_licensing_licensekey"
        constraints = [
            models.UniqueConstraint(fields=["line", "copy"], name="store_licensekey_copy")
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @classmethod
    def make(cls, line: OrderLine, copy: int, seed: bytes, now: datetime) -> LicenseKey:
        """The key of one copy, not yet stored. `seed` is 37 random bytes: 25 for the key, 12
        for the nonce."""
        key = write_key(seed)
        nonce = seed[25:37]
        box = AESGCM(lasting_key("license_keys"))
        sealed = nonce + box.encrypt(nonce, key.encode(), f"{line.pk}:{copy}".encode())
        return cls(line=line, copy=copy, issued_at=now, sealed=sealed, digest=digest_of(key))

    def reveal(self) -> str:
        """The key as the buyer types it. Raises `cryptography.exceptions.InvalidTag` if the
        row was tampered with or belongs to another line."""
        sealed = bytes(self.sealed)
        box = AESGCM(lasting_key("license_keys"))
        bound = f"{self.line_id}:{self.copy}".encode()
        return box.decrypt(sealed[:12], sealed[12:], bound).decode()
