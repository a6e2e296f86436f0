"""Appending: in the caller's transaction, so an event is recorded exactly if it happened."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection, models, transaction

from upheld.db.prepared import Asked, Prepared
from upheld.ledger.checkpoint import Checkpoint, Signer, log_name
from upheld.ledger.events import Event, LogContinued, leaf_data
from upheld.ledger.models import LedgerEntry, LedgerHead, LedgerNode, LedgerOrigin
from upheld.ledger.offline import OfflineProof
from upheld.ledger.tiles import Tiles, completed_nodes
from upheld.ledger.tree import EMPTY_ROOT, Frontier, leaf_hash

_HEAD = 1
# Each letter names it.
_STANDING = Prepared(lambda: LedgerHead.objects.filter(pk=Asked("pk")))


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
    tree, completed = Frontier.from_hex(head.size, head.frontier).grow(leaf_hash(data))
    entry.root = tree.root().hex()
    entry.signature = signer.sign(head.origin, tree.size, tree.root())
    entry.save(force_insert=True)
    nodes = completed_nodes(tree.size, completed)
    if nodes:  # at every 256th entry
        LedgerNode.objects.bulk_create(nodes)
    head.size, head.frontier, head.root = tree.size, tree.to_hex(), entry.root
    head.signature, head.signer = entry.signature, signer.fingerprint
    head.save(force_update=True)
    return entry


def go_on(newest: Checkpoint, now: datetime) -> LedgerEntry:
    """Give the log another name, because it may lack what was signed under the one before: the
    name tells the time and `newest`, the newest checkpoint known. In the caller's transaction,
    as `append`. Returns the entry that says so."""
    head = lock_head()
    root = newest.root.hex()
    head.origin = f"{log_name()}/{now.astimezone(UTC):%Y%m%dT%H%M%SZ}/after/{newest.size}/{root}"
    head.save(update_fields=["origin"])
    LedgerOrigin.objects.update_or_create(first_index=head.size, defaults={"name": head.origin})
    return append(LogContinued(newest.size, root), now)


def settle_name(kept_outside: Checkpoint | None, now: datetime) -> LedgerEntry | None:
    """Begin the log of an empty database, or give an old one its name of today. A new database
    beside a checkpoint of an older log goes on from that one. Returns the entry that says so,
    if one was needed. In the caller's transaction."""
    empty = not LedgerHead.objects.filter(pk=_HEAD).exists()
    head = lock_head()
    if empty and kept_outside is not None:
        return go_on(kept_outside, now)
    if head.origin == log_name() or head.origin.startswith(f"{log_name()}/"):
        return None
    newest = newest_checkpoint()
    return go_on(newest, now) if newest else None


def lock_head() -> LedgerHead:
    """The head row, held until the caller's transaction ends: appends form one line."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "The ledger is appended to inside the transaction of what it records."
        )
    head = LedgerHead.objects.select_for_update().filter(pk=_HEAD).first()
    if head is None:
        name, root = log_name(), EMPTY_ROOT.hex()
        LedgerOrigin.objects.get_or_create(first_index=0, defaults={"name": name})
        LedgerHead.objects.get_or_create(
            pk=_HEAD,
            defaults={
                "origin": name,
                "size": 0,
                "frontier": "",
                "root": root,
                "signature": b"",
            },
        )
        head = LedgerHead.objects.select_for_update().get(pk=_HEAD)
    return head


def newest_checkpoint() -> Checkpoint | None:
    """The log as it stands, signed; None before its first entry."""
    head = _STANDING.first(pk=_HEAD)
    if head is None or head.size == 0:
        return None
    root = bytes.fromhex(head.root)
    note = Signer().note(head.origin, head.size, root, bytes(head.signature))
    return Checkpoint(head.origin, head.size, root, note)


def prove_entry(index: int) -> OfflineProof | None:
    """The proof that this entry is in the log as it stands; None where there is no such entry."""
    entry = LedgerEntry.objects.filter(index=index).first()
    newest = newest_checkpoint()
    if entry is None or newest is None or index >= newest.size:
        return None
    path = Tiles(newest.size).inclusion_path(index)
    return OfflineProof(entry.leaf_data(), index, tuple(path), newest)


def newest_time() -> datetime | None:
    """The latest time of any entry: the clock was there once, so it cannot be earlier now."""
    newest: datetime | None = LedgerEntry.objects.aggregate(at=models.Max("at"))["at"]
    return newest
