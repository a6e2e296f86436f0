"""P46: a scratch consent is given, taken back and misused through the real gate, and every record
is looked at."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

from django.db import transaction

from upheld.policy import Policy
from upheld.promises.consent.gate import agree, live, take_back
from upheld.promises.consent.models import ConsentRecord
from upheld.promises.consent.question import Question, WordsChanged, questions
from upheld.promises.proof import Proof

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


def prove(policy: Policy, now: datetime) -> list[Proof]:
    """One proof. Nothing of the scratch consent stays."""
    asked = questions()
    if not asked:
        text = "No purpose of this policy rests on consent, so none is asked for."
        return [Proof("P46", "unproven", None, None, text)]
    wrong = [problem for each in asked if (problem := _try(each, now))]
    records = ConsentRecord.objects.count()
    population = records + len(asked)
    loose = _unbound(policy)
    if wrong or loose:
        text = wrong[0] if wrong else f"{loose} records name no version or no words."
        return [Proof("P46", "broken", "tested", population, text)]
    text = (
        f"Records: {records}, each bound to a version and to a digest of its words. A scratch "
        f"consent to each of {len(asked)} purposes counted until it was taken back, under its own "
        "version; one to other words was refused."
    )
    return [Proof("P46", "kept", "tested", population, text)]


def _try(asked: Question, now: datetime) -> str | None:
    """What goes wrong with a scratch subject's consent; None where all is well."""
    subject = uuid.uuid4()
    with transaction.atomic():
        other = Question(
            asked.purpose, f"{asked.text} And more.", asked.scope, asked.policy_version
        )
        refused = not _agrees(subject, other, now) and not live(subject, asked.purpose)
        given = _agrees(subject, asked, now) and live(subject, asked.purpose)
        bound = ConsentRecord.objects.filter(
            subject_id=subject, text_hash=asked.text_hash, policy_version=asked.policy_version
        ).exists()
        take_back(subject, purpose=asked.purpose, method="proof", now=now)
        ended = not live(subject, asked.purpose)
        transaction.set_rollback(True)
    if not refused:
        return "A consent to words that are not shown was recorded."
    if not (given and bound):
        return "A consent was not recorded as it was given."
    return None if ended else "A consent outlived its withdrawal."


def _agrees(subject: uuid.UUID, shown: Question, now: datetime) -> bool:
    try:
        agree(subject, shown.token(), purpose=shown.purpose, method="proof", now=now)
    except WordsChanged:
        return False
    return True


def _unbound(policy: Policy) -> int:
    words = ConsentRecord.objects.values_list("text_hash", "policy_version").distinct()
    return sum(
        not _DIGEST.fullmatch(text) or not 1 <= version <= policy.version for text, version in words
    )
