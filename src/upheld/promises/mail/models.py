"""The outbox holds a kind and ids; what was sent keeps its ground, never its words."""

from __future__ import annotations

from django.db import models


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
    state = models.CharField(max_length=20, default="queued")

    class Meta:
        app_label = "upheld"
        db_table = "upheld_outbox_mail"

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class SentMail(models.Model):
    """That a letter of this kind left on this ground."""

    kind = models.CharField(max_length=60)
    ground_kind = models.CharField(max_length=20)
    ground_table = models.CharField(max_length=64)
    ground_key = models.CharField(max_length=64)
    message_id = models.CharField(max_length=200, unique=True)
    sent_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = "upheld"
        db_table = "upheld_sent_mail"

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
