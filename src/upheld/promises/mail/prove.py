"""P07: each mail sent is matched to its ground, and mails without one are tried."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID, uuid4

from upheld.policy import Policy
from upheld.policy.errors import NoProofOfConsent
from upheld.promises.mail.grounds import (
    ASKED_FOR,
    Consented,
    Contract,
    Ground,
    GroundRow,
    as_row,
    basis_of,
    owners_of,
    stands,
)
from upheld.promises.mail.letter import Letter, compose
from upheld.promises.mail.models import OutboxMail, OutboxState, SentMail
from upheld.promises.proof import Proof

_LOOK_BACK = timedelta(days=365)
_BATCH = 500


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
    """How many letters were sent in the last year, and how many of them have no ground."""
    seen = groundless = 0
    mails = SentMail.objects.between(now - _LOOK_BACK, now).iterator(chunk_size=_BATCH)
    while batch := list(islice(mails, _BATCH)):
        seen += len(batch)
        owners = _owners(batch)
        groundless += sum(not _has_ground(mail, owners) for mail in batch)
    return seen, groundless


def _owners(batch: list[SentMail]) -> dict[tuple[str, str], UUID]:
    """Whose the contracts behind a batch are, in one query a table."""
    keys: dict[str, set[str]] = {}
    for mail in batch:
        keys.setdefault(mail.ground_table, set()).add(mail.ground_key)
    return {
        (table, key): owner
        for table, wanted in keys.items()
        for key, owner in owners_of(table, wanted).items()
    }


def _has_ground(mail: SentMail, owners: dict[tuple[str, str], UUID]) -> bool:
    ground = GroundRow(mail.ground_kind, mail.ground_table, mail.ground_key)
    if ground.kind == "contract":
        owner = owners.get((ground.table, ground.key))
        return basis_of(mail.kind) in ASKED_FOR and owner == mail.subject_id
    return stands(mail.kind, mail.subject_id, ground, at=mail.sent_at)


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
