"""Erasures, what stays of them, what others were asked, and the list that backups are held
against. All of it random numbers, times and names of tables: who asked stands nowhere."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from django.db import models

from upheld.promises.access.models import derived_token, digest_of
from upheld.vault import lasting_key

_USE = b"erasure:"


class ErasureState(models.TextChoices):
    """Asked becomes revoked or begun; begun becomes done."""

    ASKED = "asked", "can be taken back"
    REVOKED = "revoked", "taken back"
    BEGUN = "begun", "under way"
    DONE = "done", "done"


class ErasureQuerySet(models.QuerySet["Erasure"]):
    def by_token(self, token: str) -> Erasure | None:
        """The erasure whose page carries this token."""
        return self.filter(token_digest=digest_of(token)).first()

    def unfinished(self) -> ErasureQuerySet:
        """Those that the keeper still has to do with, oldest first."""
        return self.filter(state__in=(ErasureState.ASKED, ErasureState.BEGUN)).order_by("asked_at")

    def due(self, now: datetime) -> ErasureQuerySet:
        """Those whose window is over, or that were begun."""
        over = models.Q(state=ErasureState.ASKED, due_at__lte=now)
        return self.filter(over | models.Q(state=ErasureState.BEGUN)).order_by("asked_at")


class Erasure(models.Model):
    """One person's data goes. `subject_id` is a number of its own, so that a finished erasure
    leads to no order."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject_id = models.UUIDField(default=uuid.uuid4, editable=False)
    token_digest = models.CharField(max_length=64, unique=True)
    state = models.CharField(
        max_length=10, choices=ErasureState.choices, default=ErasureState.ASKED
    )
    asked_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    # When all that could go at once was gone.
    erased_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    # False where nobody is to be written to: after a restore the receipt went out long ago.
    has_receipt = models.BooleanField(default=True)
    receipt_queued_at = models.DateTimeField(null=True)

    objects: ClassVar[ErasureQuerySet] = ErasureQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        app_label = "upheld"
        db_table = "upheld_erasure"

    def __str__(self) -> str:
        return f"erasure {self.pk}"

    @classmethod
    def ask(
        cls, account: uuid.UUID | None, now: datetime, due_at: datetime, *, has_receipt: bool = True
    ) -> Erasure:
        """A new one, stored in the caller's transaction."""
        erasure = cls(id=uuid.uuid4(), asked_at=now, due_at=due_at, has_receipt=has_receipt)
        erasure.token_digest = digest_of(erasure.token())
        erasure.save(force_insert=True)
        if account is not None:
            ErasureSubject(erasure=erasure, subject_id=account, is_account=True).save()
        return erasure

    def token(self) -> str:
        """The secret of its page."""
        return derived_token(_USE, self.pk)

    def revoke(self, now: datetime) -> bool:
        """Within the window. Returns whether this call did it."""
        mine = Erasure.objects.filter(pk=self.pk, state=ErasureState.ASKED, due_at__gt=now)
        return bool(mine.update(state=ErasureState.REVOKED, done_at=now))

    def begin(self, now: datetime) -> bool:
        """Asked → begun, once."""
        mine = Erasure.objects.filter(pk=self.pk, state=ErasureState.ASKED)
        if not mine.update(state=ErasureState.BEGUN, begun_at=now):
            return False
        self.state, self.begun_at = ErasureState.BEGUN, now
        return True

    def note(self, **facts: datetime | str) -> None:
        """Store what the keeper found."""
        for name, value in facts.items():
            setattr(self, name, value)
        self.save(update_fields=[*facts])


class ErasureSubject(models.Model):
    """Whose rows go: forgotten once they are gone, because together they would tell which orders
    were one person's."""

    erasure = models.ForeignKey(Erasure, models.CASCADE, related_name="subjects")
    subject_id = models.UUIDField(db_index=True)
    is_account = models.BooleanField(default=False)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_erasure_subject"
        constraints = [
            models.UniqueConstraint(
                fields=["erasure", "subject_id"], name="upheld_erasure_subject_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.erasure_id} {self.pk}"


class ErasureStep(models.Model):
    """How many rows of one model went; written together with their removal. It is named as Django
    labels it: a statement that puts the name of a personal table into another is refused."""

    erasure = models.ForeignKey(Erasure, models.CASCADE, related_name="steps")
    model_label = models.CharField(max_length=64)
    rows = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_erasure_step"
        constraints = [
            models.UniqueConstraint(
                fields=["erasure", "model_label"], name="upheld_erasure_step_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.erasure_id} {self.model_label}"

    @classmethod
    def count(cls, erasure: Erasure, model: type[models.Model], rows: int) -> None:
        """Add `rows`, in the transaction that removed them."""
        if rows:
            step, _ = cls.objects.get_or_create(erasure=erasure, model_label=model._meta.label)
            cls.objects.filter(pk=step.pk).update(rows=models.F("rows") + rows)


class ErasureRest(models.Model):
    """Rows of one table that stay for a while, why, and until when; counted anew at each round."""

    erasure = models.ForeignKey(Erasure, models.CASCADE, related_name="rests")
    model_label = models.CharField(max_length=64)
    # the name of a reason in the policy, `hold`, or `recipient:` and who has yet to erase
    reason = models.CharField(max_length=80)
    # None where it depends on somebody else's word
    until = models.DateField(null=True)
    rows = models.PositiveIntegerField()

    class Meta:
        app_label = "upheld"
        db_table = "upheld_erasure_rest"

    def __str__(self) -> str:
        return f"{self.erasure_id} {self.model_label} {self.reason}"


class RedactionState(models.TextChoices):
    """Where a recipient stands with its part."""

    ASKED = "asked", "asked"
    BY_HAND = "by_hand", "to be asked by hand"
    REFUSED = "refused", "refused"
    CONFIRMED = "confirmed", "erased"
    MUST_KEEP = "must_keep", "kept by a duty of its own"


SETTLED = frozenset({RedactionState.CONFIRMED, RedactionState.MUST_KEEP})


class Redaction(models.Model):
    """One recipient's part of one subject's data. The id is what it is asked under."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    erasure = models.ForeignKey(Erasure, models.CASCADE, related_name="redactions")
    subject_id = models.UUIDField(null=True)
    recipient = models.CharField(max_length=60)
    state = models.CharField(
        max_length=10, choices=RedactionState.choices, default=RedactionState.ASKED
    )
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_redaction"
        constraints = [
            models.UniqueConstraint(
                fields=["erasure", "recipient", "subject_id"], name="upheld_redaction_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.recipient} {self.pk}"

    def settle(self, state: str, now: datetime) -> None:
        """What the recipient, or a person who spoke with it, says."""
        self.state, self.settled_at = state, now if state in SETTLED else None
        self.save(update_fields=["state", "settled_at"])


class Tombstone(models.Model):
    """A keyed digest of a number that names nobody any more, and when its data went."""

    digest = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_tombstone"

    def __str__(self) -> str:
        return f"tombstone of {self.at:%Y-%m-%d}"

    @staticmethod
    def digest_of(subject: uuid.UUID) -> str:
        """The tombstone of this number."""
        key = lasting_key("tombstones")
        return hmac.new(key, b"subject:" + subject.bytes, hashlib.sha256).hexdigest()

    @classmethod
    def set_up(cls, subjects: Iterable[uuid.UUID], now: datetime) -> None:
        """One for each, in the caller's transaction: before the first row goes, so that no
        backup made from then on brings any of it back."""
        stones = [cls(digest=cls.digest_of(subject), at=now) for subject in subjects]
        Tombstone.objects.bulk_create(stones, ignore_conflicts=True)
