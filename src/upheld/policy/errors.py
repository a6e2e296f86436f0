"""What the engine says when it refuses: which clause, which field, which way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong before anything runs: where, which clause, what, the remedy."""

    file: str
    line: int | None
    clause: str | None
    problem: str
    remedy: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        clause = f" ({self.clause})" if self.clause else ""
        return f"{where}{clause}: {self.problem}\n  Remedy: {self.remedy}"


class PolicyInvalid(Exception):
    """The policy or an inventory cannot be used; carries every finding."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class PolicyViolation(Exception):
    """Code was about to break a promise. Not a `DatabaseError`, so nothing that catches those
    swallows it."""

    problem = "refused"

    def __init__(self, *, clause: str, field: str, remedy: str, problem: str | None = None) -> None:
        self.clause, self.field, self.remedy = clause, field, remedy
        name = type(self).__name__
        super().__init__(
            f"{name}: {field} ({clause}) {problem or self.problem}.\n  Remedy: {remedy}"
        )


class UndeclaredField(PolicyViolation):
    """Data that the policy does not name."""

    problem = "is not declared"


class UndeclaredPurpose(PolicyViolation):
    """A use that the policy does not allow."""

    problem = "may not be used for this purpose"


class UndeclaredDisclosure(PolicyViolation):
    """A recipient, field or host that the policy does not name, or an agreement out of date."""

    problem = "may not be disclosed"


class UndeclaredCookie(PolicyViolation):
    """A cookie that the policy does not name."""

    problem = "is not a declared cookie"


class NoProofOfConsent(PolicyViolation):
    """A mail or a disclosure with neither an order nor a live consent behind it."""

    problem = "has no ground"


class TooYoung(PolicyViolation):
    """Data of someone under the minimum age, or whose age was not asked."""

    problem = "is not collected from someone this young"


class Expired(PolicyViolation):
    """Data whose period is over, whether or not it was removed yet."""

    problem = "is past its period"


class UnsealedField(PolicyViolation):
    """Private financial data outside a vault, or in a form the vault does not take."""

    problem = "cannot be kept"


class CardNumberRefused(PolicyViolation):
    """A payment card's number or track data."""

    problem = "holds a payment card's number"


class ActRefused(Exception):
    """A person asked for something that cannot be done; the message names the way out."""
