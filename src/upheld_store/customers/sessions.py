"""Sessions: known by a keyed digest, sealed with a lasting key, ended by the policy's period.

Django finds the class by its name here. It enters its own purpose, because a session is read at
the first question anyone asks about the visitor, whatever purpose is in force then."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from upheld.db import for_purpose
from upheld.policy import current
from upheld.promises.cookies.jar import DAY_SECONDS
from upheld.vault import lasting_key
from upheld.vault.cipher import SealBroken, decrypt, encrypt
from upheld_store.customers.models import SignIn

PURPOSE = "keep_signed_in"
COOKIE = "session"
_KEY = "sessions"


def digest_of(session_key: str) -> str:
    """What is stored of a session's key: a stolen table opens no session."""
    return hmac.new(lasting_key(_KEY), session_key.encode(), hashlib.sha256).hexdigest()


class SessionStore(SessionBase):
    """One visitor's session."""

    def get_session_cookie_age(self) -> int:
        """The policy's period, for the cookie and for the row."""
        return (current().cookies[COOKIE].kept_days or 0) * DAY_SECONDS

    @for_purpose(PURPOSE)
    def load(self) -> dict[str, Any]:
        """What the session holds; nothing, under a new key, where there is none or it is over."""
        row = self._row(self.session_key) if self.session_key else None
        if row is None:
            self._session_key = None
            return {}
        try:
            held: dict[str, Any] = json.loads(decrypt(_seal_key(), bytes(row.data), _place(row)))
        except (SealBroken, ValueError):
            self._session_key = None
            return {}
        return held

    @for_purpose(PURPOSE)
    def exists(self, session_key: str) -> bool:
        return self._row(session_key) is not None

    def create(self) -> None:
        """A new key that nobody has."""
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    @for_purpose(PURPOSE)
    def save(self, must_create: bool = False) -> None:
        """Raises `CreateError` where the key is taken, `UpdateError` where the session was ended
        meanwhile: signed out elsewhere stays signed out."""
        if self.session_key is None:
            self.create()
            return
        now = timezone.now()
        data: dict[str, Any] = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        row = SignIn(
            key_digest=digest_of(self.session_key),
            customer_id=data.get(SESSION_KEY),
            started_at=now,
            renewed_at=now,
        )
        row.data = encrypt(_seal_key(), json.dumps(data), _place(row))
        try:
            with transaction.atomic():
                if must_create:
                    row.save(force_insert=True)
                else:
                    row.save(update_fields=["customer", "data", "renewed_at"])
        except IntegrityError as error:
            if must_create:
                raise CreateError from error
            raise
        except DatabaseError as error:
            if must_create:
                raise
            raise UpdateError from error

    @for_purpose(PURPOSE)
    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            SignIn.objects.filter(key_digest=digest_of(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        """The keeper removes sessions that are over, like everything else that is due."""

    def _row(self, session_key: str) -> SignIn | None:
        oldest = timezone.now() - timedelta(seconds=self.get_session_cookie_age())
        mine = SignIn.objects.filter(key_digest=digest_of(session_key), renewed_at__gt=oldest)
        return mine.first()


def _seal_key() -> bytes:
    return lasting_key(_KEY)


def _place(row: SignIn) -> bytes:
    return f"{row._meta.db_table}:{row.key_digest}".encode()
