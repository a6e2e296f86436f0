"""P41 and P42: somebody planted is erased and looked for in every byte; and is put back, as an old
backup would, and erased again by the list."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, transaction

from upheld.db import purpose
from upheld.ledger.events import ErasuresMissing
from upheld.ledger.models import LedgerEntry
from upheld.policy import Policy
from upheld.promises.erasure.models import Erasure, ErasureState, ErasureSubject, Tombstone
from upheld.promises.erasure.rows import Round, erase_sealed, erase_table, personal_with_owner
from upheld.promises.erasure.tombstones import apply_list, newest_list, subjects_with_rows
from upheld.promises.proof import Proof
from upheld.promises.retention.due_rows import PURPOSE, reclaim_space
from upheld.promises.retention.models import Hold

_CHUNK_BYTES = 1 << 20
_BESIDE = ("", "-wal", "-journal")


def prove(policy: Policy, now: datetime) -> list[Proof]:
    """Both proofs; what they planted is gone afterwards, whatever they found."""
    return [_prove_gone(policy, now), _prove_stays_gone(policy, now)]


def _prove_gone(policy: Policy, now: datetime) -> Proof:
    subject, marker = uuid.uuid4(), f"planted-{uuid.uuid4().hex}"
    _plant(policy, subject, marker, now)
    before = places_of(marker)
    gone = _erase(policy, subject, now)
    after = places_of(marker)
    returned = _erased_with_rows(policy)
    known = Tombstone.objects.count()
    population = known + 1
    if not gone or returned or "" in after:
        text = (
            f"{len(returned)} of {known} erased subjects have rows; the planted person was "
            f"{'found in the database' if not gone or '' in after else 'erased'}."
        )
        return Proof("P41", "broken", "tested", population, text)
    if after:
        text = "The write-ahead log still holds the planted person: somebody was reading."
        return Proof("P41", "late", "tested", population, text)
    looked = (
        "was found in the database's files before, and in no byte of them after"
        if before
        else "went from its table; the bytes of the database are the server's own"
    )
    text = f"A planted person {looked}. Of {known} erased subjects none has a row."
    return Proof("P41", "kept", "tested", population, text)


def _prove_stays_gone(policy: Policy, now: datetime) -> Proof:
    """All of it in a transaction that is rolled back."""
    subject = uuid.uuid4()
    with transaction.atomic():
        Tombstone.set_up([subject], now)
        listed = newest_list()
        Tombstone.objects.filter(digest=Tombstone.digest_of(subject)).delete()
        _plant(policy, subject, "as an old backup would", now)
        came_back = Hold.objects.filter(subject_id=subject).exists()
        apply_list(listed, now)
        stays = Hold.objects.filter(subject_id=subject).exists()
        transaction.set_rollback(True)
    population = Tombstone.objects.count() + 1
    missing = LedgerEntry.objects.filter(event=ErasuresMissing.__name__).order_by("index").last()
    if missing is not None:
        text = (
            f"On {missing.at:%Y-%m-%d} a backup was put back without the list of erasures made "
            "since; who was erased in between may have come back."
        )
        return Proof("P42", "broken", "tested", population, text)
    if stays or not came_back:
        text = "A planted person came back with an old copy and was not erased again."
        return Proof("P42", "broken", "tested", population, text)
    text = (
        "A planted person was put back as an old backup would, and the list of erasures took "
        f"them away again. It held {population} digests, theirs among them."
    )
    return Proof("P42", "kept", "tested", population, text)


def _plant(policy: Policy, subject: uuid.UUID, marker: str, now: datetime) -> None:
    """A hold that is over: a row of somebody's that the proof may write."""
    over = now - timedelta(days=2)
    with purpose(min(policy.inventory.tables[Hold._meta.db_table].writes)):
        Hold(subject_id=subject, reason=marker, until=over.date(), made_at=over).save(
            force_insert=True
        )


def _erase(policy: Policy, subject: uuid.UUID, now: datetime) -> bool:
    """By what the keeper runs, without an entry in the log: nobody was erased."""
    erasure = Erasure.ask(None, now, now, has_receipt=False)
    look = Round(frozenset({subject}), {}, frozenset(), now)
    with purpose(PURPOSE):
        for table in personal_with_owner(policy):
            erase_table(erasure, table, look)
        erase_sealed(erasure, look)
    Erasure.objects.filter(pk=erasure.pk).delete()
    reclaim_space()
    return not Hold.objects.filter(subject_id=subject).exists()


def _erased_with_rows(policy: Policy) -> set[uuid.UUID]:
    """Erased subjects with a row that no erasure under way knows of."""
    known = Tombstone.objects.values_list("digest", flat=True)
    under_way = ErasureSubject.objects.filter(erasure__state=ErasureState.BEGUN)
    return subjects_with_rows(policy, known) - set(under_way.values_list("subject_id", flat=True))


def places_of(marker: str) -> list[str]:
    """The database's files that hold these bytes, by what stands behind the database's name: rows,
    indexes, free pages and the planner's samples alike. Nothing on a server, whose files are not
    ours to read."""
    if connection.vendor != "sqlite":
        return []
    name = Path(str(connection.settings_dict["NAME"]))
    files = {end: name.with_name(name.name + end) for end in _BESIDE}
    return [end for end, file in files.items() if file.is_file() and _holds(file, marker.encode())]


def _holds(file: Path, marker: bytes) -> bool:
    tail = b""
    with file.open("rb") as opened:
        while chunk := opened.read(_CHUNK_BYTES):
            if marker in tail + chunk:
                return True
            tail = chunk[-len(marker) :]
    return False
