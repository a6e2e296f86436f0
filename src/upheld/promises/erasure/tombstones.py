"""What was erased stays erased: the list that lies beside the backups, and its way back.

A tombstone is a keyed digest of a random number. Without the key it names nobody; with it, it
names a number that nobody's data stands under any more."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from upheld.db import purpose
from upheld.policy import Policy, current
from upheld.policy.errors import ActRefused
from upheld.promises.access.questions import as_python, ask
from upheld.promises.erasure.carry_on import PURPOSE, carry_on
from upheld.promises.erasure.models import Erasure, ErasureSubject, Tombstone
from upheld.promises.retention.walk import quoted, statement, walk
from upheld.vault import lasting_key

_FORMAT = 1
_BATCH = 500


class ListBroken(ActRefused):
    """The list of erasures is not what this store wrote; without it erased data could return."""


def newest_list() -> bytes:
    """Every tombstone as of now, sealed against change and cutting, to be written beside each
    backup whenever one is made and whenever an erasure begins."""
    rows = Tombstone.objects.order_by("digest").values_list("digest", "at")
    body = {"format": _FORMAT, "tombstones": [[digest, at.isoformat()] for digest, at in rows]}
    text = json.dumps(body, separators=(",", ":"), sort_keys=True)
    return f"{text}\n{_mac(text)}\n".encode()


def apply_list(data: bytes, now: datetime) -> int:
    """After a restore, before the first answer: take in the tombstones of `data` and erase again
    whatever came back. Returns how many subjects had come back. What has a reason to stay stays,
    and the keeper goes on with it. Raises `ListBroken`, and nothing has changed. Call it from a
    command that may hold the purpose `forget`."""
    entries = _read(data)
    with transaction.atomic():
        Tombstone.objects.bulk_create(
            [Tombstone(digest=digest, at=at) for digest, at in entries],
            batch_size=_BATCH,
            ignore_conflicts=True,
        )
    known = set(Tombstone.objects.values_list("digest", flat=True))
    with purpose(PURPOSE):
        returned = sorted(subjects_with_rows(current(), known))
    for subject in returned:
        _erase_again(subject, now)
    return len(returned)


def check_list(data: bytes) -> None:
    """Before anything is put back. Raises `ListBroken`."""
    _read(data)


def subjects_with_rows(policy: Policy, known: Iterable[str]) -> set[UUID]:
    """The subjects whose tombstone is in `known` and who yet have a row that an erasure removes."""
    wanted = set(known)
    return {subject for subject in _subjects(policy) if Tombstone.digest_of(subject) in wanted}


def prune_tombstones(now: datetime) -> int:
    """Remove those that are older than any backup can be. Returns how many."""
    oldest = now - timedelta(days=current().erasure.tombstones_kept_days)
    return Tombstone.objects.filter(at__lt=oldest).delete()[0]


def _subjects(policy: Policy) -> Iterator[UUID]:
    for table in policy.inventory.tables.values():
        path = table.owner if table.is_personal else table.subject if table.goes else None
        if path:
            owner = walk(table.name, path, "o")
            source = statement("FROM", quoted(table.name), "t", owner.joins)
            for (value,) in ask(statement("SELECT DISTINCT", owner.column, source), []):
                if value is not None:
                    yield as_python(owner.field, value)


def _erase_again(subject: UUID, now: datetime) -> None:
    with transaction.atomic():
        erasure = Erasure.ask(None, now, now, has_receipt=False)
        ErasureSubject(erasure=erasure, subject_id=subject).save()
    carry_on(erasure, now, ask_others=False)


def _read(data: bytes) -> list[tuple[str, datetime]]:
    try:
        text, mac, end = data.decode("ascii").split("\n")
        if end or not hmac.compare_digest(mac, _mac(text)):
            raise ValueError
        body = json.loads(text)
        if body["format"] != _FORMAT:
            raise ValueError
        return [(str(digest), datetime.fromisoformat(at)) for digest, at in body["tombstones"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ListBroken(
            "The list of erasures was changed, cut, or written by another store. Take the one "
            "that lies beside the newest backup."
        ) from error


def _mac(text: str) -> str:
    return hmac.new(_key(), b"list:" + text.encode(), hashlib.sha256).hexdigest()


def _key() -> bytes:
    return lasting_key("tombstones")
