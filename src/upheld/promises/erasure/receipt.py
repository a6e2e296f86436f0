"""What an erasure says of itself, on its page and in its letters: words of the policy, counts and
days, and nobody's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.apps import apps

from upheld.policy import current
from upheld.policy.facts import plain
from upheld.promises.erasure.models import Erasure, ErasureState, RedactionState
from upheld.promises.erasure.rows import HOLD
from upheld.promises.retention.models import Hold
from upheld.promises.retention.periods import fields_by_column
from upheld.vault.models import SealedValue

_SEALED_WORDS = "sealed payment details"


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays, why, and until when; None where it depends on somebody else's word."""

    words: str
    why: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Other:
    """A recipient and where it stands with its part."""

    words: str
    state: str
    settled: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """One erasure as people read it."""

    state: str
    asked_at: datetime
    due_at: datetime
    erased_at: datetime | None
    done_at: datetime | None
    went: tuple[str, ...]
    stays: tuple[Kept, ...]
    others: tuple[Other, ...]
    may_be_revoked: bool

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left here, and nothing to hear from others."""
        return self.state == ErasureState.DONE


def receipt_of(erasure: Erasure, now: datetime) -> Receipt:
    """The erasure as it stands. A hold's reason is personal, so this runs under the purpose of
    `[access]`."""
    policy = current()
    went = {words: None for step in erasure.steps.order_by("model_label") if step.rows
            for words in words_of(step.model_label)}  # fmt: skip
    others = [
        Other(
            plain(policy.recipients[each.recipient].words),
            RedactionState(each.state).label,
            each.settled_at is not None,
        )
        for each in erasure.redactions.order_by("asked_at", "pk")
        if each.recipient in policy.recipients
    ]
    return Receipt(
        state=erasure.state,
        asked_at=erasure.asked_at,
        due_at=erasure.due_at,
        erased_at=erasure.erased_at,
        done_at=erasure.done_at,
        went=tuple(went),
        stays=tuple(dict.fromkeys(_kept(erasure))),
        others=tuple(others),
        may_be_revoked=erasure.state == ErasureState.ASKED and now < erasure.due_at,
    )


def words_of(label: str) -> list[str]:
    """What the rows of a model are, in the words of the policy; nothing for mere numbers."""
    if label == SealedValue._meta.label:
        return [_SEALED_WORDS]
    policy = current()
    declared = policy.inventory.tables.get(apps.get_model(label)._meta.db_table)
    if declared is None or not declared.is_personal:
        return []
    names = {name: None for held in fields_by_column(declared).values() for name in sorted(held)}
    return [plain(policy.fields[name].words) for name in names if name in policy.fields]


def _kept(erasure: Erasure) -> list[Kept]:
    found = list[Kept]()
    for rest in erasure.rests.order_by("model_label", "reason", "pk"):
        for words in words_of(rest.model_label):
            found.append(Kept(words, _why(erasure, rest.reason), rest.until))
    return found


def _why(erasure: Erasure, reason: str) -> str:
    policy = current()
    if reason == HOLD:
        subjects = erasure.subjects.values_list("subject_id", flat=True)
        holds = Hold.objects.filter(subject_id__in=list(subjects)).order_by("pk")
        said = "; ".join(hold.reason for hold in holds)
        return f"a hold: {said}" if said else "a hold"
    kind, _, recipient = reason.partition(":")
    if kind == "recipient" and recipient in policy.recipients:
        return f"{plain(policy.recipients[recipient].words)}: it has yet to erase its part"
    return plain(policy.erasure.stays[reason].words) if reason in policy.erasure.stays else reason
