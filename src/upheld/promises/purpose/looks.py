"""Who of the staff looked at someone's data, in the words that this person is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from upheld.policy import Policy
from upheld.promises.purpose.models import Reveal


@dataclass(frozen=True, slots=True)
class Look:
    """One showing: when, to someone in which role, what, for which purpose, and why."""

    at: datetime
    role: str
    what: list[str]
    purpose: str
    cause: str


def looks_at(subjects: Iterable[UUID], policy: Policy) -> list[Look]:
    """Newest first; a field or a purpose that the policy no longer names is told by its name."""
    return [_look(row, policy) for row in Reveal.objects.of_subjects(subjects)]


def _look(row: Reveal, policy: Policy) -> Look:
    fields = [policy.fields.get(name) for name in row.fields.split()]
    named = zip(row.fields.split(), fields, strict=True)
    purpose = policy.purposes.get(row.purpose)
    return Look(
        at=row.at,
        role=row.role,
        what=[field.words if field else name for name, field in named],
        purpose=purpose.words if purpose else row.purpose,
        cause=row.get_cause_display(),
    )
