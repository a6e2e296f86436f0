"""Act: ask the recipients of a person's data to erase their part.

The inventories name who asks whom (`[redactions.RECIPIENT]`), and which rows are needed to ask
(`needed_by`). Nobody is asked about a subject of whom such a row stays for another reason: what is
erased there could not be refunded or defended here."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from upheld.db import purpose
from upheld.policy import current
from upheld.promises.erasure.models import SETTLED, Erasure, Redaction, RedactionState
from upheld.promises.erasure.rows import Round, personal_with_owner, rows_of
from upheld.promises.retention.due_rows import PURPOSE

_log = logging.getLogger("upheld.erasure")
Ask = Callable[[UUID, UUID, datetime], str]


def ask_others(erasure: Erasure, look: Round) -> None:
    """One round of asking; what a recipient answers is kept, and one that does not answer is
    asked again in the next."""
    for recipient, subject in sorted(set(_to_ask(look)), key=str):
        redaction, _ = Redaction.objects.get_or_create(
            erasure=erasure,
            recipient=recipient,
            subject_id=subject,
            defaults={"asked_at": look.now},
        )
        if redaction.state in SETTLED | {RedactionState.BY_HAND}:
            continue
        answer = _answer(redaction, subject, look.now)
        if answer and answer != redaction.state:
            redaction.settle(answer, look.now)


def _to_ask(look: Round) -> Iterator[tuple[str, UUID]]:
    for table in personal_with_owner(current()):
        if table.needed_by is None:
            continue
        own = f"recipient:{table.needed_by}"
        with purpose(PURPOSE):
            rows = list(rows_of(table, look))
        blocked = {r.subject for r in rows if any(reason != own for reason, _ in r.stays)}
        for subject in {row.subject for row in rows} - blocked:
            yield table.needed_by, subject


def _answer(redaction: Redaction, subject: UUID, now: datetime) -> str | None:
    module, _, function = current().inventory.redactions[redaction.recipient].partition(":")
    ask: Ask = getattr(importlib.import_module(module), function)
    try:
        return RedactionState(ask(redaction.pk, subject, now))
    except Exception as error:  # whoever it is, the rest of the erasure goes on
        _log.warning(
            "%s could not be asked to erase: %s", redaction.recipient, type(error).__name__
        )
        return None
