"""Giving, withdrawing, and the last word."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from uuid import UUID

from upheld.policy import current
from upheld.policy.errors import UndeclaredPurpose
from upheld.promises.consent.models import ConsentRecord

GIVEN, WITHDRAWN = "given", "withdrawn"
# A name such as `newsletter_form`: no address of the network and no sentence fits in.
_METHOD = re.compile(r"[a-z][a-z_]{0,59}")


def give(subject: UUID, *, purpose: str, text: str, method: str, now: datetime) -> ConsentRecord:
    """Record that `subject` agreed to `purpose` on reading exactly `text`. Raises
    `UndeclaredPurpose` for a purpose that does not rest on consent, `ValueError` for an empty
    text or a method that is no plain name."""
    return _record(GIVEN, subject, purpose, (text, method), now)


def withdraw(
    subject: UUID, *, purpose: str, text: str, method: str, now: datetime
) -> ConsentRecord:
    """Record that `subject` took the consent back. Binding on everything sent from now on."""
    return _record(WITHDRAWN, subject, purpose, (text, method), now)


def live(subject: UUID, purpose: str) -> bool:
    """Whether the newest word of `subject` on `purpose` is a consent."""
    return _is_given(subject, purpose, None)


def live_at(subject: UUID, purpose: str, moment: datetime) -> bool:
    """Whether it was at `moment`."""
    return _is_given(subject, purpose, moment)


def _is_given(subject: UUID, purpose: str, moment: datetime | None) -> bool:
    words = ConsentRecord.objects.filter(subject_id=subject, purpose=purpose)
    if moment is not None:
        words = words.filter(at__lte=moment)
    # By order of arrival, not by time: a clock set back must not outlast a withdrawal.
    return words.order_by("-pk").values_list("action", flat=True).first() == GIVEN


def _record(
    action: str, subject: UUID, purpose: str, shown: tuple[str, str], now: datetime
) -> ConsentRecord:
    policy, (text, method) = current(), shown
    declared = policy.purposes.get(purpose)
    if declared is None or declared.basis != "consent":
        raise UndeclaredPurpose(
            clause=declared.clause if declared else "P46",
            field=purpose,
            problem="does not rest on consent",
            remedy='Give the purpose basis = "consent" in policy.toml, or do not ask.',
        )
    if not text.strip() or not _METHOD.fullmatch(method):
        raise ValueError("A consent needs the text that was shown and a method such as 'form'.")
    record = ConsentRecord(
        subject_id=subject,
        purpose=purpose,
        action=action,
        policy_version=policy.version,
        text_hash=hashlib.sha256(text.encode()).hexdigest(),
        method=method,
        at=now,
    )
    record.save_base(force_insert=True)  # save() is closed to everyone; rows are only added
    return record
