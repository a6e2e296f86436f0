"""The outbox holds a kind and ids; what was sent keeps its ground, never its words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models

from upheld.db.prepared import Asked, PreparedChange
from upheld.promises.disclosure.models import Disclosure


class OutboxState(models.TextChoices):
    """Where a letter stands before it is accepted."""

    QUEUED = "queued", "waiting to be sent"
    SENDING = "sending", "on its way to the relay"
    REFUSED = "refused", "refused for good"


class OutboxMail(models.Model):
    """A letter not yet accepted by the relay. Rendered at the moment of sending; deleted when
    accepted."""

    kind = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    ground_kind = models.CharField(max_length=20)
    ground_table = models.CharField(max_length=64)
    ground_key = models.CharField(max_length=64)
    message_id = models.CharField(max_length=200, unique=True)
    queued_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=OutboxState.choices, default=OutboxState.QUEUED)
    # one letter is one disclosure, however often it is tried
    disclosure = models.ForeignKey(Disclosure, models.PROTECT, null=True, related_name="+")
    tried_at = models.DateTimeField(null=True)
    # the relay's code where it refused; null where the letter itself could not be built
    refused_code = models.PositiveSmallIntegerField(null=True)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_outbox_mail"

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def is_being_sent(self, now: datetime, seconds_max: int) -> bool:
        """Whether a worker marked it so lately that it may still be at it."""
        if self.state != OutboxState.SENDING or self.tried_at is None:
            return False
        return now < self.tried_at + timedelta(seconds=seconds_max)

    def mark_sending(self, disclosure: Disclosure, now: datetime) -> None:
        """Before the first byte leaves, so that a second worker sees it and a crash shows."""
        self.state, self.disclosure, self.tried_at = OutboxState.SENDING, disclosure, now
        _MARK.run(pk=self.pk, state=self.state, disclosure=disclosure.pk, now=now)

    def put_back(self) -> None:
        """The relay did not take it this time."""
        self._settle(state=OutboxState.QUEUED)

    def refuse(self, code: int | None) -> None:
        """It will never be taken; the row stays where the owner sees it."""
        self._settle(state=OutboxState.REFUSED, refused_code=code)

    def _settle(self, **values: object) -> None:
        # Only by the worker whose mark it still is: a slow one must not undo its successor's.
        OutboxMail.objects.filter(pk=self.pk, tried_at=self.tried_at).update(**values)


_MARK = PreparedChange(
    lambda: OutboxMail.objects.filter(pk=Asked("pk")),
    state=Asked("state"),
    disclosure=Asked("disclosure"),
    tried_at=Asked("now"),
)


class SentMailQuerySet(models.QuerySet["SentMail"]):
    def between(self, start: datetime, end: datetime) -> SentMailQuerySet:
        """Letters accepted after `start` and not after `end`, oldest first."""
        return self.filter(sent_at__gt=start, sent_at__lte=end).order_by("pk")


class SentMail(models.Model):
    """That a letter of this kind left on this ground."""

    kind = models.CharField(max_length=60)
    subject_id = models.UUIDField(db_index=True)
    ground_kind = models.CharField(max_length=20)
    ground_table = models.CharField(max_length=64)
    ground_key = models.CharField(max_length=64)
    message_id = models.CharField(max_length=200, unique=True)
    sent_at = models.DateTimeField(db_index=True)

    # The stubs know a plain manager here; at run time it has every method of the query set.
    objects: ClassVar[SentMailQuerySet] = SentMailQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        app_label = "upheld"
        db_table = "upheld_sent_mail"

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
