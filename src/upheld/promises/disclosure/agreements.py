"""How long each recipient is still bound: what staff see ahead of the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from upheld.policy import Policy, Recipient

WARN_DAYS = 30
ATTESTED_DAYS_MAX = 365
Standing = Literal["in force", "runs out soon", "ran out", "not signed yet", "missing"]


@dataclass(frozen=True, slots=True)
class Standings:
    """One recipient on one day. `days_left` counts the last day too."""

    recipient: Recipient
    standing: Standing
    days_left: int

    @property
    def is_usable(self) -> bool:
        """Whether the gate gives it anything today."""
        return self.standing in ("in force", "runs out soon")

    @property
    def warns(self) -> bool:
        """Whether somebody has to do something."""
        return self.standing != "in force"


def standings(policy: Policy, today: date) -> list[Standings]:
    """Every recipient, those that need somebody first."""
    found = [_standing(recipient, today) for recipient in policy.recipients.values()]
    return sorted(found, key=lambda each: (not each.warns, each.days_left, each.recipient.name))


def attested_long_ago(recipient: Recipient, today: date) -> bool:
    """Whether the recipient has not shown for a year that it keeps to the agreement."""
    agreement = recipient.agreement
    return agreement is not None and today - agreement.attested > timedelta(days=ATTESTED_DAYS_MAX)


def _standing(recipient: Recipient, today: date) -> Standings:
    agreement = recipient.agreement
    if agreement is None:
        return Standings(recipient, "missing", 0)
    left = (agreement.expires - today).days + 1
    if today < agreement.signed:
        return Standings(recipient, "not signed yet", left)
    if left <= 0:
        return Standings(recipient, "ran out", 0)
    return Standings(recipient, "runs out soon" if left <= WARN_DAYS else "in force", left)
