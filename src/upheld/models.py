"""Re-exports: Django looks for an app's models here; each stands with what it serves."""

from upheld.jobs.models import Job
from upheld.ledger.models import LedgerEntry, LedgerHead, LedgerNode, LedgerOrigin
from upheld.promises.consent.models import ConsentRecord
from upheld.promises.disclosure.models import Disclosure
from upheld.promises.mail.models import OutboxMail, SentMail
from upheld.promises.purpose.models import PurposeOpening
from upheld.promises.retention.models import Backup, Hold
from upheld.vault.models import SealedValue, VaultDay
from upheld.web.content import ContentVersion
from upheld.web.models import ProofOutcome

__all__ = [
    "Backup",
    "ConsentRecord",
    "ContentVersion",
    "Disclosure",
    "Hold",
    "Job",
    "LedgerEntry",
    "LedgerHead",
    "LedgerNode",
    "LedgerOrigin",
    "OutboxMail",
    "ProofOutcome",
    "PurposeOpening",
    "SealedValue",
    "SentMail",
    "VaultDay",
]
