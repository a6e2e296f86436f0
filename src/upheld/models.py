"""Re-exports: Django looks for an app's models here; each stands with what it serves."""

from upheld.jobs.models import Job
from upheld.ledger.models import LedgerEntry, LedgerHead, LedgerNode, LedgerOrigin
from upheld.promises.access.models import RightsLink
from upheld.promises.consent.models import ConsentRecord
from upheld.promises.disclosure.models import Disclosure
from upheld.promises.erasure.models import (
    Erasure,
    ErasureRest,
    ErasureStep,
    ErasureSubject,
    Redaction,
    Tombstone,
)
from upheld.promises.mail.models import OutboxMail, SentMail
from upheld.promises.notice.models import PolicyLetter, PolicyVersion
from upheld.promises.purpose.models import PurposeOpening, Reveal
from upheld.promises.retention.models import Backup, Hold
from upheld.vault.models import SealedValue, VaultDay
from upheld.web.content import ContentVersion
from upheld.web.models import ProofOutcome

__all__ = [
    "Backup",
    "ConsentRecord",
    "ContentVersion",
    "Disclosure",
    "Erasure",
    "ErasureRest",
    "ErasureStep",
    "ErasureSubject",
    "Hold",
    "Job",
    "LedgerEntry",
    "LedgerHead",
    "LedgerNode",
    "LedgerOrigin",
    "OutboxMail",
    "PolicyLetter",
    "PolicyVersion",
    "ProofOutcome",
    "PurposeOpening",
    "Redaction",
    "Reveal",
    "RightsLink",
    "SealedValue",
    "SentMail",
    "Tombstone",
    "VaultDay",
]
