"""Who received what of whom, in words: what each person is shown of their own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

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
    policy = current()
    rows = Disclosure.objects.filter(subject_id__in=subjects).order_by("-at", "-pk")
    return [_shown(row, policy) for row in rows]


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
