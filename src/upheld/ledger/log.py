"""Appending: in the caller's transaction, so an event is recorded exactly if it happened."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection, models, transaction

from upheld.ledger.checkpoint import Signer
from upheld.ledger.events import Event, leaf_data
from upheld.ledger.models import LedgerEntry, LedgerHead
from upheld.ledger.tree import EMPTY_ROOT, Frontier, leaf_hash

_HEAD = 1


def append(event: Event, now: datetime) -> LedgerEntry:
    """Add `event`, as of `now` to the second. Raises `TransactionManagementError` outside a
    transaction: an entry must not outlive a change that was rolled back, nor the reverse."""
    head = lock_head()
    signer = Signer()
    # Seconds are enough for a log, and leave less to match a person's visit by.
    entry = LedgerEntry(
        index=head.size,
        at=now.astimezone(UTC).replace(microsecond=0),
        event=type(event).__name__,
        facts=event.facts(),
    )
    data = leaf_data(entry.index, entry.at, entry.event, entry.facts)
    tree = Frontier.from_hex(head.size, head.frontier).append(leaf_hash(data))
    entry.root = tree.root().hex()
    entry.signature = signer.sign(tree.size, tree.root())
    entry.save(force_insert=True)
    head.size, head.frontier, head.root = tree.size, tree.to_hex(), entry.root
    head.signature, head.signer = entry.signature, signer.fingerprint
    head.save(force_update=True)
    return entry


def lock_head() -> LedgerHead:
    """The head row, held until the caller's transaction ends: appends form one line."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "The ledger is appended to inside the transaction of what it records."
        )
    head = LedgerHead.objects.select_for_update().filter(pk=_HEAD).first()
    if head is None:
        root = EMPTY_ROOT.hex()
        LedgerHead.objects.get_or_create(
            pk=_HEAD, defaults={"size": 0, "frontier": "", "root": root, "signature": b""}
        )
        head = LedgerHead.objects.select_for_update().get(pk=_HEAD)
    return head


def newest_time() -> datetime | None:
    """The latest time of any entry: the clock was there once, so it cannot be earlier now."""
    newest: datetime | None = LedgerEntry.objects.aggregate(at=models.Max("at"))["at"]
    return newest
