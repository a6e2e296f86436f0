"""Acts: end the sessions of a person, every one or all but the one in hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from upheld.db import for_purpose
from upheld_store.customers.models import Customer, SignIn
from upheld_store.customers.sessions import PURPOSE, digest_of


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its person sees it: since when, last used to sign something in, and whether
    it is this one. What browser it was is not known here."""

    started_at: datetime
    renewed_at: datetime
    is_this: bool


@for_purpose(PURPOSE)
def sessions_of(customer: Customer, session_key: str) -> list[OpenSession]:
    """The newest first."""
    this = digest_of(session_key)
    rows = SignIn.objects.filter(customer=customer).order_by("-renewed_at")
    return [
        OpenSession(started, renewed, digest == this)
        for digest, started, renewed in rows.values_list("key_digest", "started_at", "renewed_at")
    ]


@for_purpose(PURPOSE)
def sign_out_elsewhere(customer: Customer, session_key: str) -> int:
    """Returns how many other sessions ended."""
    others = SignIn.objects.filter(customer=customer).exclude(key_digest=digest_of(session_key))
    return others.delete()[0]


@for_purpose(PURPOSE)
def count_sessions(customer: Customer) -> int:
    """How many sessions this person has."""
    return SignIn.objects.filter(customer=customer).count()


@for_purpose(PURPOSE)
def sign_out_everywhere(customer: Customer) -> int:
    """Returns how many sessions ended: every one."""
    return SignIn.objects.filter(customer=customer).delete()[0]
