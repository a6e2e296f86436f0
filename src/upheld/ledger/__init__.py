"""The tamper-evident log: what happened, appended with it, and verifiable ever after."""

from upheld.ledger.events import Code, Event
from upheld.ledger.log import append, newest_time
from upheld.ledger.models import LedgerEntry
from upheld.ledger.verification import Verification, verify

__all__ = ["Code", "Event", "LedgerEntry", "Verification", "append", "newest_time", "verify"]
