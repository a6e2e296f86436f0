"""Act: put on record that a staff member is about to be shown what is kept of someone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from upheld.db import purpose
from upheld.ledger import append
from upheld.ledger.events import DataRevealed
from upheld.promises.purpose.models import Cause, Reveal


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: a number and a role. The person concerned is told the role alone."""

    number: int
    role: str


@dataclass(frozen=True, slots=True)
class Why:
    """Why someone looks: a cause that the person concerned is told, and the viewer's own words."""

    cause: Cause
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Looked:
    """Whose data, on which row, and which of its fields."""

    subject_id: UUID
    table: str
    row: str
    fields: Sequence[str]


def record_reveals(
    looks: Sequence[Looked], viewer: Viewer, why: Why, now: datetime, *, shown_for: str
) -> None:
    """Call it before anything is read: the transaction is committed when it returns, the ledger
    has the fact and `Reveal` the rest. `shown_for` is the purpose under which it is read. Raises
    whatever keeps the record from being written; then nothing may be shown."""
    with purpose("oversee"), transaction.atomic(durable=True):
        for look in looks:
            append(DataRevealed(purpose=shown_for, fields=len(look.fields)), now)
            Reveal(
                subject_id=look.subject_id, about_table=look.table, about_row=look.row,
                staff_number=viewer.number, role=viewer.role, fields=" ".join(look.fields),
                purpose=shown_for, cause=why.cause, reason=why.words.strip(), at=now,
            ).save(force_insert=True)  # fmt: skip
