"""Giving, withdrawing, and the last word."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from upheld.policy import current
from upheld.promises.consent.models import ConsentRecord
from upheld.promises.consent.question import Question, answered, hash_of, question

GIVEN, WITHDRAWN = "given", "withdrawn"
# A name such as `newsletter_form`: no address of the network and no sentence fits in.
_METHOD = re.compile(r"[a-z][a-z_]{0,59}")


def agree(subject: UUID, token: str, *, purpose: str, method: str, now: datetime) -> ConsentRecord:
    """Record that `subject` agreed to what the form with this token showed: its words, under the
    version of the policy that it showed. Raises `WordsChanged` where another question would be
    asked today: show it again."""
    shown = answered(token, purpose)
    return _record(GIVEN, subject, shown, method, now)


def take_back(subject: UUID, *, purpose: str, method: str, now: datetime) -> ConsentRecord | None:
    """Record that `subject` takes back the consent to `purpose`; None where none was live, so
    that a second press adds nothing. A withdrawal is of what stands, whatever page it came from."""
    if not live(subject, purpose):
        return None
    return _record(WITHDRAWN, subject, question(purpose), method, now)


def give(subject: UUID, *, purpose: str, text: str, method: str, now: datetime) -> ConsentRecord:
    """Record that `subject` agreed to `purpose` on reading exactly `text`, shown in this very
    request. Raises `UndeclaredPurpose` for a purpose that does not rest on consent, `ValueError`
    for an empty text or a method that is no plain name."""
    return _record(GIVEN, subject, _shown_now(purpose, text), method, now)


def withdraw(
    subject: UUID, *, purpose: str, text: str, method: str, now: datetime
) -> ConsentRecord:
    """Record that `subject` took the consent back. Binding on everything sent from now on."""
    return _record(WITHDRAWN, subject, _shown_now(purpose, text), method, now)


def live(subject: UUID, purpose: str) -> bool:
    """Whether the newest word of `subject` on `purpose` is a consent."""
    return _is_given(subject, purpose, None)


def live_at(subject: UUID, purpose: str, moment: datetime) -> bool:
    """Whether it was at `moment`."""
    return _is_given(subject, purpose, moment)


def live_among(subjects: Collection[UUID], purpose: str) -> set[UUID]:
    """Which of `subjects` consent to `purpose` now: one statement, however many they are."""
    words = ConsentRecord.objects.filter(subject_id__in=subjects, purpose=purpose)
    newest = words.order_by().values("subject_id").annotate(newest=Max("pk")).values("newest")
    given = ConsentRecord.objects.filter(pk__in=newest, action=GIVEN)
    return set(given.values_list("subject_id", flat=True))


def _is_given(subject: UUID, purpose: str, moment: datetime | None) -> bool:
    words = ConsentRecord.objects.filter(subject_id=subject, purpose=purpose)
    if moment is not None:
        words = words.filter(at__lte=moment)
    # By order of arrival, not by time: a clock set back must not outlast a withdrawal.
    return words.order_by("-pk").values_list("action", flat=True).first() == GIVEN


def _shown_now(purpose: str, text: str) -> Question:
    asked = question(purpose)
    if not text.strip():
        raise ValueError("A consent needs the text that was shown.")
    return Question(purpose, text, asked.scope, current().version)


def _record(
    action: str, subject: UUID, shown: Question, method: str, now: datetime
) -> ConsentRecord:
    if not _METHOD.fullmatch(method):
        raise ValueError("A consent needs a method such as 'newsletter_form'.")
    record = ConsentRecord(
        subject_id=subject,
        purpose=shown.purpose,
        action=action,
        policy_version=shown.policy_version,
        text_hash=hash_of(shown.text),
        method=method,
        at=now,
    )
    record.save_base(force_insert=True)  # save() is closed to everyone; rows are only added
    return record
