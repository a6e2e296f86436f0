"""Tries to read what must be unreadable, and looks for what should be gone."""

from __future__ import annotations

from datetime import datetime

from upheld.policy import Policy
from upheld.promises.proof import Proof
from upheld.promises.retention.prove_backups import prove_backups
from upheld.promises.retention.prove_rows import prove_rows
from upheld.promises.retention.prove_vaults import prove_vaults


def prove(policy: Policy, now: datetime) -> list[Proof]:
    """P20 (private financial data), P05 (everything else), P43 (backups)."""
    return [
        prove_vaults(policy, now),
        prove_rows(policy, now),
        prove_backups(policy, now),
    ]
