"""License keys: readable by the buyer again and again, useless in a stolen database."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import ClassVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models
from django.db.models import Q

from upheld.vault import lasting_key
from upheld_store.catalog.models import KeyPool
from upheld_store.orders.models import Order, OrderLine

SEED_BYTES = 37
NONCE_BYTES = 12
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
        """A new key for one copy, not yet stored. `seed` is 37 random bytes: 25 for the key, 12
        for the nonce."""
        return cls.of(line, copy, write_key(seed), nonce=seed[25:37], now=now)

    @classmethod
    def of(cls, line: OrderLine, copy: int, key: str, *, nonce: bytes, now: datetime) -> LicenseKey:
        """`key` as the key of one copy, not yet stored."""
        sealed = _seal(key, nonce, f"{line.pk}:{copy}")
        return cls(line=line, copy=copy, issued_at=now, sealed=sealed, digest=digest_of(key))

    def reveal(self) -> str:
        """The key as the buyer types it. Raises `cryptography.exceptions.InvalidTag` if the
        row was tampered with or belongs to another line."""
        return _open(bytes(self.sealed), f"{self.line_id}:{self.copy}")


def _seal(key: str, nonce: bytes, bound: str) -> bytes:
    box = AESGCM(lasting_key("license_keys"))
    return nonce + box.encrypt(nonce, key.encode(), bound.encode())


def _open(sealed: bytes, bound: str) -> str:
    box = AESGCM(lasting_key("license_keys"))
    return box.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound.encode()).decode()


class PooledKeyQuerySet(models.QuerySet["PooledKey"]):
    def free(self, now: datetime) -> PooledKeyQuerySet:
        """Neither sold nor set aside for an order whose time is not over."""
        return self.filter(Q(line=None) | Q(reserved_until__lte=now), sold_at=None)

    def reserved_for(self, order: Order) -> PooledKeyQuerySet:
        """Set aside for this order, and not sold."""
        return self.filter(line__order=order, sold_at=None)

    def known(self, digests: list[str]) -> set[str]:
        """Those of `digests` that were ever imported, into whichever pool."""
        return set(self.filter(digest__in=digests).values_list("digest", flat=True))


class PooledKey(models.Model):
    """One key of a pool. While an order may still pay for it, it is set aside for one copy. Once
    sold, only the digest stays, so that it is never imported and sold a second time: the key has
    become a `LicenseKey`, and nothing here says whose."""

    pool = models.ForeignKey(KeyPool, models.PROTECT, related_name="keys")
    digest = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    imported_at = models.DateTimeField()
    line = models.ForeignKey(OrderLine, models.SET_NULL, null=True, related_name="+")
    copy = models.PositiveIntegerField(null=True)
    reserved_until = models.DateTimeField(null=True)
    sold_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[PooledKey]] = PooledKeyQuerySet.as_manager()

    class Meta:
        db_table = "store_licensing_pooledkey"
        constraints = [
            models.UniqueConstraint(fields=["line", "copy"], name="store_pooledkey_copy"),
        ]
        indexes = [
            models.Index(fields=["pool", "sold_at", "reserved_until"], name="store_pooledkey_free")
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @classmethod
    def make(cls, pool: KeyPool, key: str, nonce: bytes, now: datetime) -> PooledKey:
        """`key` as the vendor wrote it, not yet stored."""
        digest = pool_digest(key)
        sealed = _seal(key, nonce, f"pool:{digest}")
        return cls(pool=pool, digest=digest, sealed=sealed, imported_at=now)

    def reveal(self) -> str:
        """The key as the vendor wrote it. Raises `cryptography.exceptions.InvalidTag` as
        `LicenseKey.reveal` does."""
        return _open(bytes(self.sealed), f"pool:{self.digest}")

    def set_aside(self, line: OrderLine, copy: int, until: datetime, now: datetime) -> bool:
        """For one copy of an order, while it is free or that copy's already: the condition stands
        in the update. Returns whether this call did it."""
        mine = Q(line=line, copy=copy, sold_at=None)
        free = PooledKey.objects.free(now) | PooledKey.objects.filter(mine)
        return bool(free.filter(pk=self.pk).update(line=line, copy=copy, reserved_until=until))

    def sell(self, now: datetime) -> bool:
        """Once. Returns whether this call did it."""
        found = PooledKey.objects.filter(pk=self.pk, sold_at=None)
        return bool(
            found.update(sold_at=now, sealed=b"", line=None, copy=None, reserved_until=None)
        )


def pool_digest(key: str) -> str:
    """What a key is known by in its pool: another digest than the buyer's, so that the two tables
    cannot be joined without the lasting key."""
    return digest_of(f"pool:{key.strip()}")
