"""P07: each mail sent is matched to its ground, and mails without one are tried."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from upheld.policy import Policy
from upheld.policy.errors import NoProofOfConsent
from upheld.promises.mail.grounds import (
    Consented,
    Contract,
    Ground,
    GroundRow,
    as_row,
    stands,
)
from upheld.promises.mail.letter import Letter, compose
from upheld.promises.mail.models import OutboxMail, OutboxState, SentMail
from upheld.promises.proof import Proof

_LOOK_BACK = timedelta(days=365)


def prove(policy: Policy, now: datetime) -> list[Proof]:
    """Count what was sent in the last year; try each kind of mail on grounds that do not
    exist, at the door and at the second look before sending. Writes nothing."""
    sent, groundless = _look_at_sent(now)
    tries = [attempt for kind in policy.mails for attempt in _attempts(policy, kind)]
    passed = [kind for kind, subject, ground in tries if _passes(kind, subject, ground, now)]
    passed += ["forged"] if _forgery_passes() else []
    if not policy.mails and not sent:
        return [Proof("P07", "unproven", None, None, "No mail is declared and none was sent.")]
    count = len(tries) + 1
    broken = groundless or passed
    refused = OutboxMail.objects.filter(state=OutboxState.REFUSED).count()
    figure = (
        f"{sent} mails of the last year looked at, {groundless} without an order or a consent "
        f"behind them; {count} mails without one tried, {len(passed)} let through."
    ) + (f" {refused} refused by the relay wait in the outbox." if refused else "")
    return [Proof("P07", "broken" if broken else "kept", "tested", sent + count, figure)]


def _look_at_sent(now: datetime) -> tuple[int, int]:
    seen = groundless = 0
    for mail in SentMail.objects.between(now - _LOOK_BACK, now).iterator():
        seen += 1
        ground = GroundRow(mail.ground_kind, mail.ground_table, mail.ground_key)
        groundless += not stands(mail.kind, mail.subject_id, ground, at=mail.sent_at)
    return seen, groundless


def _attempts(policy: Policy, kind: str) -> list[tuple[str, UUID, Ground]]:
    """Grounds invented on the spot: contracts that nobody made, and a consent nobody gave."""
    contracts = sorted(name for name, table in policy.inventory.tables.items() if table.contract)
    others = sorted(name for name, table in policy.inventory.tables.items() if not table.contract)
    stranger = uuid4()
    grounds: list[Ground] = [Contract(table, str(uuid4())) for table in contracts]
    grounds += [Contract(table, "1") for table in others[:1]]
    grounds.append(Consented(policy.mails[kind].purpose))
    return [(kind, stranger, ground) for ground in grounds]


def _passes(kind: str, subject: UUID, ground: Ground, now: datetime) -> bool:
    """Whether the gate lets the letter be, or the look before sending finds a ground."""
    try:
        compose(kind, subject=subject, ground=ground, now=now)
    except NoProofOfConsent:
        return stands(kind, subject, as_row(ground, subject))
    return True


def _forgery_passes() -> bool:
    try:
        object.__new__(Letter).queue()
    except NoProofOfConsent:
        return False
    return True
