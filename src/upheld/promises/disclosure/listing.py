"""Who received what of whom, in words: what each person is shown of their own."""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from upheld.db.prepared import Asked, Prepared
from upheld.policy import Policy, current
from upheld.promises.disclosure.models import Disclosure


@dataclass(frozen=True, slots=True)
class Shown:
    """One disclosure. What the policy does not name any more is shown by the name it had."""

    recipient: str
    country: str
    fields: tuple[str, ...]
    purpose: str
    policy_version: int
    at: datetime


def disclosures_of(subjects: Collection[UUID]) -> list[Shown]:
    """Everything that left about these subject numbers, the newest first."""
    policy, wanted = current(), sorted(set(subjects))
    return [_shown(row, policy) for row in _of(len(wanted)).all(subject=wanted)] if wanted else []


@functools.cache
def _of(count: int) -> Prepared[Disclosure]:
    """Of so many subjects: an order's page asks for one, and every order has a page."""
    places: Any = Asked.each("subject", count)
    return Prepared(lambda: Disclosure.objects.filter(subject_id__in=places).order_by("-at", "-pk"))


def _shown(row: Disclosure, policy: Policy) -> Shown:
    recipient = policy.recipients.get(row.recipient)
    purpose = policy.purposes.get(row.purpose)
    fields = [policy.fields[name].words if name in policy.fields else name for name in row.fields]
    return Shown(
        recipient=recipient.words if recipient else row.recipient,
        country=recipient.country if recipient else "",
        fields=tuple(fields),
        purpose=f"to {purpose.words}" if purpose else row.purpose,
        policy_version=row.policy_version,
        at=row.at,
    )
