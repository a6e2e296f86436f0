"""The tamper-evident log: what happened, appended with it, and verifiable ever after."""

from upheld.ledger.checkpoint import Checkpoint, Signer, read_checkpoint
from upheld.ledger.events import Code, Event
from upheld.ledger.log import (
    append,
    go_on,
    newest_checkpoint,
    newest_time,
    prove_entry,
    settle_name,
)
from upheld.ledger.models import LedgerEntry
from upheld.ledger.note import NoteUnreadable
from upheld.ledger.offline import OfflineProof, read_proof
from upheld.ledger.outside import keep_outside, kept_outside
from upheld.ledger.verification import StoredLog, Verification, verify

__all__ = [
    "Checkpoint",
    "Code",
    "Event",
    "LedgerEntry",
    "NoteUnreadable",
    "OfflineProof",
    "Signer",
    "StoredLog",
    "Verification",
    "append",
    "go_on",
    "keep_outside",
    "kept_outside",
    "newest_checkpoint",
    "newest_time",
    "prove_entry",
    "read_checkpoint",
    "read_proof",
    "settle_name",
    "verify",
]
