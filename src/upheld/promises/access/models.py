"""A mailed link to what is held under an address. The address itself is not in it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models

from upheld.policy import current
from upheld.vault import lasting_key

_USE = b"rights link:"


def derived_token(use: bytes, key: uuid.UUID) -> str:
    """A secret that only a letter carries: 256 bits from a lasting key, base64url, so that a
    stolen database opens nothing."""
    mac = hmac.new(lasting_key("mailed_codes"), use + key.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def digest_of(token: str) -> str:
    """What is stored of such a secret."""
    return hashlib.sha256(token.encode()).hexdigest()


class LinkQuerySet(models.QuerySet["RightsLink"]):
    def open_by(self, token: str, now: datetime) -> RightsLink | None:
        """The link that carries this token, while it works."""
        oldest = now - timedelta(minutes=current().access.link_minutes)
        mine = self.filter(token_digest=digest_of(token), used_at=None, made_at__gt=oldest)
        return mine.first()


class RightsLink(models.Model):
    """For whoever reads the mail of one address: `subject_id` is one subject there, or a number
    that is nobody's where the address is unknown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject_id = models.UUIDField()
    token_digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    # The stubs know a plain manager here; at run time it has every method of the query set.
    objects: ClassVar[LinkQuerySet] = LinkQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        app_label = "upheld"
        db_table = "upheld_rights_link"

    def __str__(self) -> str:
        return f"rights link {self.pk}"

    @classmethod
    def make(cls, subject: uuid.UUID, now: datetime) -> RightsLink:
        """A new link, stored in the caller's transaction."""
        link = cls(id=uuid.uuid4(), subject_id=subject, made_at=now)
        link.token_digest = digest_of(link.token())
        link.save(force_insert=True)
        return link

    def token(self) -> str:
        """The secret in the mail."""
        return derived_token(_USE, self.pk)

    def use(self, now: datetime) -> bool:
        """An act through this link is the last one. Returns whether this call did it."""
        return bool(RightsLink.objects.filter(pk=self.pk, used_at=None).update(used_at=now))
